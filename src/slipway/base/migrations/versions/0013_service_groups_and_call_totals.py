"""service groups and call totals"""

import sqlalchemy as sa
from sqlalchemy import Text  # noqa: F401  rendered types name it
from alembic import op

import slipway.base.database
from sqlalchemy.dialects import postgresql
revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('call_counts',
    sa.Column('service_id', sa.Text(), nullable=False),
    sa.Column('project_id', sa.Text(), nullable=False),
    sa.Column('calls', sa.BigInteger(), nullable=False),
    sa.Column('failed', sa.BigInteger(), nullable=False),
    sa.Column('tokens', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('service_id', 'project_id', name=op.f('pk_call_counts'))
    )
    with op.batch_alter_table('call_counts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_call_counts_project_id'), ['project_id'], unique=False)

    op.create_table('call_totals',
    sa.Column('project_id', sa.Text(), nullable=False),
    sa.Column('minute', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('group_id', sa.Text(), nullable=False),
    sa.Column('service_id', sa.Text(), nullable=False),
    sa.Column('model', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('calls', sa.BigInteger(), nullable=False),
    sa.Column('prompt_tokens', sa.BigInteger(), nullable=False),
    sa.Column('completion_tokens', sa.BigInteger(), nullable=False),
    sa.Column('images', sa.BigInteger(), nullable=False),
    sa.Column('cost', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('project_id', 'minute', 'group_id', 'service_id', 'model', 'code', name=op.f('pk_call_totals'))
    )
    op.create_table('service_groups',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('project_id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('banned_at', slipway.base.database.UtcTime(timezone=True), nullable=True),
    sa.Column('banned_by', sa.Text(), nullable=True),
    sa.Column('ban_reason', sa.Text(), nullable=False),
    sa.Column('rules', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('creator_name', sa.Text(), nullable=False),
    sa.Column('created_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('updated_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('deleted_at', slipway.base.database.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_service_groups_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_groups'))
    )
    with op.batch_alter_table('service_groups', schema=None) as batch_op:
        batch_op.create_index('ix_service_groups_list', ['project_id', 'created_at'], unique=False)
        batch_op.create_index('uq_service_groups_name', ['project_id', 'name'], unique=True, sqlite_where=sa.text('deleted_at IS NULL'), postgresql_where=sa.text('deleted_at IS NULL'))

    op.create_table('service_group_keys',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('group_id', sa.Text(), nullable=False),
    sa.Column('hint', sa.Text(), nullable=False),
    sa.Column('secret_hash', sa.Text(), nullable=False),
    sa.Column('secret_sealed', sa.Text(), nullable=False),
    sa.Column('created_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('ends_at', slipway.base.database.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['group_id'], ['service_groups.id'], name=op.f('fk_service_group_keys_group_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_group_keys')),
    sa.UniqueConstraint('secret_hash', name=op.f('uq_service_group_keys_secret_hash'))
    )
    with op.batch_alter_table('service_group_keys', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_group_keys_group_id'), ['group_id'], unique=False)

    op.create_table('service_group_links',
    sa.Column('group_id', sa.Text(), nullable=False),
    sa.Column('service_id', sa.Text(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['group_id'], ['service_groups.id'], name=op.f('fk_service_group_links_group_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_service_group_links_service_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('group_id', 'service_id', name=op.f('pk_service_group_links'))
    )
    with op.batch_alter_table('service_group_links', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_group_links_service_id'), ['service_id'], unique=False)

    op.create_table('service_model_rules',
    sa.Column('service_id', sa.Text(), nullable=False),
    sa.Column('aliases', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('limits', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('preset', sa.Boolean(), nullable=False),
    sa.Column('free_tokens', sa.BigInteger(), nullable=True),
    sa.Column('prices', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('updated_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_service_model_rules_service_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('service_id', name=op.f('pk_service_model_rules'))
    )
    with op.batch_alter_table('service_keys', schema=None) as batch_op:
        batch_op.add_column(sa.Column('rules', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), server_default='{}', nullable=False))



def downgrade() -> None:
    with op.batch_alter_table('service_keys', schema=None) as batch_op:
        batch_op.drop_column('rules')

    op.drop_table('service_model_rules')
    with op.batch_alter_table('service_group_links', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_service_group_links_service_id'))

    op.drop_table('service_group_links')
    with op.batch_alter_table('service_group_keys', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_service_group_keys_group_id'))

    op.drop_table('service_group_keys')
    with op.batch_alter_table('service_groups', schema=None) as batch_op:
        batch_op.drop_index('uq_service_groups_name', sqlite_where=sa.text('deleted_at IS NULL'), postgresql_where=sa.text('deleted_at IS NULL'))
        batch_op.drop_index('ix_service_groups_list')

    op.drop_table('service_groups')
    op.drop_table('call_totals')
    with op.batch_alter_table('call_counts', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_call_counts_project_id'))

    op.drop_table('call_counts')
