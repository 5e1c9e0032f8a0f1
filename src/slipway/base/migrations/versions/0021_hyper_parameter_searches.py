"""hyper-parameter searches"""

import sqlalchemy as sa
from sqlalchemy import Text  # noqa: F401  rendered types name it
from alembic import op

import slipway.base.database
from sqlalchemy.dialects import postgresql
revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('tuning_searches',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('project_id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('tags', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('spec', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('best_number', sa.Integer(), nullable=True),
    sa.Column('best_value', sa.Double(), nullable=True),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('creator_name', sa.Text(), nullable=False),
    sa.Column('created_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('updated_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('ended_at', slipway.base.database.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_tuning_searches_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tuning_searches')),
    sa.UniqueConstraint('project_id', 'name', name='uq_tuning_searches_name')
    )
    with op.batch_alter_table('tuning_searches', schema=None) as batch_op:
        batch_op.create_index('ix_tuning_searches_list', ['project_id', 'created_at', 'id'], unique=False)
        batch_op.create_index('ix_tuning_searches_state', ['state'], unique=False)

    op.create_table('tuning_trials',
    sa.Column('search_id', sa.Text(), nullable=False),
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('task_id', sa.Text(), nullable=False),
    sa.Column('parameters', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('value', sa.Double(), nullable=True),
    sa.Column('rungs', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('created_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('ended_at', slipway.base.database.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['search_id'], ['tuning_searches.id'], name=op.f('fk_tuning_trials_search_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('search_id', 'number', name=op.f('pk_tuning_trials'))
    )
    with op.batch_alter_table('tuning_trials', schema=None) as batch_op:
        batch_op.create_index('ix_tuning_trials_task', ['task_id'], unique=True)


def downgrade() -> None:
    with op.batch_alter_table('tuning_trials', schema=None) as batch_op:
        batch_op.drop_index('ix_tuning_trials_task')

    op.drop_table('tuning_trials')
    with op.batch_alter_table('tuning_searches', schema=None) as batch_op:
        batch_op.drop_index('ix_tuning_searches_state')
        batch_op.drop_index('ix_tuning_searches_list')

    op.drop_table('tuning_searches')
