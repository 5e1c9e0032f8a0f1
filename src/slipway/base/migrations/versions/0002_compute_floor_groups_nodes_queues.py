"""compute floor: groups, nodes, queues"""

import sqlalchemy as sa
from sqlalchemy import Text  # noqa: F401  rendered types name it
from alembic import op

import slipway.base.database
from sqlalchemy.dialects import postgresql
revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('instances', schema=None) as batch_op:
        batch_op.add_column(sa.Column('engine', sa.Text(), nullable=False, server_default='process'))
        batch_op.create_index(batch_op.f('ix_instances_node_id'), ['node_id'], unique=False)

    with op.batch_alter_table('nodes', schema=None) as batch_op:
        batch_op.add_column(sa.Column('state', sa.Text(), nullable=False, server_default='running'))
        batch_op.add_column(sa.Column('reason', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('cordoned', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('engine_node', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('info', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('created_by', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('joined_at', slipway.base.database.UtcTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('planned_end', slipway.base.database.UtcTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('ended_at', slipway.base.database.UtcTime(timezone=True), nullable=True))
        batch_op.create_index(batch_op.f('ix_nodes_engine_node'), ['engine_node'], unique=False)
        batch_op.drop_column('ready')

    with op.batch_alter_table('resource_groups', schema=None) as batch_op:
        batch_op.add_column(sa.Column('site', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('tags', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('policy', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('preset_by_gpu', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('created_by', sa.Text(), nullable=False, server_default=''))

    with op.batch_alter_table('training_tasks', schema=None) as batch_op:
        batch_op.drop_index('ix_training_tasks_list')
        batch_op.create_index('ix_training_tasks_list', ['project_id', 'created_at', 'id', 'state', 'name', 'created_by'], unique=False)
        batch_op.add_column(sa.Column('evictions', sa.Integer(), nullable=False, server_default='0'))

    with op.batch_alter_table('workloads', schema=None) as batch_op:
        batch_op.add_column(sa.Column('tags', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('evictions', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('reschedules', sa.Integer(), nullable=False, server_default='0'))
        batch_op.alter_column('priority',
               existing_type=sa.INTEGER(),
               nullable=True)
        batch_op.drop_index(batch_op.f('ix_workloads_open'))
        batch_op.create_index('ix_workloads_open', ['state', 'created_at'], unique=False)

    op.execute('UPDATE workloads SET priority = NULL')  # until now nobody could set one


def downgrade() -> None:
    op.execute('UPDATE workloads SET priority = 0 WHERE priority IS NULL')
    with op.batch_alter_table('workloads', schema=None) as batch_op:
        batch_op.drop_index('ix_workloads_open')
        batch_op.create_index(batch_op.f('ix_workloads_open'), ['state', 'priority', 'queued_at'], unique=False)
        batch_op.alter_column('priority',
               existing_type=sa.INTEGER(),
               nullable=False)
        batch_op.drop_column('reschedules')
        batch_op.drop_column('evictions')
        batch_op.drop_column('tags')

    with op.batch_alter_table('training_tasks', schema=None) as batch_op:
        batch_op.drop_index('ix_training_tasks_list')
        batch_op.create_index('ix_training_tasks_list', ['project_id', 'created_at'], unique=False)
        batch_op.drop_column('evictions')

    with op.batch_alter_table('resource_groups', schema=None) as batch_op:
        batch_op.drop_column('created_by')
        batch_op.drop_column('preset_by_gpu')
        batch_op.drop_column('policy')
        batch_op.drop_column('tags')
        batch_op.drop_column('site')

    with op.batch_alter_table('nodes', schema=None) as batch_op:
        batch_op.add_column(sa.Column('ready', sa.BOOLEAN(), nullable=False, server_default=sa.true()))
        batch_op.drop_index(batch_op.f('ix_nodes_engine_node'))
        batch_op.drop_column('ended_at')
        batch_op.drop_column('planned_end')
        batch_op.drop_column('joined_at')
        batch_op.drop_column('created_by')
        batch_op.drop_column('info')
        batch_op.drop_column('engine_node')
        batch_op.drop_column('cordoned')
        batch_op.drop_column('reason')
        batch_op.drop_column('state')

    with op.batch_alter_table('instances', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_instances_node_id'))
        batch_op.drop_column('engine')

