"""scaling of services"""

import sqlalchemy as sa
from sqlalchemy import Text  # noqa: F401  rendered types name it
from alembic import op

import slipway.base.database  # noqa: F401  rendered types name it
from sqlalchemy.dialects import postgresql

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('service_minutes',
    sa.Column('version_id', sa.Text(), nullable=False),
    sa.Column('minute', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('expected', sa.Double(), nullable=False),
    sa.Column('running', sa.Double(), nullable=False),
    sa.Column('cpu_pct', sa.Double(), nullable=True),
    sa.Column('mem_pct', sa.Double(), nullable=True),
    sa.Column('gpu_pct', sa.Double(), nullable=True),
    sa.Column('gpu_mem_pct', sa.Double(), nullable=True),
    sa.Column('in_flight', sa.Double(), nullable=True),
    sa.Column('llm_running', sa.Double(), nullable=True),
    sa.Column('llm_waiting', sa.Double(), nullable=True),
    sa.Column('kv_cache_pct', sa.Double(), nullable=True),
    sa.ForeignKeyConstraint(['version_id'], ['service_versions.id'], name=op.f('fk_service_minutes_version_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('version_id', 'minute', name=op.f('pk_service_minutes'))
    )
    op.create_table('service_scaling_steps',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('version_id', sa.Text(), nullable=False),
    sa.Column('time', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('before', sa.Integer(), nullable=False),
    sa.Column('after', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['version_id'], ['service_versions.id'], name=op.f('fk_service_scaling_steps_version_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_scaling_steps'))
    )
    with op.batch_alter_table('service_scaling_steps', schema=None) as batch_op:
        batch_op.create_index('ix_service_scaling_steps_version', ['version_id', 'time'], unique=False)

    with op.batch_alter_table('service_versions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('default_replicas', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('scaling', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), server_default='{}', nullable=False))
        batch_op.add_column(sa.Column('scaled_until', slipway.base.database.UtcTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('bound_low', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('bound_high', sa.Integer(), nullable=True))

    with op.batch_alter_table('services', schema=None) as batch_op:
        batch_op.add_column(sa.Column('mode', sa.Text(), server_default='STANDARD', nullable=False))
        batch_op.add_column(sa.Column('site', sa.Text(), server_default='local', nullable=False))
        batch_op.add_column(sa.Column('rolling_out', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('stop_at', slipway.base.database.UtcTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('rollout', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=True))

    with op.batch_alter_table('call_minutes', schema=None) as batch_op:
        batch_op.add_column(sa.Column('later_ms', sa.Double(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('later_tokens', sa.BigInteger(), server_default='0', nullable=False))

    # What a version had is what it shall come back to.
    op.execute("UPDATE service_versions SET default_replicas = replicas")


def downgrade() -> None:
    with op.batch_alter_table('call_minutes', schema=None) as batch_op:
        batch_op.drop_column('later_tokens')
        batch_op.drop_column('later_ms')

    with op.batch_alter_table('services', schema=None) as batch_op:
        batch_op.drop_column('rollout')
        batch_op.drop_column('rolling_out')
        batch_op.drop_column('stop_at')
        batch_op.drop_column('site')
        batch_op.drop_column('mode')

    with op.batch_alter_table('service_versions', schema=None) as batch_op:
        batch_op.drop_column('bound_high')
        batch_op.drop_column('bound_low')
        batch_op.drop_column('scaled_until')
        batch_op.drop_column('scaling')
        batch_op.drop_column('default_replicas')

    with op.batch_alter_table('service_scaling_steps', schema=None) as batch_op:
        batch_op.drop_index('ix_service_scaling_steps_version')

    op.drop_table('service_scaling_steps')
    op.drop_table('service_minutes')
