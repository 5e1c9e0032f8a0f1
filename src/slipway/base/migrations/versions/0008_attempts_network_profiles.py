"""attempts, network profiles, task reschedules"""

import sqlalchemy as sa
from sqlalchemy import Text  # noqa: F401  rendered types name it
from alembic import op

import slipway.base.database
from sqlalchemy.dialects import postgresql
revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('network_profiles',
    sa.Column('gpu_model', sa.Text(), nullable=False),
    sa.Column('variables', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('updated_by', sa.Text(), nullable=False),
    sa.Column('updated_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('gpu_model', name=op.f('pk_network_profiles'))
    )
    op.create_table('workload_attempts',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('workload_id', sa.Text(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('queued_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('placed_at', slipway.base.database.UtcTime(timezone=True), nullable=True),
    sa.Column('started_at', slipway.base.database.UtcTime(timezone=True), nullable=True),
    sa.Column('ended_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('ending', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['workload_id'], ['workloads.id'], name=op.f('fk_workload_attempts_workload_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_workload_attempts')),
    sa.UniqueConstraint('workload_id', 'number', name='uq_workload_attempts_number')
    )
    with op.batch_alter_table('training_tasks', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reschedules', sa.Integer(), nullable=False, server_default='0'))



def downgrade() -> None:
    with op.batch_alter_table('training_tasks', schema=None) as batch_op:
        batch_op.drop_column('reschedules')

    op.drop_table('workload_attempts')
    op.drop_table('network_profiles')
