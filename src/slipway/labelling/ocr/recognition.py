"""Reading the texts of an image: by an online service of the project, or by the built-in engine.

A service speaks PaddleOCR's serving interface: `{"file": base64, "fileType": 1}` in, and
`{"result": {"ocrResults": [{"prunedResult": {"rec_polys", "rec_texts", "rec_scores"}}]}}` out.
"""

from __future__ import annotations

import asyncio
import base64
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from slipway.base.errors import Conflict, Unavailable
from slipway.data.formats.boxes import is_number
from slipway.iam.types import Actor
from slipway.labelling.ocr.engine import Engine
from slipway.labelling.ocr.pictures import cut_out
from slipway.labelling.types import OcrTask

NO_ENGINE = (
    "Nothing reads texts here yet. Choose an OCR service in the settings of the task, or have the "
    "built-in engine installed: pip install 'slipway[ocr]'."
)
_MAX_FOUND = 1000


@dataclass(frozen=True, slots=True)
class Reading:
    """A text and where it stands: flat x, y of its outline, from the top left of the text."""

    points: tuple[float, ...]
    text: str
    confidence: float | None


@dataclass(frozen=True, slots=True)
class OcrService:
    id: str
    name: str


class OcrServices(Protocol):
    """The project's online services, as the serving room (above this one) offers them."""

    async def list_services(self, actor: Actor) -> list[OcrService]: ...

    async def read(self, actor: Actor, service_id: str, body: Mapping[str, Any]) -> bytes:
        """What the service answers. Raises Unavailable, saying why, where it does not."""
        ...


def has_engine() -> bool:
    return all(importlib.util.find_spec(name) for name in ("rapidocr", "onnxruntime"))


def recognition_blocked(ocr: OcrTask) -> str | None:
    return None if ocr.service_id is not None or has_engine() else NO_ENGINE


@dataclass(frozen=True, slots=True)
class Reader:
    """What reads the texts of one task."""

    actor: Actor
    ocr: OcrTask
    engine: Engine
    services: OcrServices | None

    async def whole(self, image: Path) -> list[Reading]:
        """Every text of an image, in reading order."""
        if self.ocr.service_id is None:
            return await self._by_engine(image, None)
        return await self._by_service(await asyncio.to_thread(image.read_bytes))

    async def one(self, image: Path, points: Sequence[float]) -> Reading:
        """The text in one outline of the image; '' where there is none."""
        if self.ocr.service_id is None:
            found = await self._by_engine(image, points)
        else:
            found = await self._by_service(await asyncio.to_thread(cut_out, image, points))
        scores = [each.confidence for each in found if each.confidence is not None]
        text = " ".join(each.text for each in found if each.text)
        return Reading(tuple(points), text, min(scores) if scores else None)

    async def _by_engine(self, image: Path, points: Sequence[float] | None) -> list[Reading]:
        if not has_engine():
            raise Conflict(NO_ENGINE, code="no_ocr_engine")
        found = await self.engine.read(image, points)
        return [Reading(tuple(one["points"]), one["text"], one["confidence"]) for one in found]

    async def _by_service(self, image: bytes) -> list[Reading]:
        if self.services is None or self.ocr.service_id is None:
            raise Conflict(NO_ENGINE, code="no_ocr_engine")
        body = {"file": base64.b64encode(image).decode(), "fileType": 1}
        return readings_of(await self.services.read(self.actor, self.ocr.service_id, body))


def readings_of(answer: bytes) -> list[Reading]:
    """Raises Unavailable where the answer is not what the interface says."""
    import orjson

    try:
        found = orjson.loads(answer)["result"]["ocrResults"][0]["prunedResult"]
        polys, texts = found.get("rec_polys", found.get("dt_polys", [])), found["rec_texts"]
        scores = found.get("rec_scores") or [None] * len(texts)
        made = [
            Reading(tuple(float(n) for point in poly for n in point), str(text), score)
            for poly, text, score in zip(polys, texts, scores, strict=True)
        ]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise Unavailable(
            "The OCR service answered something else than texts with their places. It should speak "
            "PaddleOCR's serving interface (result.ocrResults).",
            code="bad_ocr_answer",
        ) from error
    good = (
        one for one in made
        if len(one.points) >= 6 and all(is_number(n) for n in one.points)
    )  # fmt: skip
    return list(good)[:_MAX_FOUND]
