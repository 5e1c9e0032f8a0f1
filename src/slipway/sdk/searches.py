from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from slipway.sdk.errors import SlipwayError
from slipway.sdk.http import Http
from slipway.sdk.types import SearchDetail, SearchPage, SearchTrialView, SearchView
from slipway.sdk.waiting import wait_until

_BASE = "/training/searches"


class Searches:
    """Hyper-parameter searches: many training tasks that differ in their hyper-parameters."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def start(
        self, name: str, task: dict[str, Any], space: Sequence[dict[str, Any]], metric: str, **form: Any
    ) -> SearchView:  # fmt: skip
        """`task`: a task's form (its name does not matter). `space`: such as
        {"name": "lr", "kind": "float", "low": 1e-5, "high": 0.1, "log": True}.
        Also direction, method, max_trials, parallel, seed, early_stopping, max_failures, tags."""
        body = {"name": name, "task": {"name": name, **task}, "space": list(space), "metric": metric, **form}  # fmt: skip
        return self._http.post(SearchView, _BASE, body)

    def list(self, **query: Any) -> Sequence[SearchView]:
        """`search`, `state`, `tag`, `mine`, `order`, `limit`, `cursor`."""
        return self._http.get(SearchPage, _BASE, **query).items

    def get(self, search_id: str) -> SearchDetail:
        """With its trials."""
        return self._http.get(SearchDetail, f"{_BASE}/{search_id}")

    def wait(
        self,
        search_id: str,
        *,
        timeout_s: float | None = None,
        progress: Callable[[SearchDetail], None] | None = None,
    ) -> SearchDetail:
        """Until it has ended, however it ended."""
        return wait_until(
            lambda: self.get(search_id), ("Completed", "Stopped", "Abnormal"), timeout_s=timeout_s,
            progress=progress,
        )  # fmt: skip

    def best(self, search_id: str) -> SearchTrialView:
        """The best trial that completed; `tasks.publish(best.task_id, ...)` makes it a model."""
        search = self.get(search_id)
        for trial in search.trial_list:
            if trial.number == search.best_number:
                return trial
        raise SlipwayError(f"No trial of {search.name} has completed yet.", code="no_best_trial")

    def stop(self, search_id: str) -> SearchView:
        return self._http.post(SearchView, f"{_BASE}/{search_id}/stop")

    def delete(self, search_id: str, *, with_tasks: bool = False) -> None:
        """The trials' tasks stay, unless `with_tasks`: then they go with their outputs."""
        self._http.delete(f"{_BASE}/{search_id}", with_tasks=with_tasks)
