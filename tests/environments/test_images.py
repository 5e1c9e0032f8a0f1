"""Container images, with a small stand-in for the Docker client: no engine runs on test machines."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from tests.environments.conftest import built, log_of
from tests.running import World, open_world, until

SMALL = {"cpu_cores": 0.2, "memory_bytes": 64 << 20}
DIGEST = "registry.example.com/team/tool@sha256:" + "1" * 64


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stand-in first on the PATH; returns where it keeps its state."""
    programs, state = tmp_path / "bin", tmp_path / "engine"
    programs.mkdir()
    state.mkdir()
    source = Path(__file__).parent.parent / "runtime" / "fake_docker.py"
    shutil.copy(source, programs / "docker")
    (programs / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("DOCKER_HOST", f"fake://{state}")
    return state


@pytest.fixture
async def world(engine: Path, db: Database, settings: Settings) -> AsyncIterator[World]:
    async with open_world(db, settings, loops=True) as world:
        yield world


async def image(world: World, name: str = "tool", **form: Any) -> dict[str, Any]:
    reference = f"registry.example.com/team/{name}:1"
    body = {"name": name, "kind": "image", "image": reference, "framework": "other", **form}
    made: dict[str, Any] = await world.ann.ok("POST", "/environments", json=body)
    return made


async def submit(world: World, environment: str, command: str, **form: Any) -> dict[str, Any]:
    task: dict[str, Any] = await world.ann.ok(
        "POST", "/training/tasks",
        json={"name": "t", "command": command, "environment": environment, **SMALL, **form},
    )  # fmt: skip
    return task


def containers(engine: Path) -> list[Path]:
    return list((engine / "containers").glob("*"))


async def said(world: World, task: dict[str, Any]) -> list[str]:
    page = await world.ann.ok(
        "GET", f"/training/tasks/{task['id']}/logs", params={"category": "code", "order": "ASC"}
    )
    return [line["text"] for line in page["items"]]


@pytest.mark.covers("TRN-04")
async def test_an_image_is_pulled_once_and_a_task_runs_in_a_container_of_it(
    world: World, engine: Path
) -> None:
    made = await image(world)
    ready = await built(world.ann, made)
    assert (ready["build"]["location"], ready["size_bytes"]) == (DIGEST, 1234)
    assert "Downloaded newer image" in await log_of(world.ann, made)
    command = 'echo "$FROM_IMAGE $WORD $HOME $ML_OUTPUT_DIR"; exit 3'
    task = await submit(world, made["id"], command, env={"WORD": "a b"})
    ended = await world.ann.ok(
        "GET", f"/training/tasks/{task['id']}/wait", params={"timeout_s": 30}
    )
    assert ended["reason"] == "Instance master-0 exited with code 3."
    assert await said(world, task) == ["yes a b /home/slipway /opt/ml/output"]
    assert containers(engine) == []  # none is left
    calls = [json.loads(line) for line in (engine / "calls").read_text().splitlines()]
    run = next(call for call in calls if call[0] == "run")
    assert DIGEST in run and "a b" not in run  # values are not on the command line
    assert run[run.index("--memory") + 1] == str(64 << 20)
    assert run[run.index("--pull") + 1] == "never"
    assert [call[0] for call in calls].count("pull") == 1


async def test_a_private_registry_gets_the_credentials_and_nobody_else(
    world: World, engine: Path
) -> None:
    refused = await built(world.ann, await image(world, "private"), "failed")
    assert "pull access denied" in refused["reason"]
    body = {
        "kind": "image", "image": "registry.example.com/team/private:1", "framework": "other",
        "user": "me", "password": "s3cret-word",
    }  # fmt: skip
    second = await world.ann.ok("POST", f"/environments/{refused['id']}/versions", json=body)
    ready = await built(world.ann, second)
    assert "s3cret-word" not in str(ready) + (engine / "calls").read_text()


async def test_stopping_reaches_the_command_and_a_killed_runner_leaves_no_container(
    world: World, engine: Path, settings: Settings
) -> None:
    made = await built(world.ann, await image(world))
    command = 'trap "echo saved; exit 0" TERM; echo up; while :; do sleep 0.05; done'
    task = await submit(world, made["id"], command)

    async def up() -> bool:
        return "up" in await said(world, task)

    await until(up)
    await world.ann.ok("POST", f"/training/tasks/{task['id']}/stop")
    ended = await world.ann.ok(
        "GET", f"/training/tasks/{task['id']}/wait", params={"timeout_s": 30}
    )
    assert ended["state"] == "Stopped"
    assert await said(world, task) == ["up", "saved"]

    task = await submit(world, made["id"], command, name="killed")
    await until(up)
    (container,) = containers(engine)
    pid = int((container / "pid").read_text())
    instance = settings.root / "instances" / container.name.removeprefix("slipway-")
    os.kill(json.loads((instance / "runner.json").read_text())["pid"], signal.SIGKILL)
    await world.ann.ok("GET", f"/training/tasks/{task['id']}/wait", params={"timeout_s": 30})
    await until(lambda: not containers(engine))
    await until(lambda: not _alive(pid))


async def test_where_no_engine_runs_the_form_says_why(world: World, engine: Path) -> None:
    engine.rmdir() if not list(engine.iterdir()) else shutil.rmtree(engine)
    options = await world.ann.ok("GET", "/environments/options")
    assert options["images_unavailable"].startswith("docker is installed, but its engine")
    body = {"name": "n", "kind": "image", "image": "x:1", "framework": "other"}
    status, error = await world.ann.refused("POST", "/environments", json=body)
    assert (status, error["code"]) == (400, "no_container_engine")


def _alive(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"
