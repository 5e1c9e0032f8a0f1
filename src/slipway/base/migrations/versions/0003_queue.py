"""queue: computed priorities, displacement, quotas"""

import sqlalchemy as sa
from sqlalchemy import Text  # noqa: F401  rendered types name it
from alembic import op

import slipway.base.database
revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('card_quotas',
    sa.Column('group_id', sa.Text(), nullable=False),
    sa.Column('project_id', sa.Text(), nullable=False),
    sa.Column('card_model', sa.Text(), nullable=False),
    sa.Column('guaranteed', sa.Integer(), nullable=False),
    sa.Column('maximum', sa.Integer(), nullable=True),
    sa.Column('updated_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['group_id'], ['resource_groups.id'], name=op.f('fk_card_quotas_group_id_resource_groups')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_card_quotas_project_id_projects')),
    sa.PrimaryKeyConstraint('group_id', 'project_id', 'card_model', name=op.f('pk_card_quotas'))
    )
    with op.batch_alter_table('workloads', schema=None) as batch_op:
        batch_op.add_column(sa.Column('queue_priority', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('displaced_for', sa.Text(), nullable=True))
        batch_op.create_index(batch_op.f('ix_workloads_displaced_for'), ['displaced_for'], unique=False)
        batch_op.create_index('ix_workloads_queue', ['group_id', 'state', 'queue_priority', 'created_at', 'id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('workloads', schema=None) as batch_op:
        batch_op.drop_index('ix_workloads_queue')
        batch_op.drop_index(batch_op.f('ix_workloads_displaced_for'))
        batch_op.drop_column('displaced_for')
        batch_op.drop_column('queue_priority')

    op.drop_table('card_quotas')
