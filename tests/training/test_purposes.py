"""What a mount is for: stored, shown, and where lineage comes from (TRN-18, TRN-25)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from tests.running import World, open_world, until

SMALL = {"environment": "python", "cpu_cores": 0.2, "memory_bytes": 64 << 20}
BASE = {"kind": "path", "source": "tiny-llm", "purpose": "built_in_model"}


def with_folders(settings: Settings, tmp_path: Path) -> Settings:
    (tmp_path / "models" / "tiny-llm").mkdir(parents=True)
    (tmp_path / "models" / "tiny-llm" / "weights").write_text("w1")
    (tmp_path / "models" / "other").mkdir()
    (tmp_path / "shared" / "results").mkdir(parents=True)
    return settings.model_copy(
        update={
            "built_in_models": str(tmp_path / "models"),
            "mount_roots": str(tmp_path / "shared"),
        }
    )


async def finished(world: World, **form: Any) -> dict[str, Any]:
    task = await world.ann.ok("POST", "/training/tasks", json=SMALL | form)

    async def over() -> Any:
        found = await world.ann.ok("GET", f"/training/tasks/{task['id']}")
        return found if found["state"] in ("Completed", "Abnormal") else None

    done: dict[str, Any] = await until(over)
    return done


async def first_version(world: World, model: str, task: dict[str, Any]) -> dict[str, Any]:
    """The task's model, published and imported."""
    made = await world.ann.ok("POST", f"/training/tasks/{task['id']}/publish", json={"name": model})

    async def imported() -> Any:
        found = await world.ann.ok("GET", f"/models/versions/{made['id']}")
        return found if found["state"] == "Succeeded" else None

    version: dict[str, Any] = await until(imported)
    return version


@pytest.mark.covers("TRN-18")
async def test_purposes_are_stored_and_shown_and_lineage_follows_them(
    db: Database, settings: Settings, tmp_path: Path
) -> None:
    async with open_world(db, with_folders(settings, tmp_path), loops=True) as world:
        offered = await world.ann.ok("GET", "/training/built-in-models")
        assert [model["name"] for model in offered["items"]] == ["other", "tiny-llm"]
        shared = str(tmp_path / "shared" / "results")
        first = await finished(
            world,
            name="first",
            # Reads the built-in model, cannot write to it, and makes a model of its own.
            command='cat "$ML_BASE_MODEL_DIR/weights" > "$ML_MODEL_DIR/w" && ! touch "$ML_BASE_MODEL_DIR/mine"',
            mounts=[
                BASE,
                {"kind": "path", "source": shared, "purpose": "training_data"},
                {"kind": "path", "source": shared, "purpose": "other", "target": "/opt/ml/other"},
            ],
        )
        assert first["state"] == "Completed", first["reason"]
        mounts = first["spec"]["mounts"]
        assert [m["purpose"] for m in mounts] == ["built_in_model", "training_data", "other"]
        assert mounts[0]["read_only"] is True
        assert not (tmp_path / "models" / "tiny-llm" / "mine").exists()

        version = await first_version(world, "mine", first)
        second = await finished(
            world,
            name="second",
            command="true",
            mounts=[{"kind": "model", "source": version["id"], "purpose": "own_model"}],
        )
        steps = (await world.ann.ok("GET", f"/training/tasks/{second['id']}/lineage"))["items"]
        assert [step["task_name"] for step in steps] == ["second", "first"]
        (base,) = steps[0]["inputs"]
        assert (base["part"], base["purpose"]) == ("base_model", "own_model")
        assert (base["name"], base["version"]) == ("mine", "v1")
        # What has no part in the making ("other") is not told.
        assert [(i["part"], i["purpose"], i["name"]) for i in steps[1]["inputs"]] == [
            ("base_model", "built_in_model", "tiny-llm"),
            ("data", "training_data", shared),
        ]
        assert [out["version_id"] for out in steps[1]["outputs"]] == [version["id"]]
        upstream = await world.ann.ok("GET", f"/training/lineage/{version['id']}")
        assert [step["task_id"] for step in upstream["items"]] == [first["id"]]
        assert (await world.bob.refused("GET", f"/training/lineage/{version['id']}"))[0] == 404
        assert (await world.bob.refused("GET", f"/training/tasks/{second['id']}/lineage"))[0] == 404


@pytest.mark.parametrize(
    ("mount", "words"),
    [
        (BASE | {"source": "gone"}, "offers: other, tiny-llm"),
        (BASE | {"source": "../shared"}, "no built-in model"),
        (BASE | {"source": "/etc"}, "no built-in model"),
        (BASE | {"source": " "}, "Choose a built-in model"),
        (BASE | {"read_only": False}, "read-only"),
        (BASE | {"kind": "storage", "source": "b/c"}, "Only a shared path"),
    ],
)
async def test_a_built_in_model_is_one_of_the_platform_on_a_path_and_read_only(
    db: Database, settings: Settings, tmp_path: Path, mount: dict[str, Any], words: str
) -> None:
    async with open_world(db, with_folders(settings, tmp_path)) as world:
        form = SMALL | {"name": "t", "command": "true", "mounts": [mount]}
        status, error = await world.ann.refused("POST", "/training/tasks", json=form)
        assert (status, error["details"]["field"]) == (400, "mounts")
        assert words in error["message"]


async def test_without_a_directory_there_are_no_built_in_models(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        assert (await world.ann.ok("GET", "/training/built-in-models"))["items"] == []
        form = SMALL | {"name": "t", "command": "true", "mounts": [BASE]}
        status, error = await world.ann.refused("POST", "/training/tasks", json=form)
        assert (status, error["code"]) == (400, "no_built_in_models")


@pytest.mark.covers("TRN-25")
async def test_without_an_output_path_results_go_straight_to_a_mounted_file_system(
    db: Database, settings: Settings, tmp_path: Path
) -> None:
    results = tmp_path / "shared" / "results"
    async with open_world(db, with_folders(settings, tmp_path), loops=True) as world:
        mount = {
            "kind": "path", "source": str(results), "target": "/opt/ml/results",
            "purpose": "other", "read_only": False,
        }  # fmt: skip
        done = await finished(
            world, name="t", mounts=[mount], command='echo 0.9 > "$ML_MOUNT_0/score"'
        )
        assert (done["state"], done["spec"]["output"]) == ("Completed", None)
        assert (results / "score").read_text() == "0.9\n"
