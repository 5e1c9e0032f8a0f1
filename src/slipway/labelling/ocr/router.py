"""HTTP of OCR labelling: the descriptor language, and what reads texts."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from slipway.base.errors import Invalid
from slipway.data.formats.boxes import is_number
from slipway.data.formats.ocr_fields import meaning_of
from slipway.data.types import OcrType
from slipway.iam.http import Config, Db, allow
from slipway.iam.types import Actor
from slipway.labelling import queries
from slipway.labelling.content import manifest_of
from slipway.labelling.ocr.engine import Engine
from slipway.labelling.ocr.recognition import OcrServices, Reader, has_engine
from slipway.labelling.ocr.views import (
    OcrCheckForm,
    OcrEnginesView,
    OcrMeaningView,
    OcrReadForm,
    OcrReadingList,
)
from slipway.labelling.read import read_sample

router = APIRouter(tags=["Labelling"], prefix="/labelling")


def _engine(request: Request) -> Engine:
    found: Engine = request.app.state.ocr_engine
    return found


def _services(request: Request) -> OcrServices | None:
    found: OcrServices | None = request.app.state.ocr_services
    return found


Services = Annotated[OcrServices | None, Depends(_services)]


@router.post("/ocr/check")
async def check_descriptors(
    form: OcrCheckForm, actor: Annotated[Actor, allow("label:task:get")]
) -> OcrMeaningView:
    """What the descriptors of an image say together: roles, pairs, fields, and what is wrong."""
    ids = [box.id for box in form.boxes]
    if len(set(ids)) < len(ids):
        raise Invalid("Two boxes have the same number.", field="boxes")
    structured = form.type is OcrType.STRUCTURED
    found = await asyncio.to_thread(meaning_of, form.to_described(), structured=structured)
    return OcrMeaningView.of(found)


@router.get("/ocr/engines")
async def list_engines(
    services: Services, actor: Annotated[Actor, allow("label:task:list")]
) -> OcrEnginesView:
    """What can read texts for a task."""
    found = [] if services is None else await services.list_services(actor)
    return OcrEnginesView.of(has_engine(), found)


@router.post("/tasks/{task_id}/records/{index}/texts")
async def read_texts(
    task_id: str,
    index: int,
    form: OcrReadForm,
    db: Db,
    config: Config,
    engine: Annotated[Engine, Depends(_engine)],
    services: Services,
    actor: Annotated[Actor, allow("label:record:update")],
) -> OcrReadingList:
    """The texts of an image, or of one outline in it: drafts, which are not saved."""
    async with db.read() as session:
        task = queries.frozen_task(await queries.get_task(session, actor.project_id, task_id))
    if task.ocr is None:
        raise Invalid("Only in OCR tasks are texts read.", code="not_ocr")
    content = await read_sample(config.root, task, index)
    image = manifest_of(config.root, task).directory / "files" / content.file
    reader = Reader(actor, task.ocr, engine, services)
    if form.points is None:
        return OcrReadingList.of(await reader.whole(image))
    points = form.points
    if len(points) < 6 or len(points) % 2 or not all(is_number(number) for number in points):
        raise Invalid("points are numbers x, y, x, y, ... of at least 3 points.", field="points")
    across, down = points[0::2], points[1::2]
    if not (
        -1 <= min(across) < max(across) <= content.width + 1
        and -1 <= min(down) < max(down) <= content.height + 1
    ):
        raise Invalid("The outline reaches over the edge of the image.", field="points")
    return OcrReadingList.of([await reader.one(image, points)])
