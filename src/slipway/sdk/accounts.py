"""Users, projects and personal keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from slipway.sdk.http import Http
from slipway.sdk.types import KeyList, KeyView, NewKeyView, ProjectList, ProjectView, UserView


class Accounts:
    def __init__(self, http: Http) -> None:
        self._http = http

    def users(self, search: str | None = None) -> Iterator[UserView]:
        return self._http.pages(UserView, "/users", search=search)

    def create_user(
        self, name: str, password: str, *, display_name: str = "", is_admin: bool = False
    ) -> UserView:
        body = {
            "name": name,
            "password": password,
            "display_name": display_name,
            "is_admin": is_admin,
        }
        return self._http.post(UserView, "/users", body)

    def projects(self) -> Sequence[ProjectView]:
        return self._http.get(ProjectList, "/projects").items

    def create_project(self, name: str, description: str = "") -> ProjectView:
        return self._http.post(ProjectView, "/projects", {"name": name, "description": description})

    def set_member(self, project_id: str, user: str, role: str) -> None:
        self._http.put(f"/projects/{project_id}/members", {"user": user, "role": role})


class Keys:
    def __init__(self, http: Http) -> None:
        self._http = http

    def list(self) -> Sequence[KeyView]:
        return self._http.get(KeyList, "/keys").items

    def create(
        self, kind: str = "token", name: str = "", lasts_days: float | None = None
    ) -> NewKeyView:
        """`kind` is token or access. The secret is in the answer, this once."""
        return self._http.post(
            NewKeyView, "/keys", {"kind": kind, "name": name, "lasts_days": lasts_days}
        )

    def switch(self, key_id: str, *, enabled: bool) -> KeyView:
        """A key that is switched off is refused until it is switched on again."""
        return self._http.patch(KeyView, f"/keys/{key_id}", {"enabled": enabled})

    def delete(self, key_id: str) -> None:
        self._http.delete(f"/keys/{key_id}")
