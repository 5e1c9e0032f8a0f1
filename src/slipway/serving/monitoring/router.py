"""HTTP of call monitoring."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field

from slipway.base.clock import utc_now
from slipway.iam.http import Db, allow
from slipway.iam.types import Actor
from slipway.serving.monitoring import export
from slipway.serving.monitoring.report import (
    CallFilter,
    CallShare,
    CallSums,
    list_shares,
    read_report,
)
from slipway.serving.statistics import CallRange, span, step_of

router = APIRouter(tags=["Call monitoring"])


class CallSumsView(BaseModel):
    calls: int
    failed: int
    prompt_tokens: int
    completion_tokens: int
    tokens: int
    images: int
    cost: float

    @classmethod
    def of(cls, s: CallSums) -> CallSumsView:
        return cls(
            calls=s.calls, failed=s.failed, prompt_tokens=s.prompt_tokens,
            completion_tokens=s.completion_tokens, tokens=s.tokens, images=s.images, cost=s.cost,
        )  # fmt: skip


class CallSumsPoint(CallSumsView):
    time: datetime


class CallShareView(CallSumsView):
    """'' as model, group or service: a call without one."""

    model: str
    group_id: str
    group_name: str
    group_deleted: bool
    service_id: str
    service_name: str

    @classmethod
    def of_share(cls, share: CallShare) -> CallShareView:
        return cls(
            **dict(CallSumsView.of(share.sums)), model=share.model, group_id=share.group_id,
            group_name=share.group_name, group_deleted=share.group_deleted,
            service_id=share.service_id, service_name=share.service_name,
        )  # fmt: skip


class CallFailureView(BaseModel):
    code: str
    calls: int
    share: float = Field(description="Of all failed calls of the range, 0 to 1.")


class CallReportView(BaseModel):
    start: datetime
    end: datetime
    step_s: int
    total: CallSumsView
    shares: list[CallShareView]
    failures: list[CallFailureView]
    points: list[CallSumsPoint]


class CallExportFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


_MEDIA = {
    CallExportFormat.CSV: "text/csv; charset=utf-8",
    CallExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def call_filter(
    actor: Annotated[Actor, allow("serve:call:list")],
    range: CallRange | None = None,  # noqa: A002  the word of the query
    start: datetime | None = None, end: datetime | None = None,
    group: Annotated[str | None, Query(description="Only calls with this group's AppKey.")] = None,
    service: Annotated[str | None, Query(description="Only calls of this service.")] = None,
    model: Annotated[str | None, Query(description="Only calls that named this model.")] = None,
) -> CallFilter:  # fmt: skip
    since, until = span(range, start, end, utc_now())
    return CallFilter(actor.project_id, since, until, group, service, model)


Asked = Annotated[CallFilter, Depends(call_filter)]


@router.get("/calls")
async def get_call_report(db: Db, asked: Asked) -> CallReportView:
    """The project's calls of a range (the last hour, where none is given): sums, the share of each
    model, group and service, what failed by code, and the course over time."""
    step_s = step_of(asked.start, asked.end, None)
    async with db.read() as session:
        found = await read_report(session, asked, step_s=step_s)
    return CallReportView(
        start=asked.start, end=asked.end, step_s=step_s, total=CallSumsView.of(found.total),
        shares=[CallShareView.of_share(share) for share in found.shares],
        failures=[
            CallFailureView(code=f.code, calls=f.calls, share=f.share) for f in found.failures
        ],
        points=[
            CallSumsPoint(**dict(CallSumsView.of(sums)), time=at) for at, sums in found.points
        ],
    )  # fmt: skip


@router.get("/calls/export", response_class=Response)
async def export_call_report(
    db: Db,
    asked: Asked,
    format: CallExportFormat = CallExportFormat.CSV,  # noqa: A002  as users say it
) -> Response:
    """The same figures as a file: CSV in UTF-8 with a header row, or an Excel workbook."""
    async with db.read() as session:
        rows = list(export.rows_of(await list_shares(session, asked)))
    if format == CallExportFormat.CSV:
        body = export.as_csv(export.HEADER, rows)
    else:
        body = export.as_xlsx("calls", export.HEADER, rows)
    name = f"calls-{asked.start:%Y%m%dT%H%M}-{asked.end:%Y%m%dT%H%M}.{format}"
    return Response(
        body,
        media_type=_MEDIA[format],
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )
