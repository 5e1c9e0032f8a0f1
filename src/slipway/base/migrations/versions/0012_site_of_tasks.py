"""the site of a task"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

_OF_GROUP = """
UPDATE training_tasks SET site = COALESCE((
    SELECT g.site FROM workloads AS w JOIN resource_groups AS g ON g.id = w.group_id
    WHERE w.id = training_tasks.workload_id
), 'local')
"""


def upgrade() -> None:
    with op.batch_alter_table('training_tasks', schema=None) as batch_op:
        batch_op.add_column(sa.Column('site', sa.Text(), nullable=True))
    op.execute(_OF_GROUP)
    with op.batch_alter_table('training_tasks', schema=None) as batch_op:
        batch_op.alter_column('site', existing_type=sa.Text(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table('training_tasks', schema=None) as batch_op:
        batch_op.drop_column('site')
