"""HTTP of the usage ledger."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from slipway.base.clock import utc_now
from slipway.iam.http import Db, allow
from slipway.iam.types import Actor
from slipway.usage import ledger

router = APIRouter(tags=["Usage"])


class UsageTotals(BaseModel):
    start: datetime
    end: datetime
    totals: dict[str, float]


class UsageRecord(BaseModel):
    time: datetime
    kind: str
    subject_kind: str
    subject_id: str
    quantity: float
    details: dict[str, Any]


class UsageList(BaseModel):
    items: list[UsageRecord]


@router.get("/usage/totals")
async def usage_totals(
    db: Db, actor: Annotated[Actor, allow("usage:ledger:get")],
    start: datetime | None = None, end: datetime | None = None, subject: str | None = None,
) -> UsageTotals:  # fmt: skip
    """Sums by kind; the last 30 days where no range is given."""
    until = end or utc_now()
    since = start or until - timedelta(days=30)
    async with db.read() as session:
        sums = await ledger.totals(
            session, project_id=actor.project_id, start=since, end=until, subject_id=subject
        )
    return UsageTotals(start=since, end=until, totals=sums)


@router.get("/usage")
async def list_usage(
    db: Db, actor: Annotated[Actor, allow("usage:ledger:list")],
    before: datetime | None = None, limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> UsageList:  # fmt: skip
    async with db.read() as session:
        rows = await ledger.list_usage(
            session, project_id=actor.project_id, before=before, limit=limit
        )
    return UsageList(
        items=[
            UsageRecord(
                time=r.time,
                kind=r.kind,
                subject_kind=r.subject_kind,
                subject_id=r.subject_id,
                quantity=r.quantity,
                details=r.details,
            )
            for r in rows
        ]
    )
