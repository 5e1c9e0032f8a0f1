from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from slipway.sdk.errors import SlipwayError
from slipway.sdk.http import Http
from slipway.sdk.types import ComparisonView, EvaluationDetail, EvaluationView, ResultsView
from slipway.sdk.waiting import wait_until

_BASE = "/evaluations"


class Evaluations:
    """Objective evaluations of language models."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def create(self, name: str, models: Any, sets: Any, **form: Any) -> EvaluationView:
        """`models`: [{"kind": "service"|"model_version"|"storage"|"third_party", "ref": ...}];
        `sets`: [{"kind": "dataset"|"storage", "ref": ...}]."""
        return self._http.post(
            EvaluationView, _BASE, {"name": name, "models": models, "sets": sets, **form}
        )

    def get(self, evaluation_id: str) -> EvaluationDetail:
        return self._http.get(EvaluationDetail, f"{_BASE}/{evaluation_id}")

    def list(self, **filters: Any) -> Iterator[EvaluationView]:
        return self._http.pages(EvaluationView, _BASE, **filters)

    def wait(
        self,
        evaluation_id: str,
        *,
        timeout_s: float | None = None,
        progress: Callable[[EvaluationDetail], None] | None = None,
    ) -> EvaluationDetail:
        """Until it has ended; raises with the reason unless it completed."""
        done = wait_until(
            lambda: self.get(evaluation_id),
            ("Completed", "Stopped", "Failed"),
            timeout_s=timeout_s,
            progress=progress,
        )
        if done.state != "Completed":
            raise SlipwayError(
                f"Evaluation {done.name} is {done.state}: {done.reason}", code="evaluation_failed"
            )
        return done

    def results(self, evaluation_id: str) -> ResultsView:
        return self._http.get(ResultsView, f"{_BASE}/{evaluation_id}/results")

    def samples(self, evaluation_id: str, **query: Any) -> Any:
        given = {k: v for k, v in query.items() if v is not None}
        return self._http.request("GET", f"{_BASE}/{evaluation_id}/samples", params=given).json()

    def compare(self, ids: Any, **form: Any) -> ComparisonView:
        return self._http.post(ComparisonView, f"{_BASE}/compare", {"ids": ids, **form})

    def stop(self, evaluation_id: str) -> None:
        self._http.request("POST", f"{_BASE}/{evaluation_id}/stop")

    def delete(self, evaluation_id: str) -> None:
        self._http.delete(f"{_BASE}/{evaluation_id}")
