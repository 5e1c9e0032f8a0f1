"""HTTP of scaling: the policy of a version, what it sees now, and what it did."""

from __future__ import annotations

from datetime import tzinfo
from typing import Annotated, Any

from fastapi import APIRouter

from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.compute.http import Files
from slipway.iam.http import Config, Db, allow
from slipway.iam.types import Actor
from slipway.serving import queries
from slipway.serving.scaling import store
from slipway.serving.scaling.checks import check_scaling
from slipway.serving.scaling.decide import ScalingStepKind, bounded
from slipway.serving.scaling.hpa import asked_for
from slipway.serving.scaling.measure import measure
from slipway.serving.scaling.rules import next_fired
from slipway.serving.scaling.signals import LoadSignals, Signals
from slipway.serving.scaling.types import Scaling
from slipway.serving.scaling.views import (
    NextRuleView,
    ScalingForm,
    ScalingSignalView,
    ScalingStepView,
    ScalingView,
)
from slipway.serving.types import Replica, Service, Version

router = APIRouter(prefix="/services/versions/{version_id}/scaling")


@router.get("")
async def get_service_scaling(
    version_id: str, db: Db, files: Files, signals: LoadSignals, settings: Config,
    actor: Annotated[Actor, allow("serve:service:get")],
) -> ScalingView:  # fmt: skip
    """How the version scales, what its metrics say now, and what was changed and why."""
    service, version, replicas, values = await _load(db, actor, version_id)
    scaling, zone = version.scaling, settings.zone
    hpa = bounded(scaling.hpa, values["bounds"]) if scaling.hpa else None
    asked = []
    if hpa is not None:
        reading = await measure(files, signals, service, version, replicas)
        limit = service.limit.concurrency_per_replica
        asked = asked_for(reading.ready, hpa.targets, reading.values(limit))
    return ScalingView(
        scaling=ScalingForm.of(scaling), replicas=version.replicas,
        default_replicas=version.default_replicas,
        min_replicas=hpa.min_replicas if hpa else None,
        max_replicas=hpa.max_replicas if hpa else None,
        signals=[
            ScalingSignalView(
                metric=a.target.metric, value=a.value, threshold=a.target.threshold,
                replicas=a.replicas,
            )
            for a in asked
        ],
        next_rule=_next(scaling, zone), time_zone=settings.zone_name,
        waiting_calls=_waiting(signals, version), last_start_s=_last_start_s(replicas),
        warnings=check_scaling(scaling, service.limit, llm=service.llm), steps=values["steps"],
    )  # fmt: skip


async def _load(
    db: Database, actor: Actor, version_id: str
) -> tuple[Service, Version, list[Replica], dict[str, Any]]:
    async with db.read() as session:
        row = await queries.get_version(session, actor.project_id, version_id)
        service = await queries.get_service(session, actor.project_id, row.service_id)
        replicas = [queries.frozen_replica(r) for r in await queries.replicas_of(session, row.id)]
        steps = [
            ScalingStepView(
                time=s.time,
                kind=ScalingStepKind(s.kind),
                before=s.before,
                after=s.after,
                reason=s.reason,
            )
            for s in await store.list_steps(session, row.id)
        ]
        moved = row.bound_low is not None and row.bound_high is not None
        bounds = (row.bound_low, row.bound_high) if moved else None
    live = [r for r in replicas if r.is_live]
    found = {"steps": steps, "bounds": bounds}
    return queries.frozen_service(service), queries.frozen_version(row), live, found


def _next(scaling: Scaling, zone: tzinfo | None) -> NextRuleView | None:
    fired = next_fired(scaling.rules, utc_now(), zone)
    if fired is None:
        return None
    return NextRuleView(time=fired.at, rule=fired.index + 1, replicas=fired.rule.replicas)


def _waiting(signals: Signals, version: Version) -> int:
    own = signals.held(version.service_id, version.id)
    return own + (signals.held(version.service_id) if version.weight > 0 else 0)


def _last_start_s(replicas: list[Replica]) -> float | None:
    newest = max((r for r in replicas if r.ready_at), key=lambda r: r.created_at, default=None)
    if newest is None or newest.ready_at is None:
        return None
    return (newest.ready_at - newest.created_at).total_seconds()
