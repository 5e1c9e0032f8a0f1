"""Signing in: cookies, the CSRF token, guessing, changing the password."""

from __future__ import annotations

import httpx
import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from tests.running import PASSWORD, World, open_world


def browser(world: World) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(world.app), base_url="http://test/api/v1"
    )


@pytest.mark.covers("IAM-05")
async def test_a_browser_signs_in_works_and_signs_out(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world, browser(world) as http:
        answer = await http.post("/auth/login", json={"name": "ann", "password": PASSWORD})
        assert answer.status_code == 200
        assert answer.json()["user"]["name"] == "ann"
        assert [p["name"] for p in answer.json()["projects"]] == ["alpha"]
        cookie = next(
            c for c in answer.headers.get_list("set-cookie") if c.startswith("slipway_session")
        )
        assert "HttpOnly" in cookie
        assert "samesite=lax" in cookie.lower()
        assert (await http.get("/me")).json()["user"]["last_login_at"]
        without = await http.post("/keys", json={})
        assert (without.status_code, without.json()["error"]["code"]) == (403, "csrf")
        csrf = {"X-CSRF-Token": answer.json()["csrf_token"]}
        assert (await http.post("/keys", json={}, headers=csrf)).status_code == 201
        token = http.cookies["slipway_session"]
        assert (await http.post("/auth/logout", headers=csrf)).status_code == 204
        http.cookies.set("slipway_session", token)
        assert (await http.get("/me")).json()["error"]["code"] == "session_ended"


async def test_a_wrong_password_and_an_unknown_user_read_the_same(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world, browser(world) as http:
        answers = [
            await http.post("/auth/login", json={"name": name, "password": "wrong-wrong"})
            for name in ("ann", "nobody")
        ]
        assert [a.status_code for a in answers] == [401, 401]
        assert answers[0].json() == answers[1].json()


async def test_guessing_is_slowed_down(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world, browser(world) as http:
        for _ in range(settings.signin_attempts):
            await http.post("/auth/login", json={"name": "ann", "password": "wrong-wrong"})
        answer = await http.post("/auth/login", json={"name": "ann", "password": PASSWORD})
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 300
        assert (
            await http.post("/auth/login", json={"name": "bob", "password": PASSWORD})
        ).status_code == 200


async def test_a_changed_password_ends_every_session(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world, browser(world) as http:
        csrf = (await http.post("/auth/login", json={"name": "ann", "password": PASSWORD})).json()[
            "csrf_token"
        ]
        changed = await http.post(
            "/me/password",
            json={"old_password": PASSWORD, "new_password": "another horse"},
            headers={"X-CSRF-Token": csrf},
        )
        assert changed.status_code == 204
        assert (await http.get("/me")).status_code == 401
        assert (
            await http.post("/auth/login", json={"name": "ann", "password": "another horse"})
        ).status_code == 200


async def test_a_switched_off_account_is_out_at_once(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world, browser(world) as http:
        await http.post("/auth/login", json={"name": "ann", "password": PASSWORD})
        await world.admin.ok("PATCH", f"/users/{world.ann.actor.user_id}", json={"enabled": False})
        assert (await http.get("/me")).status_code == 401
        assert (await world.ann.http.get("/me")).status_code == 401
        assert (
            await http.post("/auth/login", json={"name": "ann", "password": PASSWORD})
        ).status_code == 403


async def test_the_last_administrator_stays(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world:
        status, error = await world.admin.refused(
            "PATCH", f"/users/{world.admin.actor.user_id}", json={"enabled": False}
        )
        assert (status, error["code"]) == (409, "last_admin")


@pytest.mark.covers("IAM-40")
async def test_access_keys_are_two_at_most_and_sealed(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world:
        made = [await world.ann.ok("POST", "/keys", json={"kind": "access"}) for _ in range(2)]
        assert made[0]["secret"] != made[1]["secret"]
        status, error = await world.ann.refused("POST", "/keys", json={"kind": "access"})
        assert (status, error["code"]) == (409, "too_many_keys")
        listed = await world.ann.ok("GET", "/keys")
        assert "secret" not in listed["items"][0]
        if db.is_sqlite:
            raw = (settings.root.parent / "test.db").read_bytes()
            raw += (settings.root.parent / "test.db-wal").read_bytes()
            assert made[0]["secret"].encode() not in raw
        await world.ann.ok("DELETE", f"/keys/{made[0]['id']}")
        assert await world.bob.refused("DELETE", f"/keys/{made[1]['id']}")
