"""What the gateway reports is kept exactly once, and adds up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from slipway.serving import histogram, statistics
from slipway.serving.statistics import CallRange
from slipway.serving.tables import ServiceRow
from slipway.usage.tables import UsageRow
from tests.models.house import House
from tests.serving.conftest import form

NOW = datetime(2026, 3, 5, 12, 30, 20, tzinfo=UTC)


def record(number: int, service: str, **other: Any) -> dict[str, Any]:
    """One call as the gateway reports it, with fields this side does not need too."""
    return {
        "id": f"req-{number}", "time": NOW.isoformat(), "service": service,
        "version": f"{service}-1", "replica": "r", "key": "key-a", "model": "chat",
        "path": "/v1/chat/completions", "status": 200, "error_code": None, "prompt_tokens": 10,
        "completion_tokens": 5, "images": 0, "estimated": False, "stream": True,
        "request_bytes": 100, "response_bytes": 300, "ttft_ms": 40.0, "duration_ms": 80.0, **other,
    }  # fmt: skip


async def send(house: House, batch: str, records: list[dict[str, Any]]) -> httpx.Response:
    token = (house.settings.root / "run" / "gateway.token").read_text()
    return await house.a.post(
        "http://test/internal/gateway/usage", json={"batch": batch, "records": records},
        headers={"authorization": f"Bearer {token}"},
    )  # fmt: skip


@pytest.mark.covers("SRV-49")
async def test_a_batch_that_comes_twice_counts_once(house: House) -> None:
    service = (await house.a.post("/services", json=form())).json()["id"]
    batch = [
        record(1, service), record(2, service, status=500, duration_ms=20.0, prompt_tokens=0,
                                   completion_tokens=0, ttft_ms=None),
        record(3, service, status=429, prompt_tokens=0, completion_tokens=0),
        record(4, service, key=None, time=(NOW + timedelta(minutes=3)).isoformat()),
        record(5, "ms-unknown1"),
    ]  # fmt: skip
    assert (await send(house, "b-1", batch)).json() == {"batch": "b-1", "new": True}
    assert (await send(house, "b-1", batch)).json() == {"batch": "b-1", "new": False}
    assert (await send(house, "b-2", [record(6, service)])).json()["new"]

    async with house.db.read() as session:
        rows = list(await session.scalars(select(UsageRow).order_by(UsageRow.source)))
    own = [r for r in rows if r.subject_id == service]
    assert len(own) == len(rows)
    assert {r.project_id for r in own} == {house.project}
    tokens = {r.source: r.quantity for r in own if r.kind == "tokens"}
    assert tokens == {"gw:req-1": 15, "gw:req-4": 15, "gw:req-6": 15}
    requests = sorted((r.details["key"] or "", r.quantity) for r in own if r.kind == "requests")
    assert requests == [("", 1), ("key-a", 1), ("key-a", 3)]

    span = {"start": "2026-03-05T12:00:00Z", "end": "2026-03-05T13:00:00Z"}
    path = f"/services/{service}/statistics"
    seen = (await house.a.get(path, params=span)).json()
    total = seen["total"]
    assert (total["received"], total["succeeded"]) == (5, 3)
    assert (total["failed"], total["throttled"]) == (1, 1)
    assert (total["prompt_tokens"], total["completion_tokens"]) == (30, 15)
    assert total["mean_ms"] == pytest.approx((80 * 3 + 20) / 4)
    assert total["mean_ttft_ms"] == pytest.approx(40)
    points = {p["time"]: p["received"] for p in seen["items"]}
    assert points == {"2026-03-05T12:30:00Z": 4, "2026-03-05T12:33:00Z": 1}
    assert {k["key_id"]: k["received"] for k in seen["by_key"]} == {"key-a": 4, "": 1}
    earlier = span | {"end": "2026-03-05T12:30:00Z"}
    assert (await house.a.get(path, params=earlier)).json()["total"]["received"] == 0


async def test_the_last_calls_of_a_deleted_service_are_booked(house: House) -> None:
    service = (await house.a.post("/services", json=form())).json()["id"]
    async with house.db.begin() as session:
        await session.delete(await session.get(ServiceRow, service))
    await send(house, "late", [record(1, service)])
    async with house.db.read() as session:
        rows = list(await session.scalars(select(UsageRow)))
    assert sorted((r.kind, r.quantity) for r in rows) == [("requests", 1), ("tokens", 15)]


def test_named_ranges() -> None:
    midnight = datetime(2026, 3, 5, tzinfo=UTC)
    day = timedelta(days=1)
    assert statistics.span(CallRange.TODAY, None, None, NOW) == (midnight, NOW)
    assert statistics.span(CallRange.YESTERDAY, None, None, NOW) == (midnight - day, midnight)
    assert statistics.span(CallRange.WEEK, None, None, NOW) == (NOW - 7 * day, NOW)
    assert statistics.span(CallRange.FORTNIGHT, None, None, NOW) == (NOW - 15 * day, NOW)
    assert statistics.step_of(NOW - 15 * day, NOW, None) == 21_600
    assert statistics.step_of(NOW - timedelta(hours=1), NOW, None) == 60


@given(st.lists(st.floats(0, 120_000), min_size=1))
def test_a_quantile_lies_in_the_bucket_of_its_value(values: list[float]) -> None:
    counts = list(histogram.EMPTY)
    for value in values:
        counts[histogram.bucket_of(value)] += 1
    assert sum(counts) == len(values)
    for share in (0.5, 0.95, 1.0):
        found = histogram.quantile(counts, share)
        exact = sorted(values)[max(0, -int(-share * len(values) // 1) - 1)]
        assert found is not None
        low, high = _edges(histogram.bucket_of(exact))
        assert low <= found <= high


def _edges(bucket: int) -> tuple[float, float]:
    low = histogram.BOUNDS[bucket - 1] if bucket else 0
    return low, histogram.BOUNDS[min(bucket, len(histogram.BOUNDS) - 1)]
