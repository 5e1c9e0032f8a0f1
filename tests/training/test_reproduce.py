"""What a start depended on is recorded, checked, and used to run it again exactly (TRN-X6)."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from tests.running import World, open_world, until
from tests.training.test_purposes import finished

PROFILE = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", *PROFILE, "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A working copy with a change that was not committed, and a file that Git does not know."""
    folder = tmp_path / "shared" / "code"
    folder.mkdir(parents=True)
    (folder / "train.sh").write_text("echo one\n")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "First")
    (folder / "train.sh").write_text("echo two\n")
    (folder / "notes").write_text("mine\n")
    git(folder, "config", "core.fsmonitor", "touch ran")
    return folder


async def dataset(world: World) -> dict[str, Any]:
    bucket = world.ann.actor.project_id
    line = b'{"system": "", "conversation": [{"prompt": "a", "response": "b"}]}\n' * 4
    await world.ann.ok("PUT", f"/buckets/{bucket}/objects/lines/a.jsonl", content=line)
    made = await world.ann.ok(
        "POST", "/datasets", json={"name": "lines", "kind": "llm", "address": f"{bucket}/lines"}
    )

    async def available() -> Any:
        found = await world.ann.ok("GET", f"/datasets/{made['id']}")
        return found if found["state"] == "available" else None

    found: dict[str, Any] = await until(available)
    return found


@pytest.mark.covers("TRN-X6")
async def test_a_task_is_run_again_as_it_was_and_what_changed_is_told(
    db: Database, settings: Settings, tmp_path: Path, code: Path
) -> None:
    settings = settings.model_copy(update={"mount_roots": str(tmp_path / "shared")})
    async with open_world(db, settings, loops=True) as world:
        lines = await dataset(world)
        task = await finished(
            world, name="first", command="sh train.sh", hyperparameters={"seed": 7, "lr": 0.1},
            mounts=[
                {"kind": "path", "source": str(code), "purpose": "code"},
                {"kind": "dataset", "source": lines["id"], "purpose": "training_data"},
            ],
        )  # fmt: skip
        assert task["state"] == "Completed", task["reason"]
        path = f"/training/tasks/{task['id']}"
        found = await world.ann.ok("GET", f"{path}/reproduction")
        checks = {check["part"]: check for check in found["checks"]}
        assert list(checks) == ["code", "environment", "dataset", "seed", "machine"]
        assert {check["sameness"] for check in checks.values()} == {"same"}
        assert checks["seed"]["was"] == "7"
        assert checks["dataset"]["name"] == "lines v1"
        assert not (code / "ran").exists(), "a program that the working copy names was run"
        assert checks["code"]["was"] == git(code, "rev-parse", "HEAD")
        (changes,) = found["changes"]
        assert "-echo one\n+echo two\n" in changes["changes"]
        assert (changes["new"], changes["cut"]) == (["notes"], False)
        assert any(line.startswith("sqlalchemy==") for line in found["packages"])

        again = await world.ann.ok("POST", f"{path}/rerun", json={"name": "again"})
        mounts = (await world.ann.ok("GET", f"/training/tasks/{again['task']['id']}"))["spec"][
            "mounts"
        ]
        assert [mount["version"] for mount in mounts] == [None, "v1"]

        (code / "train.sh").write_text("echo three\n")
        found = await world.ann.ok("GET", f"{path}/reproduction")
        assert [c["reason"] for c in found["checks"] if c["sameness"] == "changed"] == [
            "Its files are not the same any more."
        ]
        plain = await finished(world, name="plain", command="true")
        found = await world.ann.ok("GET", f"/training/tasks/{plain['id']}/reproduction")
        assert [c["part"] for c in found["checks"] if c["sameness"] == "unknown"] == ["seed"]
        status, _ = await world.bob.refused("GET", f"{path}/reproduction")
        assert status == 404


async def test_a_view_of_a_dataset_is_read_again_as_it_was(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings, loops=True) as world:
        lines = await dataset(world)
        views = f"/datasets/{lines['id']}/versions/1"
        parts = [{"name": "train", "ratio": 1}, {"name": "test", "ratio": 1}]
        await world.ann.ok("POST", f"{views}/splits", json={"parts": parts})

        async def built() -> bool:
            found = (await world.ann.ok("GET", f"{views}/views"))["items"]
            return {view["state"] for view in found} == {"available"}

        await until(built)
        mount = {"kind": "dataset", "source": lines["id"], "purpose": "training_data"}
        task = await finished(
            world, name="of-views", command="true",
            mounts=[
                mount | {"version": "v1/train", "target": "/opt/ml/input/train"},
                mount | {"version": "v1/test", "target": "/opt/ml/input/test"},
            ],
        )  # fmt: skip
        assert task["state"] == "Completed", task["reason"]
        path = f"/training/tasks/{task['id']}"
        found = await world.ann.ok("GET", f"{path}/reproduction")
        told = [c["name"] for c in found["checks"] if c["part"] == "dataset"]
        assert told == ["lines v1/train", "lines v1/test"]
        again = await world.ann.ok("POST", f"{path}/rerun", json={"name": "again"})
        spec = (await world.ann.ok("GET", f"/training/tasks/{again['task']['id']}"))["spec"]
        assert [one["version"] for one in spec["mounts"]] == ["v1/train", "v1/test"]
