"""flavours of groups, settings of card types, where nodes stand, how long instances waited"""

import sqlalchemy as sa
from alembic import op

import slipway.base.database

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('resource_flavours',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('group_id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('cpu_cores', sa.Float(), nullable=False),
    sa.Column('memory_bytes', sa.BigInteger(), nullable=False),
    sa.Column('gpus', sa.Float(), nullable=False),
    sa.Column('gpu_model', sa.Text(), nullable=True),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('created_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['group_id'], ['resource_groups.id'], name=op.f('fk_resource_flavours_group_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_resource_flavours')),
    sa.UniqueConstraint('group_id', 'name', name='uq_resource_flavours_name')
    )
    op.create_table('card_types',
    sa.Column('model', sa.Text(), nullable=False),
    sa.Column('sharing', sa.Boolean(), nullable=False),
    sa.Column('updated_by', sa.Text(), nullable=False),
    sa.Column('updated_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('model', name=op.f('pk_card_types'))
    )
    with op.batch_alter_table('nodes', schema=None) as batch_op:
        batch_op.add_column(sa.Column('zone', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('rack', sa.Text(), nullable=False, server_default=''))
    with op.batch_alter_table('instances', schema=None) as batch_op:
        batch_op.add_column(sa.Column('waited_s', sa.Float(), nullable=False, server_default='0'))
    with op.batch_alter_table('usage', schema=None) as batch_op:
        batch_op.create_index('ix_usage_kind_time', ['kind', 'time'], unique=False)
    with op.batch_alter_table('training_tasks', schema=None) as batch_op:
        batch_op.create_index(
            'ix_training_tasks_updated', ['project_id', 'updated_at', 'id'], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table('training_tasks', schema=None) as batch_op:
        batch_op.drop_index('ix_training_tasks_updated')
    with op.batch_alter_table('usage', schema=None) as batch_op:
        batch_op.drop_index('ix_usage_kind_time')
    with op.batch_alter_table('instances', schema=None) as batch_op:
        batch_op.drop_column('waited_s')
    with op.batch_alter_table('nodes', schema=None) as batch_op:
        batch_op.drop_column('rack')
        batch_op.drop_column('zone')
    op.drop_table('card_types')
    op.drop_table('resource_flavours')
