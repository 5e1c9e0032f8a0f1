from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from slipway.loadtests.types import (
    LoadTest,
    LoadTestSpec,
    LoadTestState,
    why_not_delete,
    why_not_stop,
)


class LoadTestForm(BaseModel):
    """Each of `steps` callers asks again as soon as it is answered, for `seconds` seconds."""

    method: str = "POST"
    path: str
    body: str = ""
    content_type: str = "application/json"
    steps: Annotated[list[int], Field(min_length=1, max_length=12)] = [1, 2, 4, 8, 16, 32]
    seconds: float = 10.0
    timeout_s: float = 60.0
    version_id: Annotated[
        str | None, Field(description="Only this version; otherwise as the weights say.")
    ] = None
    cpu_cores: float = 1.0

    def spec(self) -> LoadTestSpec:
        return LoadTestSpec(**{**self.model_dump(), "steps": tuple(self.steps)})


class LoadStepView(BaseModel):
    """Latencies are of answers with a status of 200 to 399; `first_` until the first byte of the
    body, which in a stream is the first token. `failures`: by status, or by what went wrong."""

    concurrency: int
    seconds: float
    requests: int
    failed: int
    rps: float
    bytes_per_s: float = 0
    tokens_per_s: float | None = None
    mean_ms: float | None = None
    p50_ms: float | None = None
    p90_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    max_ms: float | None = None
    first_p50_ms: float | None = None
    first_p95_ms: float | None = None
    first_p99_ms: float | None = None
    failures: dict[str, int] = {}


class LoadLiveView(BaseModel):
    """The last second of the step that runs."""

    step: int
    concurrency: int
    live_rps: float
    live_p95_ms: float | None


class LoadTestBlocked(BaseModel):
    stop: str | None
    delete: str | None


class LoadTestView(BaseModel):
    id: str
    service_id: str
    state: LoadTestState
    reason: str
    method: str
    path: str
    body: str
    content_type: str
    planned: list[int]
    seconds: float
    timeout_s: float
    version_id: str | None
    steps: list[LoadStepView]
    live: LoadLiveView | None
    creator_name: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    blocked: LoadTestBlocked

    @classmethod
    def of(cls, test: LoadTest, found: dict[str, Any]) -> LoadTestView:
        spec, live = test.spec, found.get("live")
        shown = live if live is not None and not test.state.is_final else None
        return cls(
            id=test.id, service_id=test.service_id, state=test.state, reason=test.reason,
            method=spec.method, path=spec.path, body=spec.body, content_type=spec.content_type,
            planned=list(spec.steps), seconds=spec.seconds, timeout_s=spec.timeout_s,
            version_id=spec.version_id, steps=[LoadStepView(**one) for one in found["steps"]],
            live=None if shown is None else LoadLiveView(**shown), creator_name=test.creator_name,
            created_at=test.created_at, started_at=test.started_at, ended_at=test.ended_at,
            blocked=LoadTestBlocked(stop=why_not_stop(test), delete=why_not_delete(test)),
        )  # fmt: skip


class LoadTestPage(BaseModel):
    items: list[LoadTestView]
    next_cursor: str | None
    total: int
