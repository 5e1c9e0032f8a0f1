"""Opening a shell inside an instance: who may, how many, and what is written down of it.

That a shell was opened, by whom, where and for how long is an event. What is typed in it is not
recorded.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from slipway.base.clock import Clock
from slipway.base.database import Database
from slipway.base.errors import Conflict, TooMany, Unavailable
from slipway.base.events import record
from slipway.compute.engines.base import Engine, NoShell, Shell
from slipway.compute.types import Instance, InstanceState
from slipway.iam.types import Actor

MOST_AT_ONCE = 8  # in one instance
_SIZES = (2, 1000)


@dataclass(frozen=True, slots=True)
class Where:
    """An instance, and the object of a room that it belongs to (as events name it)."""

    kind: str
    owner_id: str
    name: str
    instance: Instance


@dataclass(slots=True)
class Shells:
    """What is open in this process. `engines` is filled by who runs the loops."""

    engines: Mapping[str, Engine] = field(default_factory=dict)
    open: Counter[str] = field(default_factory=Counter)


def why_not_shell(instance: Instance) -> str | None:
    if instance.state == InstanceState.RUNNING:
        return None
    return "A shell needs a running instance."


@contextlib.asynccontextmanager
async def opened(
    db: Database,
    shells: Shells,
    actor: Actor,
    where: Where,
    size: tuple[int, int],
    now: Clock,
) -> AsyncIterator[Shell]:
    """The shell for as long as the block runs; nothing of it is left after."""
    instance = where.instance
    if reason := why_not_shell(instance):
        raise Conflict(reason, code="not_running")
    engine = shells.engines.get(instance.engine)
    if engine is None:
        raise Unavailable("This server does not reach the instance's machine.", code="no_engine")
    if shells.open[instance.id] >= MOST_AT_ONCE:
        raise TooMany(
            f"There are {MOST_AT_ONCE} shells open in this instance. Close one first.",
            retry_after_s=60, code="too_many_shells",
        )  # fmt: skip
    shells.open[instance.id] += 1
    try:
        shell = await _open(engine, instance, size)
        began = now()
        try:
            await _tell(db, actor, where, "shellOpened", began)
            yield shell
        finally:
            await shell.close()
            ended = now()
            seconds = round((ended - began).total_seconds(), 1)
            await _tell(db, actor, where, "shellClosed", ended, duration_s=seconds)
    finally:
        shells.open[instance.id] -= 1
        shells.open += Counter()  # drops what is zero


async def _open(engine: Engine, instance: Instance, size: tuple[int, int]) -> Shell:
    try:
        return await engine.open_shell(instance.id, *size)
    except NoShell as error:
        raise Unavailable(str(error), code="no_shell") from error


def bounded(columns: int, rows: int) -> tuple[int, int]:
    """A size that terminals can have."""
    least, most = _SIZES
    return min(max(columns, least), most), min(max(rows, least), most)


async def _tell(
    db: Database, actor: Actor, where: Where, event: str, now: datetime, **data: object
) -> None:
    async with db.begin() as session:
        await record(
            session, f"{where.kind}:{event}", subject=(where.kind, where.owner_id),
            project_id=actor.project_id, actor_id=actor.user_id, now=now, name=where.name,
            instance_id=where.instance.id, user=actor.user_name, **data,
        )  # fmt: skip
