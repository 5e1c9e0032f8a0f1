"""Taking metric points: the one way in for the push API, the MLflow API and the quick route."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slipway.base.errors import Invalid
from slipway.tracking.grants import PushGrants
from slipway.tracking.journal import MetricJournal
from slipway.tracking.limits import CallLimit
from slipway.tracking.points import checked_batch, checked_lines


@dataclass(frozen=True, slots=True)
class Reporting:
    """What a push needs; one of it lives in the application's state."""

    journal: MetricJournal
    limit: CallLimit
    grants: PushGrants

    async def push(
        self, run_id: str, user_id: str, points: Sequence[Mapping[str, Any]], batch: str | None = None
    ) -> bool:  # fmt: skip
        """False if the batch was taken before. Durable when it returns."""
        lines = checked_lines(points)
        batch = checked_batch(batch)
        self.limit.count(user_id)
        return await self.journal.append(run_id, lines, batch)


def points_of(body: Any) -> tuple[Sequence[Mapping[str, Any]], str | None]:
    """One point, or `{"points": [...], "batch": id}`."""
    batch = body.pop("batch", None)
    if "points" in body:
        if len(body) > 1:
            raise Invalid("Send one point, or points; not both.", field="points")
        return body["points"], batch
    return [body], batch
