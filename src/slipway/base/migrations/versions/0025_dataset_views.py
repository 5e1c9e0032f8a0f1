"""datasets: output path and preview; views of versions, analyses of versions"""

import sqlalchemy as sa
from sqlalchemy import Text  # noqa: F401  rendered types name it
from alembic import op

import slipway.base.database
from sqlalchemy.dialects import postgresql
revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('datasets', schema=None) as batch_op:
        batch_op.add_column(sa.Column('output_address', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('preview', sa.Boolean(), nullable=False, server_default=sa.true()))

    op.create_table('dataset_views',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('dataset_id', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('definition', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('content_hash', sa.Text(), nullable=True),
    sa.Column('sample_count', sa.BigInteger(), nullable=False),
    sa.Column('size_bytes', sa.BigInteger(), nullable=False),
    sa.Column('created_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('claim_token', sa.Text(), nullable=True),
    sa.Column('claim_expires_at', slipway.base.database.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['dataset_id'], ['datasets.id'], name=op.f('fk_dataset_views_dataset_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dataset_views')),
    sa.UniqueConstraint('dataset_id', 'version', 'name', name='uq_dataset_views_name')
    )
    with op.batch_alter_table('dataset_views', schema=None) as batch_op:
        batch_op.create_index('ix_dataset_views_state', ['state'], unique=False)

    op.create_table('dataset_analyses',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('dataset_id', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('options', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('created_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('finished_at', slipway.base.database.UtcTime(timezone=True), nullable=True),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('claim_token', sa.Text(), nullable=True),
    sa.Column('claim_expires_at', slipway.base.database.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['dataset_id'], ['datasets.id'], name=op.f('fk_dataset_analyses_dataset_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dataset_analyses')),
    sa.UniqueConstraint('dataset_id', 'version', 'kind', name='uq_dataset_analyses_kind')
    )
    with op.batch_alter_table('dataset_analyses', schema=None) as batch_op:
        batch_op.create_index('ix_dataset_analyses_state', ['state'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('dataset_analyses', schema=None) as batch_op:
        batch_op.drop_index('ix_dataset_analyses_state')

    op.drop_table('dataset_analyses')
    with op.batch_alter_table('dataset_views', schema=None) as batch_op:
        batch_op.drop_index('ix_dataset_views_state')

    op.drop_table('dataset_views')
    with op.batch_alter_table('datasets', schema=None) as batch_op:
        batch_op.drop_column('preview')
        batch_op.drop_column('output_address')
