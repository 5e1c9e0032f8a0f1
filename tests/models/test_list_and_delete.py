"""The lists, tags, and deleting what is not in use."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.clock import utc_now
from slipway.base.events import list_events
from slipway.models.loop import ModelContext, ModelLoop
from slipway.models.uses import Use
from tests.models.house import House
from tests.models.test_import import imported, start_import


class Services:
    """Stands for the rooms above: what they say is set by the test."""

    def __init__(self) -> None:
        self.by_version: dict[str, list[Use]] = {}

    async def uses(self, session: AsyncSession, version_id: str) -> list[Use]:
        return self.by_version.get(version_id, [])


@pytest.mark.covers("MOD-03")
async def test_models_are_listed_searched_and_filtered_by_tag(
    house: House, loop: ModelLoop
) -> None:
    await imported(house, name="digits", tags={"team": "vision"})
    await imported(house, name="chat", tags={"team": "text"})

    async def names(**query: str) -> list[str]:
        answer = await house.a.get("/models", params=query)
        return [m["name"] for m in answer.json()["items"]]

    assert await names() == ["chat", "digits"]
    assert await names(order="name") == ["chat", "digits"]
    assert await names(search="dig") == ["digits"]
    assert await names(tag="team:text") == ["chat"]
    assert await names(optimised="true") == []
    assert await names(mine="true") == ["chat", "digits"]
    first = (await house.a.get("/models", params={"limit": 1})).json()
    assert first["total"] == 2 and first["items"][0]["version_count"] == 1
    rest = (await house.a.get("/models", params={"cursor": first["next_cursor"]})).json()
    assert [m["name"] for m in rest["items"]] == ["digits"]


@pytest.mark.covers("MOD-09")
async def test_tags_and_description_can_be_edited(house: House, loop: ModelLoop) -> None:
    version = await imported(house, name="digits", tags={"a": "1"})
    url = f"/models/{version['model_id']}"
    edited = await house.a.patch(url, json={"tags": {"b": "2"}, "description": "New."})
    assert edited.json()["tags"] == {"b": "2"} and edited.json()["description"] == "New."
    assert (await house.a.patch(url, json={"tags": {"x;": "1"}})).status_code == 400
    assert (await house.a.get(url)).json()["tags"] == {"b": "2"}


@pytest.mark.covers("MOD-08", "MOD-10")
async def test_a_version_in_use_stays(house: House, loop: ModelLoop) -> None:
    version = await imported(house, name="served")
    services = Services()
    house.app.state.version_uses = (services,)
    use = Use("service", "ms-1", "digits service", "Running", active=True)
    services.by_version[version["id"]] = [use]
    url = f"/models/versions/{version['id']}"
    refused = await house.a.delete(url)
    assert refused.status_code == 409
    assert "digits service (ms-1)" in refused.json()["error"]["message"]
    assert "digits service" in (await house.a.get(url)).json()["blocked"]["delete"]
    model = await house.a.delete(f"/models/{version['model_id']}")
    assert model.status_code == 409
    assert (await house.a.get(f"{url}/uses")).json()["items"] == [
        {"kind": "service", "id": "ms-1", "name": "digits service", "state": "Running",
         "active": True}
    ]  # fmt: skip
    services.by_version[version["id"]] = [Use("service", "ms-1", "s", "Stopped", active=False)]
    assert (await house.a.get(url)).json()["blocked"]["delete"] is None
    assert (await house.a.delete(url)).status_code == 204
    assert (await house.a.get(url)).status_code == 404


@pytest.mark.covers("MOD-07")
async def test_deleting_a_model_frees_its_name_and_later_its_space(
    house: House, loop: ModelLoop
) -> None:
    version = await imported(house, name="gone")
    again = await imported(house, model_id=version["model_id"])
    assert (await house.a.delete(f"/models/{version['model_id']}")).status_code == 204
    assert (await house.a.get("/models")).json()["total"] == 0
    assert (await start_import(house, name="gone")).status_code == 201
    folder = house.path(version["save_path"])
    assert folder.is_dir()  # within the grace time

    later = ModelContext(house.db, house.storage, lambda: utc_now() + timedelta(hours=2))
    for one in (version, again):
        await ModelLoop(later).remove_one(one["id"])
    assert os.listdir(folder.parent) == []
    async with house.db.read() as session:
        events = await list_events(session, project_id=house.project)
    types = [e.type for e in events]
    assert types.count("model:versionDeleted") == 2 and types.count("model:modelDeleted") == 1


async def test_an_import_under_way_cannot_be_deleted(house: House) -> None:
    version = (await start_import(house, name="busy")).json()
    refused = await house.a.delete(f"/models/versions/{version['id']}")
    assert refused.status_code == 409 and "being imported" in refused.text
