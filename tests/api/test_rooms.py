"""A room's endpoints are there from its first call on, and every path finds its room."""

from __future__ import annotations

import asyncio
import subprocess
import sys

from fastapi.routing import iter_route_contexts

from slipway.api.rooms import API_ROOMS, OTHER_ROOMS, Room, _load
from slipway.base.database import Database
from slipway.base.settings import Settings
from tests.running import open_world


def test_the_table_names_every_first_segment_once_and_in_its_room() -> None:
    for rooms in (API_ROOMS, OTHER_ROOMS):
        named = [segment for room in rooms for segment in room.segments]
        assert len(named) == len(set(named))
        for room in rooms:
            assert _first_segments(room) == set(room.segments), room.routers


def _first_segments(room: Room) -> set[str]:
    return {
        context.path.split("/")[1]
        for router in _load([room])
        for context in iter_route_contexts(router.routes)
        if context.path
    }


async def test_the_first_calls_of_a_room_come_at_once_and_all_are_answered(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings) as world:
        assert world.app.state.rooms.asked_for("/api/v1/datasets")
        answers = await asyncio.gather(*(world.ann.http.get("/datasets") for _ in range(5)))
        assert [answer.status_code for answer in answers] == [200] * 5
        assert not world.app.state.rooms.asked_for("/api/v1/datasets")
        assert (await world.ann.http.get("/nowhere")).status_code == 404
        described = (await world.ann.http.get("/openapi.json")).json()
        assert "/api/v1/models" in described["paths"]
        assert not world.app.state.rooms.asked_for("/api/v1/models")


def test_nothing_of_the_endpoints_is_loaded_before_a_call() -> None:
    code = "import slipway.api.up, sys; print([m for m in sys.modules if m.startswith('slipway.') and 'router' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
