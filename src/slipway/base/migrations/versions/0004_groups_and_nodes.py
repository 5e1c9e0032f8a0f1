"""groups and nodes"""

import sqlalchemy as sa
from sqlalchemy import Text  # noqa: F401  rendered types name it
from alembic import op

import slipway.base.database

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('node_join_tokens',
    sa.Column('hash', sa.Text(), nullable=False),
    sa.Column('group_id', sa.Text(), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('created_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('expires_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('used_at', slipway.base.database.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['group_id'], ['resource_groups.id'], name=op.f('fk_node_join_tokens_group_id')),
    sa.PrimaryKeyConstraint('hash', name=op.f('pk_node_join_tokens'))
    )
    with op.batch_alter_table('nodes', schema=None) as batch_op:
        batch_op.add_column(sa.Column('state_since', slipway.base.database.UtcTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('error_code', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('cordon_reason', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('drain_until', slipway.base.database.UtcTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('clearing', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('reminded_at', slipway.base.database.UtcTime(timezone=True), nullable=True))

    with op.batch_alter_table('resource_groups', schema=None) as batch_op:
        batch_op.add_column(sa.Column('deleted_at', slipway.base.database.UtcTime(timezone=True), nullable=True))
        batch_op.drop_constraint(batch_op.f('uq_resource_groups_name'), type_='unique')
        batch_op.create_index('uq_resource_groups_live_name', ['site', 'name'], unique=True, sqlite_where=sa.text('deleted_at IS NULL'), postgresql_where=sa.text('deleted_at IS NULL'))



def downgrade() -> None:
    with op.batch_alter_table('resource_groups', schema=None) as batch_op:
        batch_op.drop_index('uq_resource_groups_live_name', sqlite_where=sa.text('deleted_at IS NULL'), postgresql_where=sa.text('deleted_at IS NULL'))
        batch_op.create_unique_constraint(batch_op.f('uq_resource_groups_name'), ['name'])
        batch_op.drop_column('deleted_at')

    with op.batch_alter_table('nodes', schema=None) as batch_op:
        batch_op.drop_column('reminded_at')
        batch_op.drop_column('clearing')
        batch_op.drop_column('drain_until')
        batch_op.drop_column('cordon_reason')
        batch_op.drop_column('error_code')
        batch_op.drop_column('state_since')

    op.drop_table('node_join_tokens')
