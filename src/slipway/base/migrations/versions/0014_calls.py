"""policies of calls and upstreams of services"""

import sqlalchemy as sa
from sqlalchemy import Text  # noqa: F401  rendered types name it
from alembic import op

import slipway.base.database  # noqa: F401  rendered types name it
from sqlalchemy.dialects import postgresql
revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('project_audits',
    sa.Column('project_id', sa.Text(), nullable=False),
    sa.Column('audit', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('hook_sealed', sa.Text(), server_default='', nullable=False),
    sa.Column('updated_by', sa.Text(), nullable=False),
    sa.Column('updated_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_project_audits_project_id')),
    sa.PrimaryKeyConstraint('project_id', name=op.f('pk_project_audits'))
    )
    op.create_table('call_policies',
    sa.Column('service_id', sa.Text(), nullable=False),
    sa.Column('policy', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('hook_sealed', sa.Text(), server_default='', nullable=False),
    sa.Column('updated_by', sa.Text(), nullable=False),
    sa.Column('updated_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_call_policies_service_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('service_id', name=op.f('pk_call_policies'))
    )
    op.create_table('service_upstreams',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('service_id', sa.Text(), nullable=False),
    sa.Column('project_id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('model', sa.Text(), nullable=False),
    sa.Column('key_sealed', sa.Text(), nullable=False),
    sa.Column('key_hint', sa.Text(), nullable=False),
    sa.Column('weight', sa.Integer(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('creator_name', sa.Text(), nullable=False),
    sa.Column('created_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('updated_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_service_upstreams_project_id')),
    sa.ForeignKeyConstraint(['service_id'], ['services.id'], name=op.f('fk_service_upstreams_service_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_upstreams'))
    )
    with op.batch_alter_table('service_upstreams', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_upstreams_service_id'), ['service_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('service_upstreams', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_service_upstreams_service_id'))

    op.drop_table('service_upstreams')
    op.drop_table('call_policies')
    op.drop_table('project_audits')
