"""labelling: schemas of datasets; labels written into the user's own files"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text  # noqa: F401  rendered types name it
from sqlalchemy.dialects import postgresql

import slipway.base.database

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('label_schemas',
    sa.Column('dataset_id', sa.Text(), nullable=False),
    sa.Column('project_id', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('saved', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('record_count', sa.BigInteger(), nullable=False),
    sa.Column('problem_count', sa.BigInteger(), nullable=False),
    sa.Column('problems', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('updated_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('updated_by', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['dataset_id'], ['datasets.id'], name=op.f('fk_label_schemas_dataset_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('dataset_id', name=op.f('pk_label_schemas'))
    )
    op.create_table('label_writes',
    sa.Column('task_id', sa.Text(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['task_id'], ['label_tasks.id'], name=op.f('fk_label_writes_task_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('task_id', 'number', name='pk_label_writes')
    )
    with op.batch_alter_table('label_tasks', schema=None) as batch_op:
        batch_op.add_column(sa.Column('write_state', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('write_reason', sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('label_tasks', schema=None) as batch_op:
        batch_op.drop_column('write_reason')
        batch_op.drop_column('write_state')

    op.drop_table('label_writes')
    op.drop_table('label_schemas')
