"""what a start of a task depended on"""

import sqlalchemy as sa
from sqlalchemy import Text  # noqa: F401  rendered types name it
from alembic import op

import slipway.base.database
from sqlalchemy.dialects import postgresql
revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('training_locks',
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('packages', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_training_locks'))
    )
    with op.batch_alter_table('training_tasks', schema=None) as batch_op:
        batch_op.add_column(sa.Column('record', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('training_tasks', schema=None) as batch_op:
        batch_op.drop_column('record')

    op.drop_table('training_locks')
