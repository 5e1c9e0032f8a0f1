"""other names of a model stand in its rules only; keys by which other projects try a preset"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from slipway.base.database import JsonValue, UtcTime

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None

_POLICIES = sa.table("call_policies", sa.column("service_id", sa.Text()), sa.column("policy", JsonValue))
_RULES = sa.table(
    "service_model_rules", sa.column("service_id", sa.Text()), sa.column("aliases", JsonValue),
    sa.column("limits", JsonValue), sa.column("preset", sa.Boolean()),
    sa.column("free_tokens", sa.BigInteger()), sa.column("prices", JsonValue),
    sa.column("updated_at", UtcTime()),
)


def upgrade() -> None:
    with op.batch_alter_table("service_keys", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tenant_id", sa.Text(), nullable=True))
    connection = op.get_bind()
    for service_id, policy in connection.execute(sa.select(_POLICIES)).all():
        names = policy.pop("aliases", None)
        if names is None:
            continue
        connection.execute(
            sa.update(_POLICIES).where(_POLICIES.c.service_id == service_id).values(policy=policy)
        )
        mine = _RULES.c.service_id == service_id
        known = connection.execute(sa.select(_RULES.c.aliases).where(mine)).scalar_one_or_none()
        if known is not None:
            both = list(dict.fromkeys([*names, *known]))
            connection.execute(sa.update(_RULES).where(mine).values(aliases=both))
        elif names:
            connection.execute(
                sa.insert(_RULES).values(
                    service_id=service_id, aliases=names, limits={}, preset=False,
                    free_tokens=None, prices={}, updated_at=datetime.now(UTC),
                )
            )


def downgrade() -> None:
    with op.batch_alter_table("service_keys", schema=None) as batch_op:
        batch_op.drop_column("tenant_id")
    connection = op.get_bind()
    for service_id, policy in connection.execute(sa.select(_POLICIES)).all():
        mine = _RULES.c.service_id == service_id
        known = connection.execute(sa.select(_RULES.c.aliases).where(mine)).scalar_one_or_none()
        connection.execute(
            sa.update(_POLICIES)
            .where(_POLICIES.c.service_id == service_id)
            .values(policy={**policy, "aliases": known or []})
        )
