"""HTTP of saved prompts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from slipway.base.clock import utc_now
from slipway.iam.http import Db, PageArgs, allow
from slipway.iam.types import Actor
from slipway.playground import preset_queries, presets
from slipway.playground.presets import NewPreset
from slipway.playground.views import (
    PresetDetail,
    PresetForm,
    PresetPage,
    PresetPatch,
    PresetVersionForm,
    PresetVersionView,
    PresetView,
)

router = APIRouter(prefix="/playground/presets", tags=["Playground"])

Reader = Annotated[Actor, allow("serve:playground:get")]
Writer = Annotated[Actor, allow("serve:playground:update")]


@router.get("")
async def list_presets(db: Db, page: PageArgs, actor: Reader) -> PresetPage:
    """One's own, and those shared in the project. `state` filters by kind."""
    async with db.read() as session:
        found = await preset_queries.page_presets(session, actor.project_id, actor.user_id, page)
    items = [PresetView.of(preset_queries.frozen_preset(row), actor.user_id) for row in found.items]
    return PresetPage(items=items, next_cursor=found.next_cursor, total=found.total)


@router.post("", status_code=201)
async def create_preset(form: PresetForm, db: Db, actor: Writer) -> PresetView:
    made = await presets.create_preset(db, actor, NewPreset(**dict(form)), now=utc_now())
    return PresetView.of(made, actor.user_id)


@router.get("/{preset_id}")
async def get_preset(preset_id: str, db: Db, actor: Reader) -> PresetDetail:
    """With all its versions. Another's only where it is shared."""
    async with db.read() as session:
        row = await preset_queries.get_preset(session, actor.project_id, actor.user_id, preset_id)
        versions = await preset_queries.list_versions(session, preset_id)
    view = PresetView.of(preset_queries.frozen_preset(row), actor.user_id)
    shown = [PresetVersionView.of(preset_queries.frozen_version(v)) for v in versions]
    return PresetDetail(**dict(view), versions=shown)


@router.post("/{preset_id}/versions", status_code=201)
async def save_preset_version(
    preset_id: str, form: PresetVersionForm, db: Db, actor: Writer
) -> PresetVersionView:
    """The next version; earlier ones stay as they are."""
    made = await presets.save_version(db, actor, preset_id, form.content, form.note, now=utc_now())
    return PresetVersionView.of(made)


@router.patch("/{preset_id}")
async def edit_preset(preset_id: str, form: PresetPatch, db: Db, actor: Writer) -> PresetView:
    found = await presets.edit_preset(db, actor, preset_id, **dict(form), now=utc_now())
    return PresetView.of(found, actor.user_id)


@router.delete("/{preset_id}", status_code=204)
async def delete_preset(preset_id: str, db: Db, actor: Writer) -> None:
    await presets.delete_preset(db, actor, preset_id, now=utc_now())
