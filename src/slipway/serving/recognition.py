"""Online services that read texts, for the labelling room: called through the gateway, as the user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slipway.base.clock import utc_now
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.errors import Unavailable
from slipway.base.paging import MAX_LIMIT, PageQuery
from slipway.base.settings import Settings
from slipway.iam.types import Actor
from slipway.labelling.ocr.recognition import OcrService
from slipway.serving import proxy, queries
from slipway.serving.config import Runtime
from slipway.serving.gateway_address import local_url
from slipway.serving.internal_keys import own_key
from slipway.serving.types import ServiceState

_PATH, _PACKAGE_PATH = "/ocr", "/v1/models/m:predict"
_RUNNING = (ServiceState.NORMAL, ServiceState.ABNORMAL)
_MAX_ANSWER_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class TextReading:
    """An `OcrServices` of the labelling room."""

    db: Database
    sealer: Sealer
    settings: Settings

    async def list_services(self, actor: Actor) -> list[OcrService]:
        page = PageQuery(limit=MAX_LIMIT, states=tuple(_RUNNING), order="name")
        async with self.db.read() as session:
            found = await queries.page_services(session, actor.project_id, actor.user_id, page)
            services = [queries.frozen_service(row) for row in found.items]
        return [OcrService(one.id, one.name) for one in services if not one.llm]

    async def read(self, actor: Actor, service_id: str, body: Mapping[str, Any]) -> bytes:
        async with self.db.read() as session:
            service = queries.frozen_service(
                await queries.get_service(session, actor.project_id, service_id)
            )
            rows = await queries.list_versions(session, [service_id])
        versions = [queries.frozen_version(row) for row in rows]
        best = max(versions, key=lambda v: (v.weight, v.number), default=None)
        packaged = best is not None and best.config.runtime is Runtime.PACKAGE
        path = _PACKAGE_PATH if packaged else _PATH
        key = await own_key(self.db, self.sealer, actor, service_id, now=utc_now())
        called = await proxy.call(f"{local_url(self.settings)}/{service_id}{path}", dict(body), key)
        answer = bytearray()
        try:
            async for piece in called.pieces():
                answer += piece
                if len(answer) > _MAX_ANSWER_BYTES:
                    raise Unavailable(f"The answer of the OCR service {service.name} is too long.")
        except proxy.BrokeOff as error:
            raise Unavailable(f"The OCR service {service.name} broke off. Try again.") from error
        if called.status != 200:
            raise Unavailable(
                f"The OCR service {service.name} answered {called.status}: "
                f"{bytes(answer[:300]).decode(errors='replace')}. See that it runs and takes "
                f"POST {path}.",
                code="ocr_service_failed",
            )
        return bytes(answer)
