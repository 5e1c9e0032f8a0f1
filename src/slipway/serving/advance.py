"""One look at a version, in one transaction: count, plan, carry out, observe.

Everything is decided from the rows as they are now, under the version's lock; nothing here waits
for the world. Doing it twice changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets.storage import Storage
from slipway.base.errors import SlipwayError
from slipway.base.ids import new_secret
from slipway.compute import submit as compute
from slipway.serving import backoff, history, log_delivery, queries, sources
from slipway.serving.change import settle_service
from slipway.serving.config import VersionConfig
from slipway.serving.events import Level, tell_of_version, touch_service
from slipway.serving.launch import workload_spec
from slipway.serving.rollout import Plan, Seen, bounds, plan
from slipway.serving.states import Situation, version_state
from slipway.serving.tables import ReplicaRow, ServiceVersionRow
from slipway.serving.types import (
    KIND,
    Replica,
    ReplicaState,
    ServiceState,
    UpdateResult,
    Wanted,
)

# Between taking a replica out of the routes and telling it to end: the gateway has long heard.
DRAIN = timedelta(seconds=0.5)
# Calls that it still answers may take longer, up to the graceful stop; so often we look again.
_DRAIN_LOOK = timedelta(seconds=0.25)

InFlight = Callable[[str], int | None]  # calls in a replica now; None: no gateway tells

_LEVELS = {ServiceState.ABNORMAL: Level.WARNING, ServiceState.CREATE_FAILED: Level.WARNING}


async def advance(
    session: AsyncSession,
    storage: Storage,
    version_id: str,
    last_logs: Mapping[str, list[str]],
    now: datetime,
    in_flight: InFlight = lambda _replica: None,
) -> datetime | None:
    """Returns when to look again, if time alone will call for it.

    `last_logs`: the last log lines of replicas that failed, by replica.
    """
    row = await queries.lock_version(session, version_id)
    if row is None:
        return None
    all_counted = await _count_failures(session, row, last_logs, now)
    rows = await queries.replicas_of(session, version_id)
    draining = await _end_drained(session, row, rows, now, in_flight)
    # A failure that is not counted yet may mean a pause before the next attempt, or giving up.
    await _carry_out(session, storage, row, rows, now, may_create=all_counted)
    rows = await queries.replicas_of(session, version_id)
    await _observe(session, row, [queries.frozen_replica(r) for r in rows], now)
    return _look_again(row, rows, now, draining)


async def _count_failures(
    session: AsyncSession,
    row: ServiceVersionRow,
    last_logs: Mapping[str, list[str]],
    now: datetime,
) -> bool:
    """False where one failed since the logs were read: the look that follows counts it."""
    failed = await queries.uncounted_failures(session, row.id)
    for replica in failed:
        if replica.id not in last_logs:
            continue
        replica.counted = True
        await tell_of_version(
            session, row, "instanceFailed", now=now, level=Level.WARNING,
            resource=("Instance", replica.id), description=replica.reason,
        )  # fmt: skip
        if replica.revision != row.revision:
            continue  # says nothing about the present configuration
        failures = backoff.counted(row.failures, replica.ready_at, replica.ended_at or now)
        row.last_log = last_logs[replica.id]
        await _failed(session, row, failures, replica.reason, now)
    await session.flush()
    return all(replica.id in last_logs for replica in failed)


async def _failed(
    session: AsyncSession, row: ServiceVersionRow, failures: int, reason: str, now: datetime
) -> None:
    row.failures, row.last_failure = failures, reason
    row.retry_at = now + backoff.pause(failures)
    config = VersionConfig.of(row.config)
    if row.wanted == Wanted.RUN and backoff.gives_up(
        failures, deployed=row.deployed, retries=config.retries
    ):
        row.wanted, row.gave_up = Wanted.STOP, True
        await history.finish(session, row.id, UpdateResult.FAILED, now, reason)
    await session.flush()


async def _end_drained(
    session: AsyncSession,
    row: ServiceVersionRow,
    rows: Sequence[ReplicaRow],
    now: datetime,
    in_flight: InFlight,
) -> bool:
    """Ends those whose calls are through, or have had the time of a graceful stop.

    True: some still answer calls.
    """
    grace = timedelta(seconds=VersionConfig.of(row.config).grace_s)
    busy = False
    for replica in rows:
        due = replica.drain_until is not None and replica.drain_until <= now
        if not due or replica.state == ReplicaState.TERMINATING:
            continue
        assert replica.drain_until is not None
        answers = replica.verdict is None and bool(in_flight(replica.id))
        if answers and now < replica.drain_until + grace:
            busy = True
        else:
            await compute.want_stop(session, replica.workload_id)
    return busy


async def _carry_out(
    session: AsyncSession,
    storage: Storage,
    row: ServiceVersionRow,
    rows: Sequence[ReplicaRow],
    now: datetime,
    *,
    may_create: bool,
) -> None:
    todo = _plan(row, [queries.frozen_replica(r) for r in rows])
    by_id = {replica.id: replica for replica in rows}
    for replica_id in todo.stop:
        await _let_go(session, by_id[replica_id], now)
    paused = row.retry_at is not None and row.retry_at > now
    if todo.create and may_create and not paused:
        await _create(session, storage, row, todo.create, now)


def _plan(row: ServiceVersionRow, replicas: Sequence[Replica]) -> Plan:
    config = VersionConfig.of(row.config)
    expected = row.replicas if row.wanted == Wanted.RUN else 0
    seen = [
        Seen(r.id, r.revision != row.revision, r.takes_requests, not r.is_live) for r in replicas
    ]
    return plan(expected, bounds(expected, config.max_surge, config.max_unavailable), seen)


async def _let_go(session: AsyncSession, replica: ReplicaRow, now: datetime) -> None:
    """Out of the routes first; told to end a moment later, where it had requests to finish."""
    had_requests = queries.frozen_replica(replica).takes_requests
    if not had_requests:
        await compute.want_stop(session, replica.workload_id)
    replica.wanted = Wanted.STOP
    replica.drain_until = now + DRAIN if had_requests else now
    await session.flush()
    touch_service(session, replica.service_id)


async def _create(
    session: AsyncSession, storage: Storage, row: ServiceVersionRow, count: int, now: datetime
) -> None:
    config = VersionConfig.of(row.config)
    service = await queries.find_service(session, row.service_id)
    assert service is not None
    try:
        found = await sources.resolve(session, storage, row.project_id, config)
        spec = workload_spec(config, found)
        for _ in range(count):
            replica_id = f"{row.id}-{new_secret('', 5)}"
            workload = await compute.submit(
                session, project_id=row.project_id, kind=KIND, owner_id=replica_id,
                name=f"{service.name} V{row.number}", spec=spec, created_by=row.created_by,
                now=now, group_id=service.resource_group, tags=service.tags,
                priority=config.priority,
            )  # fmt: skip
            session.add(
                ReplicaRow(
                    id=replica_id, service_id=row.service_id, version_id=row.id,
                    revision=row.revision, state=ReplicaState.QUEUED, wanted=Wanted.RUN,
                    workload_id=workload.id, created_at=now, queued_at=now,
                )
            )  # fmt: skip
            await session.flush()
            await log_delivery.begin(session, row, replica_id, f"{service.name} V{row.number}", now)
    except SlipwayError as error:
        # A model or folder that has gone since: the user can bring it back, so it is tried again.
        await _failed(session, row, row.failures + 1, error.message, now)
    await queries.forget_old_replicas(session, row.id)


async def _observe(
    session: AsyncSession, row: ServiceVersionRow, replicas: Sequence[Replica], now: datetime
) -> None:
    row.deployed = row.deployed or any(r.takes_requests for r in replicas)
    state, reason = version_state(_situation(row), replicas)
    asleep = row.replicas == 0 and not any(r.is_live for r in replicas)
    if state == ServiceState.NORMAL and (asleep or not reason):
        await _arrived(session, row, now)
    before, row.reason = row.state, reason
    if state != before:
        row.state = state
        await settle_service(session, row.service_id)
        await tell_of_version(
            session, row, "stateChanged", now=now, level=_LEVELS.get(state, Level.NORMAL),
            description=reason or f"The version is {state}.",
        )  # fmt: skip
    await session.flush()


async def _arrived(session: AsyncSession, row: ServiceVersionRow, now: datetime) -> None:
    """All that was asked for is there."""
    if row.served and not row.updating and not await queries.running_updates(session, row.id):
        return
    row.served, row.updating = True, False
    await history.finish(session, row.id, UpdateResult.DONE, now)


def _situation(row: ServiceVersionRow) -> Situation:
    return Situation(
        wanted=Wanted(row.wanted), expected=row.replicas, revision=row.revision,
        served=row.served, gave_up=row.gave_up, failures=row.failures,
        last_failure=row.last_failure, attempts_left=_what_follows(row),
    )  # fmt: skip


def _what_follows(row: ServiceVersionRow) -> str:
    if row.failures == 0:
        return ""
    retries = VersionConfig.of(row.config).retries
    of = "" if row.deployed or retries is None else f" of {retries + 1}"
    pause_s = int(backoff.pause(row.failures).total_seconds())
    when = f"after a pause of {pause_s} s" if pause_s else "at once"
    return f"Attempt {row.failures + 1}{of} follows {when}."


def _look_again(
    row: ServiceVersionRow, rows: Sequence[ReplicaRow], now: datetime, draining: bool
) -> datetime | None:
    times = [r.drain_until for r in rows if r.state != ReplicaState.TERMINATING]
    times.append(row.retry_at)
    times.append(now + _DRAIN_LOOK if draining else None)
    return min((t for t in times if t is not None and t > now), default=None)
