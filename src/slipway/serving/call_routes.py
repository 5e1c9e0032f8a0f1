"""What calls want, as the gateway gets it: the feed's services with policies and upstreams.

Secrets leave the database sealed with the platform's key and go out sealed with the gateway's, so
the stream and the gateway's own file never hold one in the clear.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.crypto import Sealer
from slipway.serving import parameter_rules
from slipway.serving.routing import Json, Routing
from slipway.serving.tables_calls import CallPolicyRow, ProjectAuditRow
from slipway.serving.token import ensure_gateway_token
from slipway.serving.upstreams import list_upstreams


class Resealer:
    """Seals for the gateway what is sealed for the database; the same text gives the same again,
    since what is sent is compared with what was sent before."""

    def __init__(self, sealer: Sealer, home: Path) -> None:
        token = ensure_gateway_token(home)
        digest = hashlib.sha256(b"slipway gateway secrets\0" + token.encode()).digest()
        self._gateway = Fernet(base64.urlsafe_b64encode(digest))
        self._sealer = sealer
        self._known: dict[str, str] = {}

    def __call__(self, sealed: str) -> str:
        if not sealed:
            return ""
        found = self._known.get(sealed)
        if found is None:
            secret = self._sealer.unseal(sealed)
            found = self._known[sealed] = self._gateway.encrypt(secret.encode()).decode()
        return found


async def add_to(
    session: AsyncSession, routing: Routing, ids: Sequence[str], reseal: Resealer | None
) -> Routing:
    """The same routes with what was said about calls. Without `reseal` no secret goes out."""
    policies = {
        row.service_id: row
        for row in await session.scalars(
            select(CallPolicyRow).where(CallPolicyRow.service_id.in_(ids))
        )
    }
    projects = {service["project"] for service in routing.services.values()}
    audits = {
        row.project_id: row
        for row in await session.scalars(
            select(ProjectAuditRow).where(ProjectAuditRow.project_id.in_(projects))
        )
    }
    seal = reseal or (lambda sealed: "")
    for upstream in await list_upstreams(session, list(ids)):
        service = routing.services.get(upstream.service_id)
        if service is not None and upstream.enabled:
            replica = {
                "id": upstream.id, "url": upstream.url, "model": upstream.model,
                "secret": seal(upstream.key_sealed),
            }  # fmt: skip
            service["versions"].append(
                {
                    "id": upstream.id,
                    "weight": upstream.weight,
                    "reserve": upstream.weight == 0,
                    "replicas": [replica],
                }
            )
    for service_id, service in routing.services.items():
        row, audit = policies.get(service_id), audits.get(service["project"])
        said = row.policy if row is not None else {}
        looked = _audit(said.get("audit"), row.hook_sealed if row is not None else "", seal)
        if looked is None and audit is not None and service["llm"]:
            looked = _audit(audit.audit, audit.hook_sealed, seal)
        if policy := _policy(said, looked):
            service["policy"] = policy
    return routing


def _policy(said: Json, audit: Json | None) -> Json:
    """Only what is set: most services send nothing at all."""
    mirror = said.get("mirror")
    found = {
        "rules": parameter_rules.resolved(said.get("rules")),
        "audit": audit,
        "retries": said.get("retries"),
        "fallbacks": said.get("fallbacks") or None,
        "mirror": {"version": mirror["version_id"], "percent": mirror["percent"]}
        if mirror
        else None,
        "prefix_affinity": said.get("prefix_affinity") or None,
    }
    return {name: value for name, value in found.items() if value is not None}


def _audit(said: Json | None, hook_sealed: str, seal: Any) -> Json | None:
    if said is None:
        return None
    hook = {**said["hook"], "secret": seal(hook_sealed)} if said.get("hook") else None
    return {**said, "hook": hook}
