"""The playground over the serving room's real platform: real replicas behind the real gateway."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from slipway.data.router import router as data_router
from slipway.playground.ask import Answers
from slipway.playground.router import router
from slipway.playground.router_presets import router as preset_router
from tests.models.house import House
from tests.playground.programs import talker_command
from tests.serving.conftest import Entrance, Platform, entrance, house, platform, until

__all__ = ["entrance", "house", "platform"]


@dataclass
class Player:
    """Calls the playground's API as the first project's member."""

    house: House
    platform: Platform
    entrance: Entrance

    async def ok(self, method: str, path: str, **other: Any) -> Any:
        answer = await self.house.a.request(method, f"/playground{path}", **other)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def talker(self, name: str = "talker", **other: Any) -> dict[str, Any]:
        """A chat service, running."""
        folder = self.house.folder(f"models/{name}", {"note.txt": b"words told back"})
        made = await self.platform.create(
            name=name, runtime="llm", command=talker_command(), auth=True,
            model={"kind": "storage", "ref": folder}, **other,
        )  # fmt: skip
        await self.platform.reach(made["id"], "Normal", 60)
        secret = made["key"]["secret"]
        await until(
            lambda: self.entrance.client.get(
                f"/{made['id']}/v1/models", headers={"authorization": f"Bearer {secret}"}
            ),
            lambda answer: answer.status_code == 200,
        )
        return made

    async def ask(
        self, service_id: str, words: Any, *, place: dict[str, Any] | None = None,
        kind: str = "chat", persona: str = "", client: httpx.AsyncClient | None = None, **body: Any,
    ) -> httpx.Response:  # fmt: skip
        system = [{"role": "system", "content": persona}] if persona else []
        messages = [*system, {"role": "user", "content": words}]
        form = {
            "service_id": service_id, "kind": kind, "place": place,
            "request": {
                "messages": messages, "stream": True, "stream_options": {"include_usage": True},
            } | body,
        }  # fmt: skip
        return await (client or self.house.a).post("/playground/answers", json=form)

    async def begin(self, kind: str = "chat", title: str = "first words") -> str:
        made = await self.ok("POST", "/conversations", json={"kind": kind, "title": title})
        return str(made["id"])

    async def see(self, conversation_id: str) -> dict[str, Any]:
        seen: dict[str, Any] = await self.ok("GET", f"/conversations/{conversation_id}")
        return seen


def words_of(answer: httpx.Response) -> str:
    """What a stream of chunks says."""
    said = ""
    for line in answer.text.splitlines():
        if line.startswith("data: {"):
            for choice in json.loads(line[6:])["choices"]:
                said += choice["delta"].get("content") or ""
    return said


@pytest.fixture
async def players(house: House) -> None:
    """The playground's API in the house."""
    for one in (preset_router, router, data_router):
        house.app.include_router(one, prefix="/api/v1")
    house.app.state.answers = Answers()


@pytest.fixture
async def player(
    players: None, house: House, platform: Platform, entrance: Entrance
) -> AsyncIterator[Player]:
    yield Player(house, platform, entrance)
    await house.app.state.answers.settle()


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """Where a talker writes how much it had said when nobody listened any more."""
    return tmp_path / "left.txt"
