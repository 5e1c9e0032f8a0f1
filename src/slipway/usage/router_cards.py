"""HTTP of card-hours and of cards that are held and not used (RES-X8)."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from slipway.base.clock import utc_now
from slipway.base.errors import Forbidden, Invalid
from slipway.compute.http import Files
from slipway.iam.http import Db, allow
from slipway.iam.types import Actor
from slipway.usage import cards
from slipway.usage.cards import By, CardHours

router = APIRouter(prefix="/usage", tags=["Usage"])

Reader = Annotated[Actor, allow("usage:card:get")]
AllProjects = Annotated[bool, Query(description="Of all projects; administrators only.")]
_COLUMNS = ("key", "name", "asked_h", "held_h", "measured_h", "used_h")
_MOST = timedelta(days=366)


class CardHoursView(BaseModel):
    key: str = Field(description="Empty: what has no such thing, a tag for example.")
    name: str
    asked_h: float = Field(description="Card-hours from entering the queue to the end.")
    held_h: float = Field(description="Card-hours while it ran.")
    measured_h: float = Field(description="The part of those for which use was measured.")
    used_h: float = Field(description="Those, times how busy the cards were.")

    @classmethod
    def of(cls, one: CardHours) -> CardHoursView:
        return cls(
            key=one.key, name=one.name, asked_h=one.asked, held_h=one.held,
            measured_h=one.measured, used_h=one.used,
        )  # fmt: skip


class CardHoursReport(BaseModel):
    by: By
    start: datetime
    end: datetime
    items: list[CardHoursView] = Field(description="The most held first.")


class IdleCardsView(BaseModel):
    workload_id: str
    kind: str
    owner_id: str
    name: str
    project_id: str
    user_id: str
    instance_id: str
    node_id: str
    cards: float
    busy: float = Field(description="Of its cards, on average, 0 to 1.")
    held_since: datetime
    idle_card_hours: float


class IdleReport(BaseModel):
    within_s: float
    items: list[IdleCardsView]


@router.get("/cards")
async def get_card_hours(
    db: Db, actor: Reader, by: By = By.PROJECT, start: datetime | None = None,
    end: datetime | None = None, all_projects: AllProjects = False,
) -> CardHoursReport:  # fmt: skip
    """Card-hours asked for, held and used; the last 30 days where no range is given."""
    return await _report(db, actor, by, start, end, all_projects)


@router.get("/cards.csv", response_class=Response)
async def download_card_hours(
    db: Db, actor: Reader, by: By = By.PROJECT, start: datetime | None = None,
    end: datetime | None = None, all_projects: AllProjects = False,
) -> Response:  # fmt: skip
    report = await _report(db, actor, by, start, end, all_projects)
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow(_COLUMNS)
    for item in report.items:
        lines.writerow([_plain(item.key), _plain(item.name), *(getattr(item, c) for c in _COLUMNS[2:])])  # fmt: skip
    headers = {"content-disposition": f'attachment; filename="card-hours-by-{by}.csv"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/idle-cards")
async def list_idle_cards(
    db: Db, files: Files, actor: Reader,
    within_s: Annotated[float, Query(ge=10, le=86_400)] = 3600,
    below: Annotated[float, Query(ge=0, le=1, description="0.05: busy for less than 5 %.")] = 0.05,
    all_projects: AllProjects = False,
) -> IdleReport:  # fmt: skip
    """Running work that holds cards and hardly used them in the last `within_s` seconds."""
    async with db.read() as session:
        running = await cards.list_holders(session, _scope(actor, all_projects))
    found = await asyncio.to_thread(
        cards.idle_cards, running, files, within=timedelta(seconds=within_s), below=below, now=utc_now()
    )  # fmt: skip
    items = [IdleCardsView.model_validate(one, from_attributes=True) for one in found]
    return IdleReport(within_s=within_s, items=items)


async def _report(
    db: Db, actor: Actor, by: By, start: datetime | None, end: datetime | None, all_projects: bool
) -> CardHoursReport:
    now = utc_now()
    until = _moment(end, "end") or now
    since = _moment(start, "start") or until - timedelta(days=30)
    if not timedelta() < until - since <= _MOST:
        raise Invalid("The range must end after its start, within a year.", field="end")
    async with db.read() as session:
        found = await cards.card_hours(
            session, by, project_id=_scope(actor, all_projects), start=since, end=until, now=now
        )
    return CardHoursReport(
        by=by, start=since, end=until, items=[CardHoursView.of(one) for one in found]
    )


def _scope(actor: Actor, all_projects: bool) -> str | None:
    if all_projects and not actor.is_admin:
        raise Forbidden("Only administrators of the platform see the use of all projects.")
    return None if all_projects else actor.project_id


def _moment(given: datetime | None, field: str) -> datetime | None:
    if given is not None and given.tzinfo is None:
        raise Invalid(f"{field} needs a time zone, such as 2026-01-02T03:04:05Z.", field=field)
    return given.astimezone(UTC) if given else None


def _plain(text: str) -> str:
    """A tag that looks like a formula stays text in a spreadsheet."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
