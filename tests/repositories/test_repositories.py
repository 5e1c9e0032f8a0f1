"""Git repositories through the API, with real repositories made in the test."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from tests.running import World, open_world

SMALL = {"environment": "python", "cpu_cores": 0.2, "memory_bytes": 64 << 20}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", sample_interval_s=1, git_local=True)


@pytest.fixture
async def world(db: Database, settings: Settings) -> AsyncIterator[World]:
    async with open_world(db, settings, loops=True) as world:
        yield world


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", *words],
        cwd=folder, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """Two commits on `main`; the first one is tagged."""
    folder = tmp_path / "origin"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for text in ("first", "second"):
        (folder / "train.py").write_text(f"print({text!r})\n")
        git(folder, "add", ".")
        git(folder, "commit", "-qm", text)
        if text == "first":
            git(folder, "tag", "-a", "v1", "-m", "v1")
    return folder


async def register(world: World, origin: Path, **form: Any) -> dict[str, Any]:
    body = {"name": "code", "url": f"file://{origin}", **form}
    made: dict[str, Any] = await world.ann.ok("POST", "/repositories", json=body)
    return made


async def run(world: World, name: str, mounts: list[dict[str, Any]], command: str) -> Any:
    task = await world.ann.ok(
        "POST",
        "/training/tasks",
        json={"name": name, "command": command, "mounts": mounts, **SMALL},
    )
    await world.ann.ok("GET", f"/training/tasks/{task['id']}/wait", params={"timeout_s": 30})
    return await world.ann.ok("GET", f"/training/tasks/{task['id']}")


async def log_of(world: World, task: dict[str, Any], category: str) -> list[str]:
    page = await world.ann.ok(
        "GET", f"/training/tasks/{task['id']}/logs", params={"category": category, "order": "ASC"}
    )
    return [line["text"] for line in page["items"]]


@pytest.mark.covers("TRN-20", "DEV-56")
async def test_a_task_gets_the_files_of_one_commit_which_is_recorded(
    world: World, origin: Path
) -> None:
    made = await register(world, origin)
    mount = {"kind": "git", "source": made["id"], "purpose": "code"}
    task = await run(world, "newest", [mount], "python train.py")
    assert task["state"] == "Completed", await log_of(world, task, "platform")
    assert await log_of(world, task, "code") == ["second"]
    head = git(origin, "rev-parse", "main")
    assert [(g["name"], g["commit"]) for g in task["git"]] == [("code", head)]
    assert f"At commit {head}." in await log_of(world, task, "platform")

    mount |= {"version": "v1", "target": "/opt/ml/other"}
    task = await run(world, "tagged", [mount], 'python "$ML_MOUNT_0/train.py"')
    assert await log_of(world, task, "code") == ["first"]
    assert task["git"][0]["commit"] == git(origin, "rev-parse", "v1^{commit}")


@pytest.mark.covers("TRN-20")
async def test_what_git_refuses_fails_the_start_and_is_in_the_initialisation_log(
    world: World, origin: Path
) -> None:
    made = await register(world, origin)
    mount = {"kind": "git", "source": made["id"], "version": "no-such-branch"}
    task = await run(world, "t", [mount], "echo never")
    assert task["state"] == "Abnormal"
    assert "pre-start" in task["reason"]
    platform = await log_of(world, task, "platform")
    assert "Error: the repository has no branch or tag no-such-branch" in platform
    assert await log_of(world, task, "code") == []


async def test_the_connection_can_be_tested(world: World, origin: Path) -> None:
    made = await register(world, origin, ref="main")
    assert made["probe"] is None
    tested = await world.ann.ok("POST", f"/repositories/{made['id']}/test")
    assert (tested["probe"]["ok"], tested["probe"]["commit"]) == (
        True, git(origin, "rev-parse", "main"),
    )  # fmt: skip
    await world.ann.ok("PATCH", f"/repositories/{made['id']}", json={"url": "file:///no/such"})
    tested = await world.ann.ok("POST", f"/repositories/{made['id']}/test")
    assert not tested["probe"]["ok"]
    assert "/no/such" in tested["probe"]["reason"]


async def test_secrets_are_never_shown_and_a_new_address_forgets_them(world: World) -> None:
    secret = {"user": "me", "password": "tok-en"}
    body = {"name": "code", "url": "https://example.com/code.git", "credentials": secret}
    made = await world.ann.ok("POST", "/repositories", json=body)
    assert (made["credential"], made["user"]) == ("password", "me")
    assert "tok-en" not in str(made)
    moved = await world.ann.ok(
        "PATCH", f"/repositories/{made['id']}", json={"url": "https://evil.example.com/x.git"}
    )
    assert (moved["credential"], moved["user"]) == ("none", "")
    assert (await world.bob.refused("GET", f"/repositories/{made['id']}"))[0] == 404
    mount = {"kind": "git", "source": made["id"]}
    form = {"name": "t", "command": "true", "mounts": [mount], **SMALL}
    status, error = await world.bob.refused("POST", "/training/tasks", json=form)
    assert (status, error["code"]) == (400, "no_repository")
    await world.ann.ok("DELETE", f"/repositories/{made['id']}")
    assert (await world.ann.ok("GET", "/repositories"))["items"] == []


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"url": "ext::sh -c id"}, "url"),
        ({"url": "--upload-pack=id"}, "url"),
        ({"url": "https://me:secret@example.com/x.git"}, "url"),
        ({"url": "ftp://example.com/x.git"}, "url"),
        ({"url": "https://[bad"}, "url"),
        ({"ref": "--all"}, "ref"),
        ({"ref": "a..b"}, "ref"),
        ({"credentials": {"ssh_key": "x"}}, "ssh_key"),
        ({"url": "git@example.com:x.git", "credentials": {"ssh_key": "x"}}, "ssh_key"),
        ({"url": "git@example.com:x.git", "credentials": {"password": "x"}}, "password"),
    ],
)
async def test_bad_forms_are_refused_with_the_field(
    world: World, form: dict[str, Any], field: str
) -> None:
    body = {"name": "n", "url": "https://example.com/x.git", **form}
    status, error = await world.ann.refused("POST", "/repositories", json=body)
    assert (status, error["details"]["field"]) == (400, field)


async def test_directories_of_the_machine_need_the_setting(
    world: World, settings: Settings
) -> None:
    world.app.state.settings = settings.model_copy(update={"git_local": False})
    body = {"name": "n", "url": "file:///etc"}
    status, error = await world.ann.refused("POST", "/repositories", json=body)
    assert (status, error["code"]) == (400, "bad_url")
