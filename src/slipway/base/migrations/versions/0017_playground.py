"""playground"""

import sqlalchemy as sa
from sqlalchemy import Text  # noqa: F401  rendered types name it
from alembic import op

from sqlalchemy.dialects import postgresql

import slipway.base.database  # noqa: F401  rendered types name it

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('playground_conversations',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('project_id', sa.Text(), nullable=False),
    sa.Column('user_id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('services', sa.Text(), nullable=False),
    sa.Column('settings', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('questions', sa.Integer(), nullable=False),
    sa.Column('picture_bytes', sa.BigInteger(), nullable=False),
    sa.Column('created_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('updated_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_playground_conversations_project_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_playground_conversations_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_playground_conversations'))
    )
    with op.batch_alter_table('playground_conversations', schema=None) as batch_op:
        batch_op.create_index('ix_playground_conversations_list', ['user_id', 'project_id', 'updated_at'], unique=False)

    op.create_table('playground_days',
    sa.Column('project_id', sa.Text(), nullable=False),
    sa.Column('service_id', sa.Text(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('service_name', sa.Text(), nullable=False),
    sa.Column('answers', sa.Integer(), nullable=False),
    sa.Column('stopped', sa.Integer(), nullable=False),
    sa.Column('failed', sa.Integer(), nullable=False),
    sa.Column('up', sa.Integer(), nullable=False),
    sa.Column('down', sa.Integer(), nullable=False),
    sa.Column('completion_tokens', sa.BigInteger(), nullable=False),
    sa.Column('first_ms', sa.Double(), nullable=False),
    sa.Column('first_count', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_playground_days_project_id')),
    sa.PrimaryKeyConstraint('project_id', 'service_id', 'day', name=op.f('pk_playground_days'))
    )
    op.create_table('playground_presets',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('project_id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('shared', sa.Boolean(), nullable=False),
    sa.Column('latest', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.Text(), nullable=False),
    sa.Column('owner', sa.Text(), nullable=False),
    sa.Column('created_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.Column('updated_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['owner_id'], ['users.id'], name=op.f('fk_playground_presets_owner_id')),
    sa.ForeignKeyConstraint(['project_id'], ['projects.id'], name=op.f('fk_playground_presets_project_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_playground_presets')),
    sa.UniqueConstraint('project_id', 'owner_id', 'name', name='uq_playground_presets_name')
    )
    with op.batch_alter_table('playground_presets', schema=None) as batch_op:
        batch_op.create_index('ix_playground_presets_list', ['project_id', 'updated_at'], unique=False)

    op.create_table('playground_switches',
    sa.Column('user_id', sa.Text(), nullable=False),
    sa.Column('keeps', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_playground_switches_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_playground_switches'))
    )
    op.create_table('playground_preset_versions',
    sa.Column('preset_id', sa.Text(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('content', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('created_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['preset_id'], ['playground_presets.id'], name=op.f('fk_playground_preset_versions_preset_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('preset_id', 'number', name=op.f('pk_playground_preset_versions'))
    )
    op.create_table('playground_turns',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('conversation_id', sa.Text(), nullable=False),
    sa.Column('side', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('persona', sa.Text(), nullable=False),
    sa.Column('question', sa.Text(), nullable=False),
    sa.Column('pictures', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('service_id', sa.Text(), nullable=False),
    sa.Column('service_name', sa.Text(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('reasoning', sa.Text(), nullable=False),
    sa.Column('results', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('problem', sa.JSON().with_variant(postgresql.JSONB(astext_type=Text()), 'postgresql'), nullable=True),
    sa.Column('finish_reason', sa.Text(), nullable=False),
    sa.Column('prompt_tokens', sa.Integer(), nullable=True),
    sa.Column('completion_tokens', sa.Integer(), nullable=True),
    sa.Column('first_ms', sa.Double(), nullable=True),
    sa.Column('total_ms', sa.Double(), nullable=True),
    sa.Column('rating', sa.Text(), nullable=False),
    sa.Column('started_at', slipway.base.database.UtcTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['playground_conversations.id'], name=op.f('fk_playground_turns_conversation_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_playground_turns')),
    sa.UniqueConstraint('conversation_id', 'side', 'position', name='uq_playground_turns_position')
    )
    op.create_table('playground_pictures',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('conversation_id', sa.Text(), nullable=False),
    sa.Column('turn_id', sa.Text(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['playground_conversations.id'], name=op.f('fk_playground_pictures_conversation_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['turn_id'], ['playground_turns.id'], name=op.f('fk_playground_pictures_turn_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_playground_pictures'))
    )
    with op.batch_alter_table('playground_pictures', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_playground_pictures_conversation_id'), ['conversation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_playground_pictures_turn_id'), ['turn_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('playground_pictures', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_playground_pictures_turn_id'))
        batch_op.drop_index(batch_op.f('ix_playground_pictures_conversation_id'))

    op.drop_table('playground_pictures')
    op.drop_table('playground_turns')
    op.drop_table('playground_preset_versions')
    op.drop_table('playground_switches')
    with op.batch_alter_table('playground_presets', schema=None) as batch_op:
        batch_op.drop_index('ix_playground_presets_list')

    op.drop_table('playground_presets')
    op.drop_table('playground_days')
    with op.batch_alter_table('playground_conversations', schema=None) as batch_op:
        batch_op.drop_index('ix_playground_conversations_list')

    op.drop_table('playground_conversations')
