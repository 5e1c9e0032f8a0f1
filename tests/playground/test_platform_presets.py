"""Presets of the platform in another project's playground: on its own free trial."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from slipway.iam.tables import UserRow
from tests.playground.conftest import Player, words_of
from tests.serving.conftest import until

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


@pytest.mark.covers("PLY-03", "PLY-17", "GWY-14", "GWY-31")
async def test_a_preset_is_tried_by_every_project_on_its_own_trial(player: Player) -> None:
    house, stranger = player.house, player.house.b
    talker = await player.talker(description="It says your words backwards.")
    assert (await player.ask(talker["id"], "a b", client=stranger)).status_code == 404
    async with house.db.begin() as session:
        await session.execute(
            update(UserRow).where(UserRow.id == house.actor.user_id).values(is_admin=True)
        )
    rules = f"/services/{talker['id']}/rules"
    offered = await house.a.put(rules, json={"preset": True, "free_tokens": 5})
    assert offered.status_code == 200, offered.text

    (shown,) = (await stranger.get("/preset-services")).json()["items"]
    assert (shown["id"], shown["description"]) == (talker["id"], "It says your words backwards.")
    assert (shown["free_tokens"], shown["free_tokens_left"]) == (5, 5)
    assert (await stranger.get(f"/services/{talker['id']}")).status_code == 404
    document = (await stranger.get(f"/services/{talker['id']}/api-document")).json()
    assert document["model"] == "talker" and document["functions"][0]["samples"]
    (tried,) = (await stranger.get("/playground/services")).json()["items"]
    assert (tried["id"], tried["preset"]) == (talker["id"], True)

    answer = await player.ask(talker["id"], "a b c", client=stranger)
    assert words_of(answer) == "c b a"
    refused = await until(
        lambda: player.ask(talker["id"], "a b c", client=stranger), lambda a: a.status_code != 200
    )
    group = {"name": "g", "services": [talker["id"]]}
    app_key = (await stranger.post("/service-groups", json=group)).json()["secret"]
    body = {"model": "talker", "messages": [{"role": "user", "content": "a"}]}
    by_api = await until(
        lambda: player.entrance.call("/v1/chat/completions", app_key, json=body),
        lambda a: a.status_code != 401,
    )
    assert (refused.status_code, refused.json()) == (by_api.status_code, by_api.json())
    assert "free trial" in refused.json()["error"]["message"]
    used = await until(
        lambda: stranger.get("/preset-services"),
        lambda a: a.json()["items"][0]["free_tokens_left"] == 0,
    )
    assert used.status_code == 200
    # Its own project has used nothing of its trial, and goes on.
    assert words_of(await player.ask(talker["id"], "a b")) == "b a"

    await house.a.put(rules, json={})
    assert (await player.ask(talker["id"], "a", client=stranger)).status_code == 404
    assert (await stranger.get(f"/services/{talker['id']}/api-document")).status_code == 404
    assert (await stranger.get("/playground/services")).json()["items"] == []
