"""kill -9 of the whole control plane in the middle of a change: the next start brings it to its end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from slipway.sdk.client import Client
from slipway.sdk.local import LocalPlatform
from tests.serving.conftest import form


@pytest.fixture
def running(tmp_path: Path) -> Iterator[LocalPlatform]:
    platform = LocalPlatform.fresh(tmp_path / "home")
    platform.start()
    yield platform
    platform.down()
    assert platform.left_behind() == []


def until(look: Callable[[], Any], good: Callable[[Any], bool], timeout_s: float = 60) -> Any:
    deadline = time.monotonic() + timeout_s
    while not good(seen := look()):
        assert time.monotonic() < deadline, f"still not there: {seen}"
        time.sleep(0.02)
    return seen


def ask(client: Client, method: str, path: str, **body: Any) -> Any:
    return client.http.request(method, f"/services{path}", json=body or None).json()


@pytest.mark.covers("SRV-56", "SRV-57")
def test_an_update_and_a_scaling_survive_kill_9(running: LocalPlatform) -> None:
    client = running.client()
    made = ask(client, "POST", "", **form(replicas=3, env={"COLOUR": "blue"}))
    service, version = f"/{made['id']}", f"/versions/{made['id']}-1"

    def seen() -> tuple[int, int, bool]:
        one = ask(running.client(), "GET", service)["items"][0]
        return one["running"], one["replicas"], one["updating"]

    def revisions() -> list[int]:
        found = ask(running.client(), "GET", f"{version}/instances")["items"]
        return sorted(i["revision"] for i in found if i["state"] == "Running")

    until(seen, lambda s: s == (3, 3, False))
    ask(client, "POST", f"{version}/update", env={"COLOUR": "green"})
    until(revisions, lambda r: 2 in r and 1 in r)  # in the middle of it
    running.kill()
    running.start()
    until(seen, lambda s: s == (3, 3, False))
    until(revisions, lambda r: r == [2, 2, 2])

    ask(running.client(), "POST", f"{version}/scale", replicas=5)
    running.kill()
    running.start()
    until(revisions, lambda r: r == [2] * 5)
    ask(running.client(), "POST", f"{version}/scale", replicas=1)
    running.kill()
    running.start()
    until(revisions, lambda r: r == [2])
    updates = ask(running.client(), "GET", f"{version}/updates")["items"]
    assert [(u["kind"], u["result"]) for u in updates] == [
        ("scale", "done"), ("scale", "done"), ("update", "done"), ("create", "done"),
    ]  # fmt: skip
