"""Custom environments through the API, built for real from an index made in the test."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.environments.conftest import built, log_of
from tests.environments.index import Index
from tests.running import Person, World, until

SMALL = {"cpu_cores": 0.2, "memory_bytes": 64 << 20}


async def make(person: Person, index: Index, name: str = "own", **form: Any) -> dict[str, Any]:
    form = {"requirements": "rope\nanchor<2\n", "index_url": index.url, **form}
    made: dict[str, Any] = await person.ok("POST", "/environments", json={"name": name, **form})
    return made


async def run(person: Person, name: str, environment: str, command: str) -> dict[str, Any]:
    task = await person.ok(
        "POST", "/training/tasks",
        json={"name": name, "command": command, "environment": environment, **SMALL},
    )  # fmt: skip
    return dict(
        await person.ok("GET", f"/training/tasks/{task['id']}/wait", params={"timeout_s": 30})
    )


@pytest.mark.covers("TRN-04", "TRN-05")
async def test_one_is_built_once_and_tasks_run_in_it(world: World, index: Index) -> None:
    made = await make(world.ann, index, framework="python", modes=["single"])
    assert (made["state"], made["version"], made["modes"]) == ("building", 1, ["single"])
    ready = await built(world.ann, made)
    packages = {p["name"]: p["version"] for p in ready["build"]["packages"]}
    assert packages["anchor"] == "1.0" and packages["rope"] == "0.1"
    assert ready["size_bytes"] > 0
    assert "Successfully installed anchor-1.0 rope-0.1" in await log_of(world.ann, made)

    offered = await world.ann.ok("GET", "/training/environments")
    assert [e["name"] for e in offered["items"] if e["custom"]] == ["own v1"]
    asked = len(index.asked)
    command = 'python -c "import anchor, rope, sys; print(anchor.VERSION, sys.prefix)" && rope 2>&1; echo "$VIRTUAL_ENV"'
    done = await run(world.ann, "t", made["id"], command)
    assert done["state"] == "Completed", done["reason"]
    lines = await world.ann.ok("GET", f"/training/tasks/{done['id']}/logs")
    said = [line["text"] for line in lines["items"]]
    place = ready["build"]["location"]
    assert f"1.0 {place}" in said and place in said
    uses = await world.ann.ok("GET", f"/environments/{made['id']}/uses")
    assert [(u["name"], u["state"]) for u in uses["items"]] == [("t", "succeeded")]

    # Equal content of another project is the same build at once; nothing was fetched since.
    again = await make(world.bob, index, "theirs", requirements="rope  \r\nanchor<2")
    assert (again["state"], again["build"]["id"]) == ("ready", ready["build"]["id"])
    assert len(index.asked) == asked

    wrong = {"name": "w", "command": "true", "environment": made["id"], "mode": "ddp", **SMALL}
    status, error = await world.ann.refused("POST", "/training/tasks", json=wrong)
    assert (status, error["code"]) == (400, "mode_not_offered")
    wrong = wrong | {"mode": "single", "environment": again["id"]}
    status, error = await world.ann.refused("POST", "/training/tasks", json=wrong)
    assert (status, error["code"]) == (400, "unknown_environment")


async def test_what_pip_refuses_is_the_reason_and_can_be_built_again(
    world: World, index: Index
) -> None:
    made = await make(world.ann, index, requirements="anchor==9.9")
    failed = await built(world.ann, made, "failed")
    assert failed["reason"].startswith("Installing the packages failed: ")
    assert "anchor==9.9" in failed["reason"]
    form = {"name": "t", "command": "true", "environment": made["id"], **SMALL}
    status, error = await world.ann.refused("POST", "/training/tasks", json=form)
    assert (status, error["code"]) == (400, "environment_unavailable")
    (index.wheels / "anchor-2.0-py3-none-any.whl").rename(
        index.wheels / "anchor-9.9-py3-none-any.whl"
    )
    await world.ann.ok("POST", f"/environments/{made['id']}/rebuild")
    failed = await built(world.ann, made, "failed")  # the file's name and its content disagree
    assert failed["reason"]


async def test_index_credentials_work_and_are_never_shown(
    world: World, index: Index, settings: Any
) -> None:
    index.password = "s3cret-word"
    made = await make(world.ann, index, user="reader", password="s3cret-word")
    ready = await built(world.ann, made)
    assert ready["source"]["user"] == "reader"
    shown = str(ready) + await log_of(world.ann, made)
    assert "s3cret-word" not in shown
    async with world.db.read() as session:
        from sqlalchemy import text

        specs = await session.execute(text("SELECT CAST(spec AS TEXT) FROM workloads"))
        assert all("s3cret-word" not in row[0] for row in specs)
    # What credentials opened is not shared with another project.
    theirs = await make(world.bob, index, "theirs")
    assert theirs["state"] == "building"
    assert (await built(world.bob, theirs, "failed"))["reason"]


async def test_versions_never_change_and_names_are_taken(world: World, index: Index) -> None:
    made = await make(world.ann, index)
    status, error = await world.ann.refused(
        "POST", "/environments", json={"name": "own", "requirements": "anchor"}
    )
    assert (status, error["code"]) == (409, "name_taken")
    body = {"requirements": "anchor==2.0", "index_url": index.url, "purposes": ["serving"]}
    second = await world.ann.ok("POST", f"/environments/{made['id']}/versions", json=body)
    assert (second["name"], second["version"]) == ("own", 2)
    await built(world.ann, second)
    status, error = await world.ann.refused(
        "POST", "/training/tasks",
        json={"name": "t", "command": "true", "environment": second["id"], **SMALL},
    )  # fmt: skip
    assert (status, error["code"]) == (400, "environment_purpose")
    listed = await world.ann.ok("GET", "/environments", params={"purpose": "serving"})
    assert [e["id"] for e in listed["items"]] == [second["id"]]
    assert (await world.bob.refused("GET", f"/environments/{made['id']}"))[0] == 404
    assert (await world.bob.ok("GET", "/environments"))["items"] == []


async def test_a_build_can_be_cancelled_and_deleting_is_refused_while_in_use(
    world: World, index: Index
) -> None:
    index.hold.clear()
    made = await make(world.ann, index)
    await until(lambda: index.asked)
    await world.ann.ok("POST", f"/environments/{made['id']}/cancel")
    cancelled = await built(world.ann, made, "failed")
    assert cancelled["reason"] == "The build was cancelled."
    index.hold.set()
    await world.ann.ok("POST", f"/environments/{made['id']}/rebuild")
    ready = await built(world.ann, made)
    task = await world.ann.ok(
        "POST", "/training/tasks",
        json={"name": "t", "command": "sleep 300", "environment": made["id"], **SMALL},
    )  # fmt: skip
    status, error = await world.ann.refused("DELETE", f"/environments/{made['id']}")
    assert (status, error["message"]) == (409, "It is in use by t. Stop that first.")
    await world.ann.ok("POST", f"/training/tasks/{task['id']}/stop")
    await world.ann.ok("GET", f"/training/tasks/{task['id']}/wait", params={"timeout_s": 30})
    await world.ann.ok("DELETE", f"/environments/{made['id']}")
    assert Path(ready["build"]["location"]).is_dir()  # kept for a while: the next one is instant
    again = await make(world.ann, index)
    assert again["state"] == "ready"


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"requirements": "/etc/passwd"}, "requirements"),
        ({"requirements": "-r /etc/passwd"}, "requirements"),
        ({"requirements": "--extra-index-url https://u:p@x/"}, "requirements"),
        ({"requirements": "x @ https://me:secret@example.com/x.whl"}, "requirements"),
        ({"requirements": "x @ file:///etc/x.whl"}, "requirements"),
        ({"requirements": ""}, "requirements"),
        ({"requirements": "x", "python": "2.7"}, "python"),
        ({"requirements": "x", "framework": "fortran"}, "framework"),
        ({"requirements": "x", "modes": ["ps"]}, "modes"),
        ({"requirements": "x", "purposes": []}, "purposes"),
        ({"requirements": "x", "index_url": "https://me:secret@example.com"}, "index_url"),
        ({"requirements": "x", "user": "me"}, "user"),
        ({"kind": "image", "image": "Not An Image"}, "image"),
    ],
)
async def test_bad_forms_are_refused_with_the_field(
    world: World, form: dict[str, Any], field: str
) -> None:
    status, error = await world.ann.refused("POST", "/environments", json={"name": "n", **form})
    assert (status, error["details"]["field"]) == (400, field)


@pytest.mark.covers("RES-38")
async def test_without_room_nothing_is_built(world: World, index: Index, settings: Any) -> None:
    options = await world.ann.ok("GET", "/environments/options")
    assert options["free_bytes"] > 0 and options["no_space"] is None
    world.app.state.settings = settings.model_copy(
        update={"environment_min_free_bytes": shutil.disk_usage("/").total * 10}
    )
    status, error = await world.ann.refused(
        "POST", "/environments", json={"name": "n", "requirements": "x"}
    )
    assert (status, error["code"]) == (507, "no_environment_space")
    assert "GiB are free for environments" in error["message"]
