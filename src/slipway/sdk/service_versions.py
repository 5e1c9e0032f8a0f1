"""Versions of a service: their traffic, counts, updates and instances; and the service's alarms."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import Any

from slipway.sdk.convert import build
from slipway.sdk.http import Http
from slipway.sdk.types import (
    ReplicaList,
    ReplicaView,
    RolloutView,
    ScalingView,
    ServiceAlarmList,
    ServiceAlarmView,
    ServiceEngineList,
    ServiceEngineView,
    ServiceUpdateList,
    ServiceUpdateView,
    ServiceVersionDetail,
    ServiceVersionView,
)

_BASE = "/services"
_VERSIONS = f"{_BASE}/versions"


class ServiceVersions:
    _http: Http

    def versions(self, service_id: str) -> Any:
        return self._http.request("GET", f"{_BASE}/{service_id}/versions").json()["items"]

    def add_version(self, service_id: str, runtime: str, **form: Any) -> ServiceVersionView:
        """The next version, without traffic until weights or a rollout give it some."""
        body = {"runtime": runtime, **form}
        return self._http.post(ServiceVersionView, f"{_BASE}/{service_id}/versions", body)

    def get_version(self, version_id: str) -> ServiceVersionDetail:
        return self._http.get(ServiceVersionDetail, f"{_VERSIONS}/{version_id}")

    def start(self, version_id: str) -> None:
        self._http.request("POST", f"{_VERSIONS}/{version_id}/start")

    def stop(self, version_id: str) -> None:
        self._http.request("POST", f"{_VERSIONS}/{version_id}/stop")

    def delete_version(self, version_id: str) -> None:
        self._http.delete(f"{_VERSIONS}/{version_id}")

    def update(self, version_id: str, **changes: Any) -> ServiceVersionDetail:
        """What is left out stays; instances are replaced by the rolling policy."""
        return self._http.post(ServiceVersionDetail, f"{_VERSIONS}/{version_id}/update", changes)

    def restart(self, version_id: str) -> None:
        self._http.request("POST", f"{_VERSIONS}/{version_id}/restart")

    def updates(self, version_id: str) -> builtins.list[ServiceUpdateView]:
        """What was changed, by whom, and what became of it; newest first."""
        return self._http.get(ServiceUpdateList, f"{_VERSIONS}/{version_id}/updates").items

    def revert(self, version_id: str, update_id: str) -> ServiceVersionDetail:
        """Back to the configuration and count of an update record."""
        body = {"update_id": update_id}
        return self._http.post(ServiceVersionDetail, f"{_VERSIONS}/{version_id}/rollback", body)

    def set_weights(self, service_id: str, weights: Mapping[str, int]) -> None:
        """Version id -> percentage; together 100, and what is left out gets 0."""
        self._http.request("PUT", f"{_BASE}/{service_id}/weights", json={"weights": dict(weights)})

    def scale(
        self,
        version_id: str,
        replicas: int | None = None,
        *,
        scaling: Mapping[str, Any] | None = None,
    ) -> None:
        """A count, a policy (`strategy` manual, time or hpa; `rules`; `hpa`; `idle_s`), or both."""
        given = {"replicas": replicas, "scaling": dict(scaling) if scaling is not None else None}
        body = {name: value for name, value in given.items() if value is not None}
        self._http.request("POST", f"{_VERSIONS}/{version_id}/scale", json=body)

    def scaling(self, version_id: str) -> ScalingView:
        """The policy, what its metrics say now, and what was changed and why."""
        return self._http.get(ScalingView, f"{_VERSIONS}/{version_id}/scaling")

    def rollout(self, service_id: str) -> RolloutView | None:
        """The one that runs, or how the last one ended."""
        found = self._http.request("GET", f"{_BASE}/{service_id}/rollout").json()
        return None if found is None else build(RolloutView, found)

    def start_rollout(
        self,
        service_id: str,
        version_id: str,
        *,
        steps: Sequence[Mapping[str, int]] | None = None,
        checks: Mapping[str, float | None] | None = None,
    ) -> RolloutView:
        """Traffic moves in steps (`weight`, `hold_s`), back at once when a check fails."""
        body: dict[str, Any] = {"version_id": version_id}
        if steps is not None:
            body["steps"] = [dict(step) for step in steps]
        if checks is not None:
            body["checks"] = dict(checks)
        return self._http.post(RolloutView, f"{_BASE}/{service_id}/rollout", body)

    def cancel_rollout(self, service_id: str) -> None:
        self._http.request("POST", f"{_BASE}/{service_id}/rollout/cancel")

    def instances(self, version_id: str, *, ended: bool = False) -> builtins.list[ReplicaView]:
        path = f"{_VERSIONS}/{version_id}/instances"
        return self._http.get(ReplicaList, path, ended=ended).items

    def isolate(self, version_id: str, instance: str) -> None:
        """Nothing new is sent to it; it goes on running for diagnosis."""
        self._act(version_id, instance, "isolate")

    def release(self, version_id: str, instance: str) -> None:
        self._act(version_id, instance, "release")

    def rebuild(self, version_id: str, instance: str) -> None:
        """Replace one instance by a new one."""
        self._act(version_id, instance, "rebuild")

    def engines(self) -> builtins.list[ServiceEngineView]:
        """What an LLM service can run on, and what is missing here."""
        return self._http.get(ServiceEngineList, f"{_BASE}/engines").items

    def alarms(self, service_id: str) -> builtins.list[ServiceAlarmView]:
        return self._http.get(ServiceAlarmList, f"{_BASE}/{service_id}/alarms").items

    def create_alarm(
        self, service_id: str, name: str, metric: str, threshold: float, **form: Any
    ) -> ServiceAlarmView:
        """`comparison`, `minutes`, `severity`, `targets` (ids of alert targets)."""
        body = {"name": name, "metric": metric, "threshold": threshold, **form}
        return self._http.post(ServiceAlarmView, f"{_BASE}/{service_id}/alarms", body)

    def delete_alarm(self, service_id: str, alarm_id: str) -> None:
        self._http.delete(f"{_BASE}/{service_id}/alarms/{alarm_id}")

    def _act(self, version_id: str, instance: str, what: str) -> None:
        self._http.request("POST", f"{_VERSIONS}/{version_id}/instances/{instance}/{what}")
