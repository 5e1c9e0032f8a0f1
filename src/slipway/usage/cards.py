"""Card-hours: asked for, held and really used, by project, user, tag, group or card type (RES-X8).

Asked: from when the work entered the queue until it ended, so waiting counts. Held: while it ran.
Used: held, times how busy the cards were, as far as that was measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.compute import queries as compute
from slipway.compute.output.files import InstanceFiles
from slipway.compute.output.metrics import read_samples
from slipway.compute.types import Instance, Workload
from slipway.iam.queries import list_projects, user_names
from slipway.usage import ledger
from slipway.usage.types import UsageKind
from slipway.usage.used import busy_cards

_HOUR_S = 3600.0

Holder = tuple[Workload, Instance, datetime]  # since when that is not in the ledger


class By(StrEnum):
    PROJECT = "project"
    USER = "user"
    TAG = "tag"  # each key:value by itself; what has several counts with each of them
    GROUP = "group"
    CARD = "card"


@dataclass(slots=True)
class CardHours:
    """`measured`: the part of `held` for which it is known how busy the cards were."""

    key: str
    name: str
    asked: float = 0.0
    held: float = 0.0
    measured: float = 0.0
    used: float = 0.0


@dataclass(frozen=True, slots=True)
class IdleCards:
    """Work that holds cards and hardly uses them. `busy`: of its cards, on average, 0 to 1."""

    workload_id: str
    kind: str
    owner_id: str
    name: str
    project_id: str
    user_id: str
    instance_id: str
    node_id: str
    cards: float
    busy: float
    held_since: datetime
    idle_card_hours: float


async def card_hours(
    session: AsyncSession, by: By, *, project_id: str | None, start: datetime, end: datetime, now: datetime
) -> list[CardHours]:  # fmt: skip
    """What fell into [start, end), the most held first; `project_id` None: of all projects."""
    sums: dict[str, CardHours] = {}
    for row in await ledger.list_card_records(session, project_id, start, end):
        for key in _keys(by, row.project_id, row.details):
            one = sums.setdefault(key, CardHours(key, key))
            match row.kind:
                case UsageKind.INSTANCE_SECONDS:
                    held = row.quantity * float(row.details["gpus"]) / _HOUR_S
                    one.held += held
                    one.asked += held
                case UsageKind.CARD_SECONDS_WAITED:
                    one.asked += row.quantity / _HOUR_S
                case UsageKind.CARD_SECONDS_USED:
                    one.used += row.quantity / _HOUR_S
                    one.measured += float(row.details["measured"]) / _HOUR_S
    # What runs is told to the ledger once an hour; until then it is counted here.
    for workload, instance, since in await list_holders(session, project_id):
        seconds = (min(now, end) - max(since, start)).total_seconds()
        if seconds <= 0:
            continue
        details = await ledger.details_of(session, workload, instance)
        for key in _keys(by, workload.project_id, details):
            one = sums.setdefault(key, CardHours(key, key))
            hours = seconds * instance.resources.gpus / _HOUR_S
            one.held, one.asked = one.held + hours, one.asked + hours
    names = await _names(session, by, sums)
    for key, name in names.items():
        sums[key].name = name
    return sorted(sums.values(), key=lambda one: (-one.held, one.name))


def idle_cards(
    running: Iterable[Holder],
    files: InstanceFiles,
    *,
    within: timedelta,
    below: float,
    now: datetime,
) -> list[IdleCards]:
    """Work whose cards were busy less than `below` (0 to 1) for as long as `within`. Blocking."""
    found = []
    for workload, instance, _ in running:
        started = instance.started_at
        if started is None or now - started < within:
            continue  # it may still be loading
        samples = read_samples(files.samples(instance.id), points=100_000)
        held = instance.resources.gpus
        busy = busy_cards(samples, now - within, now, held=held)
        if busy is None or busy / held >= below:
            continue
        found.append(
            IdleCards(
                workload.id, workload.kind, workload.owner_id, workload.name, workload.project_id,
                workload.created_by, instance.id, instance.node_id, held, busy / held, started,
                (held - busy) * within.total_seconds() / _HOUR_S,
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (-one.idle_card_hours, one.instance_id))


async def list_holders(session: AsyncSession, project_id: str | None) -> list[Holder]:
    """Running instances with cards; `project_id` None: of all projects."""
    held = await compute.list_holding_cards(session)
    return [one for one in held if project_id in (None, one[0].project_id)]


def _keys(by: By, project_id: str, details: Mapping[str, Any]) -> Iterable[str]:
    match by:
        case By.PROJECT:
            return (project_id,)
        case By.USER:
            return (str(details.get("user", "")),)
        case By.GROUP:
            return (str(details.get("group_id", "")),)
        case By.CARD:
            return (str(details.get("card_model", "")),)
        case By.TAG:
            tags = details.get("tags") or {}
            return [f"{key}:{value}" for key, value in sorted(tags.items())] or [""]


async def _names(session: AsyncSession, by: By, keys: Iterable[str]) -> dict[str, str]:
    wanted = set(keys)
    match by:
        case By.PROJECT:
            found = {row.id: row.name for row in await list_projects(session)}
        case By.USER:
            found = await user_names(session, wanted)
        case By.GROUP:
            found = {row.id: row.name for row in await compute.list_groups(session)}
        case _:
            return {}
    return {key: found[key] for key in wanted if key in found}
