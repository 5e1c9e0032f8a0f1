"""share tokens of datasets, and who looked at them"""

import sqlalchemy as sa
from sqlalchemy import Text  # noqa: F401  rendered types name it
from alembic import op

import slipway.base.database
revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('dataset_shares',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('dataset_id', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('expires_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('max_uses', sa.Integer(), nullable=True),
    sa.Column('uses', sa.Integer(), nullable=False),
    sa.Column('revoked_at', slipway.base.database.UtcTime(timezone=True), nullable=True),
    sa.Column('created_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['dataset_id'], ['datasets.id'], name=op.f('fk_dataset_shares_dataset_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dataset_shares')),
    sa.UniqueConstraint('token_hash', name='uq_dataset_shares_token')
    )
    with op.batch_alter_table('dataset_shares', schema=None) as batch_op:
        batch_op.create_index('ix_dataset_shares_dataset', ['dataset_id', 'created_at'], unique=False)

    op.create_table('dataset_accesses',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('dataset_id', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('user_id', sa.Text(), nullable=False),
    sa.Column('user_name', sa.Text(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['dataset_id'], ['datasets.id'], name=op.f('fk_dataset_accesses_dataset_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dataset_accesses'))
    )
    with op.batch_alter_table('dataset_accesses', schema=None) as batch_op:
        batch_op.create_index('ix_dataset_accesses_dataset', ['dataset_id', 'id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('dataset_accesses', schema=None) as batch_op:
        batch_op.drop_index('ix_dataset_accesses_dataset')

    op.drop_table('dataset_accesses')
    with op.batch_alter_table('dataset_shares', schema=None) as batch_op:
        batch_op.drop_index('ix_dataset_shares_dataset')

    op.drop_table('dataset_shares')
