from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slipway.sdk.http import Http
from slipway.sdk.types import RepositoryView

_BASE = "/repositories"


class Repositories:
    """Registered Git repositories."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def create(self, name: str, url: str, **form: Any) -> RepositoryView:
        """Register one. Fields as in the API: ref, description, tags,
        credentials={"user", "password"} or {"ssh_key"}."""
        return self._http.post(RepositoryView, _BASE, {"name": name, "url": url, **form})

    def get(self, repository_id: str) -> RepositoryView:
        return self._http.get(RepositoryView, f"{_BASE}/{repository_id}")

    def list(self, **filters: Any) -> Iterator[RepositoryView]:
        return self._http.pages(RepositoryView, _BASE, **filters)

    def test(self, repository_id: str) -> RepositoryView:
        """Ask the server for the branch's commit; `probe` says what was found."""
        return self._http.post(RepositoryView, f"{_BASE}/{repository_id}/test")

    def edit(self, repository_id: str, **changes: Any) -> RepositoryView:
        """url, ref, description, tags, credentials. A new address forgets the credentials."""
        return self._http.patch(RepositoryView, f"{_BASE}/{repository_id}", changes)

    def delete(self, repository_id: str) -> None:
        self._http.delete(f"{_BASE}/{repository_id}")
