"""alarms of services and calls of instances by the minute"""

import sqlalchemy as sa
from sqlalchemy import Text  # noqa: F401  rendered types name it
from alembic import op

import slipway.base.database
from sqlalchemy.dialects import postgresql
revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('replica_minutes',
    sa.Column('replica_id', sa.Text(), nullable=False),
    sa.Column('minute', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('calls', sa.Integer(), nullable=False),
    sa.Column('failed', sa.Integer(), nullable=False),
    sa.Column('request_bytes', sa.BigInteger(), nullable=False),
    sa.Column('response_bytes', sa.BigInteger(), nullable=False),
    sa.Column('duration_ms', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('replica_id', 'minute', name=op.f('pk_replica_minutes'))
    )
    with op.batch_alter_table('replica_minutes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_replica_minutes_minute'), ['minute'], unique=False)

    op.create_table('service_alarms',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('service_id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('metric', sa.Text(), nullable=False),
    sa.Column('comparison', sa.Text(), nullable=False),
    sa.Column('threshold', sa.Double(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('severity', sa.Text(), nullable=False),
    sa.Column('targets', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('firing', sa.Boolean(), nullable=False),
    sa.Column('value', sa.Double(), nullable=True),
    sa.Column('since', slipway.base.database.UtcTime(timezone=True), nullable=True),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('creator_name', sa.Text(), nullable=False),
    sa.Column('created_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('updated_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_service_alarms_service_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_alarms'))
    )
    with op.batch_alter_table('service_alarms', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_alarms_service_id'), ['service_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('service_alarms', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_service_alarms_service_id'))

    op.drop_table('service_alarms')
    with op.batch_alter_table('replica_minutes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_replica_minutes_minute'))

    op.drop_table('replica_minutes')
