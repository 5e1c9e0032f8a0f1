"""tasks that start after others"""

import sqlalchemy as sa
from sqlalchemy import Text  # noqa: F401  rendered types name it
from alembic import op

import slipway.base.database  # noqa: F401  rendered types name it

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('training_waits',
    sa.Column('task_id', sa.Text(), nullable=False),
    sa.Column('after_id', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['task_id'], ['training_tasks.id'], name=op.f('fk_training_waits_task_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('task_id', 'after_id', name=op.f('pk_training_waits'))
    )
    with op.batch_alter_table('training_waits', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_training_waits_after_id'), ['after_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('training_waits', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_training_waits_after_id'))

    op.drop_table('training_waits')
