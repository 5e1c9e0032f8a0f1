from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from slipway.sdk.errors import SlipwayError
from slipway.sdk.http import Http
from slipway.sdk.log_pages import log_lines
from slipway.sdk.service_versions import ServiceVersions
from slipway.sdk.shell import Shell, chosen
from slipway.sdk.types import LogLineView, ReplicaList, ServiceView
from slipway.sdk.waiting import wait_until

_BASE = "/services"


class Services(ServiceVersions):
    """Online services behind the gateway."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def create(self, name: str, runtime: str, **form: Any) -> ServiceView:
        """`runtime`: package, llm or custom; `model={"kind": "registry", "ref": "mv-..."}`; replicas, auth, cpu_cores, ..."""
        return self._http.post(ServiceView, _BASE, {"name": name, "runtime": runtime, **form})

    def get(self, service_id: str) -> ServiceView:
        return self._http.get(ServiceView, f"{_BASE}/{service_id}")

    def list(self, **filters: Any) -> Iterator[ServiceView]:
        return self._http.pages(ServiceView, _BASE, **filters)

    def wait(
        self,
        service_id: str,
        *,
        timeout_s: float | None = None,
        progress: Callable[[ServiceView], None] | None = None,
    ) -> ServiceView:
        """Until it answers (Normal); raises with the reason when it cannot."""
        done = wait_until(
            lambda: self.get(service_id), ("Normal", "Abnormal", "CREATE_FAILED", "TIMEOUT_EXCEPTION", "Stopped"),
            timeout_s=timeout_s, progress=progress,
        )  # fmt: skip
        if done.state != "Normal":
            raise SlipwayError(
                f"Service {done.name} is {done.state}: {done.reason}", code="service_failed"
            )
        return done

    def connect(self, name: str, url: str, **form: Any) -> Any:
        """A provider's model as a service: `key`, `model` (its name there), `served_name`. Answers
        with the id and the first key."""
        body = {"name": name, "url": url, **form}
        return self._http.request("POST", f"{_BASE}/external", json=body).json()

    def upstreams(self, service_id: str) -> Any:
        return self._http.request("GET", f"{_BASE}/{service_id}/upstreams").json()["items"]

    def add_upstream(self, service_id: str, name: str, url: str, **form: Any) -> Any:
        """Another OpenAI-compatible server that answers too: `key`, `model`, `weight` (0: reserve)."""
        body = {"name": name, "url": url, **form}
        return self._http.request("POST", f"{_BASE}/{service_id}/upstreams", json=body).json()

    def delete_upstream(self, service_id: str, upstream_id: str) -> None:
        self._http.delete(f"{_BASE}/{service_id}/upstreams/{upstream_id}")

    def call_policy(self, service_id: str) -> Any:
        """Rules of parameters, audit, retries, fallbacks, mirror, aliases."""
        return self._http.request("GET", f"{_BASE}/{service_id}/call-policy").json()

    def set_call_policy(self, service_id: str, **policy: Any) -> Any:
        """Changes what is named and keeps the rest."""
        body = {**self.call_policy(service_id), **policy}
        return self._http.request("PUT", f"{_BASE}/{service_id}/call-policy", json=body).json()

    def api_document(self, service_id: str) -> Any:
        return self._http.request("GET", f"{_BASE}/{service_id}/api-document").json()

    def stop_all(self, service_id: str) -> None:
        """Stop every version that runs."""
        self._http.request("POST", f"{_BASE}/{service_id}/stop")

    def delete(self, service_id: str) -> None:
        self._http.delete(f"{_BASE}/{service_id}")

    def shell(
        self, service_id: str, instance: str | None = None, *, columns: int = 80, rows: int = 24
    ) -> Shell:
        """A terminal inside an instance, named by its id or its number (oldest is 0); by default the oldest."""
        asked = f"{_BASE}/versions/{{}}/instances"
        replicas = [
            replica
            for version in self.versions(service_id)
            for replica in self._http.get(ReplicaList, asked.format(version["id"])).items
            if replica.instance_id is not None
        ]
        oldest_first = sorted(replicas, key=lambda replica: (replica.created_at, replica.id))
        running = {str(replica.instance_id): n for n, replica in enumerate(oldest_first)}
        found = chosen(running, instance)
        return Shell.open(
            self._http, f"{_BASE}/{service_id}/instances/{found}/shell", columns, rows
        )

    def keys(self, service_id: str) -> Any:
        return self._http.request("GET", f"{_BASE}/{service_id}/keys").json()["items"]

    def create_key(self, service_id: str, name: str = "", **form: Any) -> Any:
        """The key's value is in `secret`."""
        return self._http.request(
            "POST", f"{_BASE}/{service_id}/keys", json={"name": name, **form}
        ).json()

    def call_info(self, service_id: str) -> Any:
        """Addresses, and samples for curl and Python."""
        return self._http.request("GET", f"{_BASE}/{service_id}/call").json()

    def logs(self, service_id: str, *, limit: int = 100, **query: Any) -> Iterator[LogLineView]:
        """Newest first."""
        return log_lines(self._http, f"{_BASE}/{service_id}/logs", limit, **query)
