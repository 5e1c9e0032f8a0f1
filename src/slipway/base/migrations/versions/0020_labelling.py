"""labelling tasks, their records and history; versions with labels of their own"""

import sqlalchemy as sa
from sqlalchemy import Text  # noqa: F401  rendered types name it
from alembic import op

import slipway.base.database
from sqlalchemy.dialects import postgresql
revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('label_tasks',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('project_id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('tags', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('dataset_id', sa.Text(), nullable=False),
    sa.Column('dataset_name', sa.Text(), nullable=False),
    sa.Column('dataset_version', sa.Integer(), nullable=False),
    sa.Column('label_format', sa.Text(), nullable=False),
    sa.Column('labels', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('schema_text', sa.Text(), nullable=True),
    sa.Column('mode', sa.Text(), nullable=False),
    sa.Column('sharing', sa.Text(), nullable=False),
    sa.Column('labellers', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('needs_review', sa.Boolean(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('record_count', sa.BigInteger(), nullable=False),
    sa.Column('labelled_count', sa.BigInteger(), nullable=False),
    sa.Column('approved_count', sa.BigInteger(), nullable=False),
    sa.Column('sent_back_count', sa.BigInteger(), nullable=False),
    sa.Column('deleted_count', sa.BigInteger(), nullable=False),
    sa.Column('publish_number', sa.Integer(), nullable=False),
    sa.Column('publish_state', sa.Text(), nullable=True),
    sa.Column('publish_format', sa.Text(), nullable=True),
    sa.Column('publish_description', sa.Text(), nullable=True),
    sa.Column('publish_version', sa.Integer(), nullable=True),
    sa.Column('publish_reason', sa.Text(), nullable=True),
    sa.Column('publish_by', sa.Text(), nullable=True),
    sa.Column('publish_at', slipway.base.database.UtcTime(timezone=True), nullable=True),
    sa.Column('created_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('updated_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('creator_name', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_label_tasks_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_label_tasks')),
    sa.UniqueConstraint('project_id', 'name', name='uq_label_tasks_name')
    )
    with op.batch_alter_table('label_tasks', schema=None) as batch_op:
        batch_op.create_index('ix_label_tasks_dataset', ['dataset_id'], unique=False)
        batch_op.create_index('ix_label_tasks_list', ['project_id', 'created_at', 'id'], unique=False)
        batch_op.create_index('ix_label_tasks_work', ['state', 'publish_state'], unique=False)

    op.create_table('label_history',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('task_id', sa.Text(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('user_id', sa.Text(), nullable=False),
    sa.Column('user_name', sa.Text(), nullable=False),
    sa.Column('at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('value', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), 'postgresql'), nullable=True),
    sa.Column('comment', sa.Text(), nullable=True),
    sa.Column('time_s', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['task_id'], ['label_tasks.id'], name=op.f('fk_label_history_task_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_label_history'))
    )
    with op.batch_alter_table('label_history', schema=None) as batch_op:
        batch_op.create_index('ix_label_history_record', ['task_id', 'number', 'id'], unique=False)
        batch_op.create_index('ix_label_history_user', ['task_id', 'user_id'], unique=False)

    op.create_table('label_records',
    sa.Column('task_id', sa.Text(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('value', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), 'postgresql'), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('lock_user', sa.Text(), nullable=True),
    sa.Column('lock_name', sa.Text(), nullable=True),
    sa.Column('lock_until', slipway.base.database.UtcTime(timezone=True), nullable=True),
    sa.Column('labelled_by', sa.Text(), nullable=True),
    sa.Column('labeller_name', sa.Text(), nullable=True),
    sa.Column('labelled_at', slipway.base.database.UtcTime(timezone=True), nullable=True),
    sa.Column('reviewed_by', sa.Text(), nullable=True),
    sa.Column('reviewer_name', sa.Text(), nullable=True),
    sa.Column('comment', sa.Text(), nullable=True),
    sa.Column('time_s', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['task_id'], ['label_tasks.id'], name=op.f('fk_label_records_task_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('task_id', 'number', name='pk_label_records')
    )
    with op.batch_alter_table('label_records', schema=None) as batch_op:
        batch_op.create_index('ix_label_records_next', ['task_id', 'state', 'owner', 'number'], unique=False)
        batch_op.create_index('ix_label_records_state', ['task_id', 'state', 'number'], unique=False)

    op.create_table('label_spans',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('task_id', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('first', sa.BigInteger(), nullable=False),
    sa.Column('last', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['task_id'], ['label_tasks.id'], name=op.f('fk_label_spans_task_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_label_spans'))
    )
    with op.batch_alter_table('label_spans', schema=None) as batch_op:
        batch_op.create_index('ix_label_spans_next', ['task_id', 'owner', 'last'], unique=False)

    with op.batch_alter_table('dataset_versions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('derivation', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('dataset_versions', schema=None) as batch_op:
        batch_op.drop_column('derivation')

    with op.batch_alter_table('label_spans', schema=None) as batch_op:
        batch_op.drop_index('ix_label_spans_next')

    op.drop_table('label_spans')
    with op.batch_alter_table('label_records', schema=None) as batch_op:
        batch_op.drop_index('ix_label_records_state')
        batch_op.drop_index('ix_label_records_next')

    op.drop_table('label_records')
    with op.batch_alter_table('label_history', schema=None) as batch_op:
        batch_op.drop_index('ix_label_history_user')
        batch_op.drop_index('ix_label_history_record')

    op.drop_table('label_history')
    with op.batch_alter_table('label_tasks', schema=None) as batch_op:
        batch_op.drop_index('ix_label_tasks_work')
        batch_op.drop_index('ix_label_tasks_list')
        batch_op.drop_index('ix_label_tasks_dataset')

    op.drop_table('label_tasks')
