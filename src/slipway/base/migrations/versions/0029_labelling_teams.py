"""labelling: several answers for a record, control questions, suggestions of a model"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text  # noqa: F401  rendered types name it
from sqlalchemy.dialects import postgresql

import slipway.base.database

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('label_answers',
    sa.Column('task_id', sa.Text(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('user_id', sa.Text(), nullable=False),
    sa.Column('user_name', sa.Text(), nullable=False),
    sa.Column('value', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('score', sa.Double(), nullable=True),
    sa.Column('time_s', sa.Double(), nullable=False),
    sa.Column('at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['task_id'], ['label_tasks.id'], name=op.f('fk_label_answers_task_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('task_id', 'number', 'user_id', name='pk_label_answers')
    )
    with op.batch_alter_table('label_answers', schema=None) as batch_op:
        batch_op.create_index('ix_label_answers_user', ['task_id', 'user_id', 'number'], unique=False)

    op.create_table('label_gold',
    sa.Column('task_id', sa.Text(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('value', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['task_id'], ['label_tasks.id'], name=op.f('fk_label_gold_task_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('task_id', 'number', name='pk_label_gold')
    )
    op.create_table('label_suggestions',
    sa.Column('task_id', sa.Text(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('value', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('confidence', sa.Double(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('service_name', sa.Text(), nullable=False),
    sa.Column('at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['task_id'], ['label_tasks.id'], name=op.f('fk_label_suggestions_task_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('task_id', 'number', name='pk_label_suggestions')
    )
    with op.batch_alter_table('label_suggestions', schema=None) as batch_op:
        batch_op.create_index('ix_label_suggestions_next', ['task_id', 'state', 'confidence'], unique=False)

    with op.batch_alter_table('label_records', schema=None) as batch_op:
        batch_op.add_column(sa.Column('agreement', sa.Double(), nullable=True))
    with op.batch_alter_table('label_tasks', schema=None) as batch_op:
        batch_op.add_column(sa.Column('overlap', sa.Integer(), server_default='1', nullable=False))
        batch_op.add_column(sa.Column('overlap_percent', sa.Integer(), server_default='100', nullable=False))
        batch_op.add_column(sa.Column('gold_least_percent', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('suggest_state', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('suggest', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True, astext_type=Text()), 'postgresql'), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('label_tasks', schema=None) as batch_op:
        batch_op.drop_column('suggest')
        batch_op.drop_column('suggest_state')
        batch_op.drop_column('gold_least_percent')
        batch_op.drop_column('overlap_percent')
        batch_op.drop_column('overlap')

    with op.batch_alter_table('label_records', schema=None) as batch_op:
        batch_op.drop_column('agreement')

    with op.batch_alter_table('label_suggestions', schema=None) as batch_op:
        batch_op.drop_index('ix_label_suggestions_next')

    op.drop_table('label_suggestions')
    op.drop_table('label_gold')
    with op.batch_alter_table('label_answers', schema=None) as batch_op:
        batch_op.drop_index('ix_label_answers_user')

    op.drop_table('label_answers')
