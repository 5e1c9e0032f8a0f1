"""Labelling asks a running service through the gateway, as the person who wants it."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from slipway.base.clock import utc_now
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.errors import Unavailable
from slipway.base.settings import Settings
from slipway.iam.types import Actor
from slipway.playground.catalogue import get_tried
from slipway.playground.types import TryKind
from slipway.serving import proxy
from slipway.serving.gateway_address import local_url
from slipway.serving.internal_keys import own_key

_MAX_TOKENS, _MAX_BYTES = 2000, 1 << 20


class GatewayAsker:
    def __init__(self, db: Database, sealer: Sealer, settings: Settings) -> None:
        self._db, self._sealer, self._settings = db, sealer, settings

    async def name_of(self, actor: Actor, service_id: str) -> str:
        async with self._db.read() as session:
            return (await get_tried(session, actor.project_id, service_id, TryKind.CHAT)).name

    async def ask(self, actor: Actor, service_id: str, messages: Sequence[dict[str, str]]) -> str:
        async with self._db.read() as session:
            tried = await get_tried(session, actor.project_id, service_id, TryKind.CHAT)
        key = await own_key(self._db, self._sealer, actor, tried.id, now=utc_now())
        body = {
            "model": tried.model, "messages": list(messages), "temperature": 0, "stream": False,
            "max_tokens": _MAX_TOKENS,
        }  # fmt: skip
        url = f"{local_url(self._settings)}/{tried.id}{tried.path(TryKind.CHAT)}"
        called = await proxy.call(url, body, key)
        data = bytearray()
        try:
            async for piece in called.pieces():
                data += piece
                if len(data) > _MAX_BYTES:
                    raise Unavailable(f"The answer of {tried.name} is longer than 1 MB.")
        except proxy.BrokeOff as error:
            raise Unavailable(f"The answer of {tried.name} broke off. Try again.") from error
        if called.status != 200:
            raise Unavailable(
                f"The service {tried.name} answered with status {called.status}. Try the service "
                "in the playground, then ask again."
            )
        return _words(bytes(data), tried.name)


def _words(data: bytes, name: str) -> str:
    try:
        words = orjson.loads(data)["choices"][0]["message"]["content"]
    except (orjson.JSONDecodeError, LookupError, TypeError) as error:
        raise Unavailable(f"The answer of {name} is no chat completion.") from error
    return str(words or "")
