"""label type and OCR service of labelling tasks"""

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('label_tasks', schema=None) as batch_op:
        batch_op.add_column(sa.Column('ocr_type', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('ocr_service', sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('label_tasks', schema=None) as batch_op:
        batch_op.drop_column('ocr_service')
        batch_op.drop_column('ocr_type')
