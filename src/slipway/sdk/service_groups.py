from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal

from slipway.sdk.http import Http
from slipway.sdk.types import (
    CallReportView,
    ModelRulesView,
    NewServiceGroupView,
    PresetServiceList,
    PresetServiceView,
    ServiceGroupView,
)

_BASE = "/service-groups"


class ServiceGroups:
    """Groups of services with one AppKey, which calls `/v1/...` of the gateway by model."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def create(
        self, name: str, services: Sequence[str], *, description: str = "", **rules: Any
    ) -> NewServiceGroupView:
        """The AppKey is in `secret`. rules: rpm, tpm, tpd, ipm, concurrency, tokens_month,
        cost_day, cost_month, expires_at, addresses, models."""
        form = {
            "name": name, "services": list(services), "description": description, "rules": rules
        }  # fmt: skip
        return self._http.post(NewServiceGroupView, _BASE, form)

    def list(self, **filters: Any) -> Iterator[ServiceGroupView]:
        return self._http.pages(ServiceGroupView, _BASE, **filters)

    def get(self, group_id: str) -> ServiceGroupView:
        return self._http.get(ServiceGroupView, f"{_BASE}/{group_id}")

    def edit(self, group_id: str, **changes: Any) -> ServiceGroupView:
        """name, description, services, rules (which are replaced as a whole)."""
        return self._http.patch(ServiceGroupView, f"{_BASE}/{group_id}", changes)

    def delete(self, group_id: str) -> None:
        self._http.delete(f"{_BASE}/{group_id}")

    def enable(self, group_id: str) -> ServiceGroupView:
        return self._http.post(ServiceGroupView, f"{_BASE}/{group_id}/enable", {})

    def disable(self, group_id: str) -> ServiceGroupView:
        return self._http.post(ServiceGroupView, f"{_BASE}/{group_id}/disable", {})

    def key(self, group_id: str) -> str:
        """The AppKey. That you looked is recorded."""
        return self._http.post(NewServiceGroupView, f"{_BASE}/{group_id}/reveal", {}).secret

    def reset_key(self, group_id: str, *, overlap_s: int = 0) -> str:
        """A new AppKey; the old one ends at once, or after `overlap_s`."""
        path = f"{_BASE}/{group_id}/reset"
        return self._http.post(NewServiceGroupView, path, {"overlap_s": overlap_s}).secret

    def end_old_keys(self, group_id: str) -> None:
        self._http.request("POST", f"{_BASE}/{group_id}/end-old-keys")

    def ban(self, group_id: str, reason: str) -> ServiceGroupView:
        """For administrators of the platform."""
        return self._http.post(ServiceGroupView, f"{_BASE}/{group_id}/ban", {"reason": reason})

    def unban(self, group_id: str) -> ServiceGroupView:
        return self._http.post(ServiceGroupView, f"{_BASE}/{group_id}/unban", {})

    def presets(self) -> Sequence[PresetServiceView]:
        """Services that every project may link, with what is left of the free trial."""
        return self._http.get(PresetServiceList, "/preset-services").items

    def model_rules(self, service_id: str) -> ModelRulesView:
        return self._http.get(ModelRulesView, f"/services/{service_id}/rules")

    def set_model_rules(self, service_id: str, **rules: Any) -> ModelRulesView:
        """Replaces them all: aliases, rpm, tpm, ipm; by administrators also preset, free_tokens
        and prices."""
        self._http.put(f"/services/{service_id}/rules", rules)
        return self.model_rules(service_id)


class Calls:
    """What was called, by whom, and what failed."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def report(self, **query: Any) -> CallReportView:
        """range (1h, today, yesterday, 7d, 15d) or start and end; group, service, model."""
        return self._http.get(CallReportView, "/calls", **_plain(query))

    def export(self, kind: Literal["csv", "xlsx"] = "csv", **query: Any) -> bytes:
        """The same figures as a file."""
        params = {"format": kind, **_plain(query)}
        return self._http.request("GET", "/calls/export", params=params).content


def _plain(query: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in query.items()
        if value is not None
    }
