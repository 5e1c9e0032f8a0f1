"""labels of a labelling task can be renamed and merged"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('label_tasks', schema=None) as batch_op:
        batch_op.add_column(sa.Column(
            'renames', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'),
            nullable=False, server_default='{}',
        ))


def downgrade() -> None:
    with op.batch_alter_table('label_tasks', schema=None) as batch_op:
        batch_op.drop_column('renames')
