"""Starting, stopping and deleting a load test."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid
from slipway.base.events import record
from slipway.base.ids import new_id
from slipway.compute import submit as compute
from slipway.compute.types import Mode, Mount, Resources, Role, TextFile, Workload, WorkloadSpec
from slipway.evaluation.keys import FILE, KeyFolders
from slipway.iam.types import Actor
from slipway.loadtests import queries
from slipway.loadtests.tables import LoadTestRow
from slipway.loadtests.types import (
    KIND,
    LoadTest,
    LoadTestSpec,
    LoadTestState,
    why_not_delete,
    why_not_stop,
)
from slipway.serving import proxy
from slipway.serving import queries as serving
from slipway.serving.internal_keys import LentKey, lend_key
from slipway.serving.tables import ServiceRow

MAX_STEPS, MAX_CALLERS = 12, 512
MAX_STEP_S, MAX_WHOLE_S = 600.0, 3600.0
KEYS_FOLDER = "loadtests"
_MEMORY_BYTES = 512 << 20
_COMMAND = (
    'exec python -m slipway.runtime.load --config "$ML_LOAD_CONFIG" '
    f'--keys "$ML_KEYS_DIR/{FILE}"'
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Surroundings:
    keys: KeyFolders
    sealer: Sealer
    gateway_url: str


def check_spec(spec: LoadTestSpec) -> None:
    proxy.check_test(spec.method, spec.path, spec.body, spec.content_type)
    if not 1 <= len(spec.steps) <= MAX_STEPS:
        raise Invalid(f"A load test has 1 to {MAX_STEPS} steps.", field="steps")
    if any(not 1 <= callers <= MAX_CALLERS for callers in spec.steps):
        raise Invalid(f"A step has 1 to {MAX_CALLERS} callers.", field="steps")
    if not 1 <= spec.seconds <= MAX_STEP_S:
        raise Invalid(f"A step takes 1 to {MAX_STEP_S:.0f} seconds.", field="seconds")
    if spec.seconds * len(spec.steps) > MAX_WHOLE_S:
        raise Invalid(
            f"All steps together take at most {MAX_WHOLE_S:.0f} seconds.", field="seconds"
        )
    if not 0.1 <= spec.timeout_s <= 600:
        raise Invalid("The longest wait for an answer is 0.1 to 600 seconds.", field="timeout_s")
    if not 0 < spec.cpu_cores <= 64:
        raise Invalid("The generator gets more than 0 and at most 64 cores.", field="cpu_cores")


async def start_load_test(
    db: Database,
    around: Surroundings,
    actor: Actor,
    service_id: str,
    spec: LoadTestSpec,
    *,
    now: datetime,
) -> LoadTest:
    check_spec(spec)
    test_id = new_id("load")
    try:
        async with db.begin() as session:
            service = await serving.get_service(session, actor.project_id, service_id)
            await _check_version(session, actor, service_id, spec)
            lent = await lend_key(
                session, around.sealer, actor, service_id, borrower=test_id, now=now
            )
            row = LoadTestRow(
                id=test_id, project_id=actor.project_id, service_id=service_id,
                spec=spec.as_json(), lent_key=lent.key_id, state=LoadTestState.QUEUED,
                workload_id="", created_by=actor.user_id, creator_name=actor.user_name,
                created_at=now,
            )  # fmt: skip
            session.add(row)
            await session.flush()
            workload = await _submit(session, around, actor, service, row, lent, spec, now)
            # Tiny and local; it must be there before the commit lets the workload start.
            around.keys.put(test_id, {"0": lent.secret})
            row.workload_id = workload.id
            await session.flush()
            await tell(session, row, actor_id=actor.user_id, now=now)
            return queries.frozen(row)
    except IntegrityError as error:
        around.keys.remove(test_id)
        raise Conflict(
            "A load test of this service is running. Stop it first: two at once would measure each "
            "other.",
            code="load_test_running",
        ) from error
    except BaseException:
        around.keys.remove(test_id)
        raise


async def stop_load_test(
    db: Database, actor: Actor, service_id: str, test_id: str, *, now: datetime
) -> LoadTest:
    """What was measured so far is kept."""
    async with db.begin() as session:
        row = await queries.get_load_test(session, actor.project_id, service_id, test_id, lock=True)
        if reason := why_not_stop(queries.frozen(row)):
            raise Conflict(reason, code="wrong_state")
        row.state = LoadTestState.STOPPING
        await compute.want_stop(session, row.workload_id)
        await session.flush()
        await tell(session, row, actor_id=actor.user_id, now=now)
        return queries.frozen(row)


async def delete_load_test(
    db: Database, actor: Actor, service_id: str, test_id: str, *, now: datetime
) -> None:
    async with db.begin() as session:
        row = await queries.get_load_test(session, actor.project_id, service_id, test_id, lock=True)
        if reason := why_not_delete(queries.frozen(row)):
            raise Conflict(reason, code="wrong_state")
        await tell(session, row, "deleted", actor_id=actor.user_id, now=now)
        await session.delete(row)


async def tell(
    session: AsyncSession,
    row: LoadTestRow,
    event: str | None = None,
    *,
    actor_id: str | None = None,
    now: datetime,
) -> None:
    """News of the service that it loads, so that the service's page follows."""
    await record(
        session, f"loadTest:{event or row.state}", subject=("service", row.service_id),
        project_id=row.project_id, actor_id=actor_id, now=now, load_test=row.id, state=row.state,
        reason=row.reason,
    )  # fmt: skip


async def _check_version(
    session: AsyncSession, actor: Actor, service_id: str, spec: LoadTestSpec
) -> None:
    if spec.version_id is None:
        return
    version = await serving.get_version(session, actor.project_id, spec.version_id)
    if version.service_id != service_id:
        raise Invalid(f"{spec.version_id} is a version of another service.", field="version_id")


async def _submit(
    session: AsyncSession,
    around: Surroundings,
    actor: Actor,
    service: ServiceRow,
    row: LoadTestRow,
    lent: LentKey,
    spec: LoadTestSpec,
    now: datetime,
) -> Workload:
    to = spec.version_id or row.service_id
    config = {
        "url": f"{around.gateway_url.rstrip('/')}/{to}{spec.path}", "method": spec.method.upper(),
        "body": spec.body, "content_type": spec.content_type, "steps": list(spec.steps),
        "seconds": spec.seconds, "timeout_s": spec.timeout_s,
    }  # fmt: skip
    resources = Resources(cpu_cores=spec.cpu_cores, memory_bytes=_MEMORY_BYTES)
    workload = WorkloadSpec(
        mode=Mode.SINGLE, roles=(Role("generator", 1, _COMMAND, resources=resources),),
        environment="python", workdir="/home/slipway", grace_s=10.0,
        mounts=(
            Mount(
                str(around.keys.folder(row.id)), "/opt/ml/input/keys", True, "ML_KEYS_DIR", "other",
                create=True,
            ),
        ),
        files=(
            TextFile("/opt/ml/input/config/load.json", json.dumps(config), "ML_LOAD_CONFIG"),
        ),
    )  # fmt: skip
    return await compute.submit(
        session, project_id=row.project_id, kind=KIND, owner_id=row.id,
        name=f"Load test of {service.name}"[:60], spec=workload, created_by=actor.user_id, now=now,
        group_id=service.resource_group,
    )  # fmt: skip
