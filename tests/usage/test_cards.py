"""Card-hours asked, held and used; cards that are held and idle (RES-X8)."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest

from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.usage.used import UsedCardsLoop, busy_cards
from tests.compute.queue.queue_house import GROUP, add_node, reaches, set_policy, submit
from tests.running import World, open_world, until

HOUR = 3600


def write_samples(world: World, instance: Any, utils: list[float]) -> None:
    """As the runner writes them on a machine with cards: a line a second, for the next minutes."""
    now = utc_now().timestamp()
    path = world.app.state.files.samples(instance["id"])
    with path.open("a") as file:
        for second in range(-1, 300):
            for util in utils:
                cards = [{"index": 0, "util_pct": util, "mem_bytes": 1, "mem_pct": 1}]
                file.write(json.dumps({"t": now + second, "cpu_pct": 1, "gpus": cards}) + "\n")


async def instance_of(world: World, task: Any) -> Any:
    found = await world.ann.ok("GET", f"/training/tasks/{task['id']}/instances")
    return found["items"][-1]


async def report(world: World, by: str, **query: Any) -> dict[str, Any]:
    person = world.admin if query.get("all_projects") else world.ann
    found = await person.ok("GET", "/usage/cards", params={"by": by, **query})
    return {item["name"]: item for item in found["items"]}


@pytest.mark.covers("RES-X8")
async def test_card_hours_are_told_by_project_user_and_tag_with_what_was_really_used(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings, loops=True) as world:
        await set_policy(db)
        await add_node(db, "a", "A10", 1)
        first = await submit(world.ann, "first", gpus=1, tags={"team": "speech"})
        await reaches(world.ann, first, "Running")
        second = await submit(world.ann, "second", gpus=1, tags={"team": "vision"})
        plain = await submit(world.ann, "plain")
        # What runs is counted before its stretch is in the ledger; what has no cards never is.
        assert set(await report(world, "tag")) == {"team:speech"}
        instance = await instance_of(world, first)
        write_samples(world, instance, [100, 20])
        for task in (first, plain):
            await world.ann.ok("POST", f"/training/tasks/{task['id']}/stop")
            await reaches(world.ann, task, "Stopped")
        await reaches(world.ann, second, "Running")
        await world.ann.ok("POST", f"/training/tasks/{second['id']}/stop")
        await reaches(world.ann, second, "Stopped")

        loop = UsedCardsLoop(db, world.app.state.files, utc_now)
        await loop.measure()
        assert await loop.measure() == 0  # once and for all
        tags = await report(world, "tag")
        one, two = tags["team:speech"], tags["team:vision"]
        assert one["asked_h"] >= one["held_h"] > 0
        assert one["used_h"] == pytest.approx(one["held_h"] * 0.6)
        assert one["measured_h"] == pytest.approx(one["held_h"])
        # The second waited for the first one's card, which counts as asked; nothing of it was measured.
        assert two["asked_h"] - two["held_h"] > one["asked_h"] - one["held_h"]
        assert (two["measured_h"], two["used_h"]) == (0, 0)

        everything = one["held_h"] + two["held_h"]
        (project,) = (await report(world, "project")).values()
        assert project["key"] == world.ann.actor.project_id
        assert project["name"] == "alpha"
        for by, name in (("user", "ann"), ("group", "local"), ("card", "A10")):
            found = await report(world, by)
            assert found[name]["held_h"] == pytest.approx(everything), by
        assert set(await report(world, "project", all_projects=True)) == {"alpha"}
        assert (await world.bob.ok("GET", "/usage/cards"))["items"] == []
        status, _ = await world.bob.refused("GET", "/usage/cards", params={"all_projects": True})
        assert status == 403
        early = {"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"}
        assert await report(world, "tag", **early) == {}

        answer = await world.ann.http.get("/usage/cards.csv", params={"by": "tag"})
        assert answer.headers["content-type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert {row["key"] for row in rows} == {"team:speech", "team:vision"}
        assert float(rows[0]["held_h"]) == max(one["held_h"], two["held_h"])


@pytest.mark.covers("RES-X8")
async def test_work_that_holds_cards_and_does_not_use_them_is_reported(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings, loops=True) as world:
        await add_node(db, "a", "A10", 2)
        idle = await submit(world.ann, "idle", gpus=1)
        busy = await submit(world.ann, "busy", gpus=1)
        for task in (idle, busy):
            await reaches(world.ann, task, "Running")
        write_samples(world, await instance_of(world, idle), [1, 3])
        write_samples(world, await instance_of(world, busy), [80, 90])
        path = "/usage/idle-cards"
        query = {"within_s": 10}

        async def told() -> Any:
            items = (await world.ann.ok("GET", path, params=query))["items"]
            return items or None

        (one,) = await until(told)  # after ten seconds: it might have been loading
        assert (one["name"], one["cards"]) == ("idle", 1)
        assert one["busy"] == pytest.approx(0.02)
        assert one["idle_card_hours"] == pytest.approx(0.98 * 10 / HOUR)
        assert (await world.bob.ok("GET", path, params=query))["items"] == []
        everywhere = await world.admin.ok("GET", path, params=query | {"all_projects": True})
        assert [item["name"] for item in everywhere["items"]] == ["idle"]
        for task in (idle, busy):
            await world.ann.ok("POST", f"/training/tasks/{task['id']}/stop")
            await reaches(world.ann, task, "Stopped")


def test_cards_are_busy_as_far_as_it_was_measured() -> None:
    end = utc_now()
    start, t = end - timedelta(seconds=60), end.timestamp() - 30

    def sample(*utils: float | None, at: float = t) -> dict[str, Any]:
        return {"t": at, "gpus": [{"index": i, "util_pct": u} for i, u in enumerate(utils)]}

    assert busy_cards([], start, end, held=1) is None
    assert busy_cards([{"t": t, "gpus": []}, sample(None)], start, end, held=1) is None
    assert busy_cards([sample(50, 100)], start, end, held=2) == 1.5
    assert busy_cards([sample(50), sample(70, at=t - 3600)], start, end, held=1) == 0.5
    assert busy_cards([sample(90)], start, end, held=0.5) == 0.5  # no more than its share


async def test_a_bad_range_is_refused(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world:
        for query in (
            {"start": "2026-01-02T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
            {"start": "2020-01-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
            {"start": "2026-01-02T00:00:00"},
        ):
            assert (await world.ann.refused("GET", "/usage/cards", params=query))[0] == 400
        assert (await world.ann.ok("GET", f"/resource-groups/{GROUP}"))["id"] == GROUP
