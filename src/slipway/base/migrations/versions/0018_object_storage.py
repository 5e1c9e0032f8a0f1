"""access keys that can be switched off, bucket quotas, share links"""

import sqlalchemy as sa
from sqlalchemy import Text  # noqa: F401  rendered types name it
from alembic import op

import slipway.base.database  # noqa: F401  rendered types name it

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('keys', schema=None) as batch_op:
        batch_op.add_column(sa.Column('enabled', sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table('buckets', schema=None) as batch_op:
        batch_op.add_column(sa.Column('quota_bytes', sa.BigInteger(), nullable=True))
    op.create_table('share_links',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('project_id', sa.Text(), nullable=False),
    sa.Column('bucket', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('created_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('expires_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_share_links_project_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['bucket'], ['buckets.name'], name=op.f('fk_share_links_bucket'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['created_by'], ['users.id'], name=op.f('fk_share_links_created_by'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_share_links'))
    )
    with op.batch_alter_table('share_links', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_share_links_bucket'), ['bucket', 'created_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('share_links', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_share_links_bucket'))

    op.drop_table('share_links')
    with op.batch_alter_table('buckets', schema=None) as batch_op:
        batch_op.drop_column('quota_bytes')
    with op.batch_alter_table('keys', schema=None) as batch_op:
        batch_op.drop_column('enabled')
