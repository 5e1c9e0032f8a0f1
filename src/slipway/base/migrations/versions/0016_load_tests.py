"""load tests of services"""

import sqlalchemy as sa
from sqlalchemy import Text  # noqa: F401  rendered types name it
from alembic import op

import slipway.base.database
from sqlalchemy.dialects import postgresql

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('load_tests',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('project_id', sa.Text(), nullable=False),
    sa.Column('service_id', sa.Text(), nullable=False),
    sa.Column('spec', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('lent_key', sa.Text(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('ended_as', sa.Text(), nullable=True),
    sa.Column('workload_id', sa.Text(), nullable=False),
    sa.Column('results', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=True),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('creator_name', sa.Text(), nullable=False),
    sa.Column('created_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('started_at', slipway.base.database.UtcTime(timezone=True), nullable=True),
    sa.Column('ended_at', slipway.base.database.UtcTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_load_tests_project_id')),
    sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_load_tests_service_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_load_tests'))
    )
    with op.batch_alter_table('load_tests', schema=None) as batch_op:
        batch_op.create_index('ix_load_tests_ended_as', ['ended_as'], unique=False)
        batch_op.create_index('ix_load_tests_list', ['service_id', 'created_at'], unique=False)
        batch_op.create_index('ix_load_tests_workload', ['workload_id'], unique=False)
        batch_op.create_index('uq_load_tests_one_open', ['service_id'], unique=True, sqlite_where=sa.text("state IN ('Queued', 'Running', 'Stopping')"), postgresql_where=sa.text("state IN ('Queued', 'Running', 'Stopping')"))



def downgrade() -> None:
    with op.batch_alter_table('load_tests', schema=None) as batch_op:
        batch_op.drop_index('uq_load_tests_one_open', sqlite_where=sa.text("state IN ('Queued', 'Running', 'Stopping')"), postgresql_where=sa.text("state IN ('Queued', 'Running', 'Stopping')"))
        batch_op.drop_index('ix_load_tests_workload')
        batch_op.drop_index('ix_load_tests_list')
        batch_op.drop_index('ix_load_tests_ended_as')

    op.drop_table('load_tests')
