from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from slipway.base.database import Database
from slipway.base.settings import Settings
from tests.environments.index import Index, open_index
from tests.environments.wheels import make_wheel
from tests.running import Person, World, open_world, until


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", sample_interval_s=1, environment_min_free_bytes=0)


@pytest.fixture
async def world(db: Database, settings: Settings) -> AsyncIterator[World]:
    async with open_world(db, settings, loops=True) as world:
        yield world


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    wheels = tmp_path / "wheels"
    make_wheel(wheels, "anchor", "1.0")
    make_wheel(wheels, "anchor", "2.0")
    make_wheel(wheels, "rope", "0.1", requires="anchor")
    with open_index(wheels) as index:
        yield index


async def built(
    person: Person, environment: dict[str, Any], state: str = "ready"
) -> dict[str, Any]:
    """The environment once it is no longer being built; its state must be `state`."""

    async def done() -> Any:
        found = await person.ok("GET", f"/environments/{environment['id']}")
        return found if found["state"] != "building" else None

    found: dict[str, Any] = await until(done, 60)
    assert found["state"] == state, found
    return found


async def log_of(person: Person, environment: dict[str, Any]) -> str:
    page = await person.ok(
        "GET", f"/environments/{environment['id']}/logs", params={"limit": 100, "order": "ASC"}
    )
    return "\n".join(line["text"] for line in page["items"])
