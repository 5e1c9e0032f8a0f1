from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from slipway.sdk.errors import SlipwayError
from slipway.sdk.http import Http
from slipway.sdk.types import (
    CustomEnvironmentDetail,
    CustomEnvironmentView,
    EnvironmentOptions,
    EnvironmentPresetList,
    EnvironmentPresetView,
    LogPageView,
)
from slipway.sdk.waiting import wait_until

_BASE = "/environments"


class Environments:
    """The project's own environments."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def presets(self) -> list[EnvironmentPresetView]:
        """Inference environments as locked sets: `requirements` of one goes into `create`, with
        `purposes=["serving"]` and `on_platform=True`."""
        return self._http.get(EnvironmentPresetList, f"{_BASE}/presets").items

    def create(self, name: str, requirements: str = "", **form: Any) -> CustomEnvironmentDetail:
        """Start building one. Fields as in the API: framework, modes, purposes, kind, python,
        constraints, index_url, user, password, on_platform, image, tags, description."""
        return self._http.post(
            CustomEnvironmentDetail, _BASE, {"name": name, "requirements": requirements, **form}
        )

    def create_version(self, environment_id: str, **form: Any) -> CustomEnvironmentDetail:
        """The next version under the same name; fields as for `create`."""
        return self._http.post(CustomEnvironmentDetail, f"{_BASE}/{environment_id}/versions", form)

    def get(self, environment_id: str) -> CustomEnvironmentDetail:
        return self._http.get(CustomEnvironmentDetail, f"{_BASE}/{environment_id}")

    def list(self, **filters: Any) -> Iterator[CustomEnvironmentView]:
        return self._http.pages(CustomEnvironmentView, _BASE, **filters)

    def options(self) -> EnvironmentOptions:
        """What one can be made of: frameworks, Python versions, container engine, free space."""
        return self._http.get(EnvironmentOptions, f"{_BASE}/options")

    def wait(
        self,
        environment_id: str,
        *,
        timeout_s: float | None = None,
        progress: Callable[[CustomEnvironmentDetail], None] | None = None,
    ) -> CustomEnvironmentDetail:
        """Until it is built; raises with the reason if that failed."""
        done = wait_until(
            lambda: self.get(environment_id), ("ready", "failed"), timeout_s=timeout_s,
            progress=progress,
        )  # fmt: skip
        if done.state == "failed":
            raise SlipwayError(done.reason, code="build_failed")
        return done

    def logs(self, environment_id: str, **query: Any) -> LogPageView:
        """One page of the newest build's log, newest first."""
        return self._http.get(LogPageView, f"{_BASE}/{environment_id}/logs", **query)

    def follow(self, environment_id: str) -> Iterator[dict[str, str]]:
        """Every line of the newest build's log, as it is written, until it has ended."""
        for lines in self._http.stream(f"{_BASE}/{environment_id}/logs/stream"):
            yield from lines

    def rebuild(self, environment_id: str) -> CustomEnvironmentDetail:
        return self._http.post(CustomEnvironmentDetail, f"{_BASE}/{environment_id}/rebuild")

    def cancel(self, environment_id: str) -> CustomEnvironmentDetail:
        return self._http.post(CustomEnvironmentDetail, f"{_BASE}/{environment_id}/cancel")

    def edit(self, environment_id: str, **changes: Any) -> CustomEnvironmentDetail:
        """description, tags, purposes; what it contains never changes."""
        return self._http.patch(CustomEnvironmentDetail, f"{_BASE}/{environment_id}", changes)

    def delete(self, environment_id: str) -> None:
        self._http.delete(f"{_BASE}/{environment_id}")
