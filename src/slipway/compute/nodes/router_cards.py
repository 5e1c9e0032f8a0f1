"""HTTP of card types: whether tasks may ask for a part of a card (RES-32)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from slipway.base.clock import utc_now
from slipway.base.forms import Form
from slipway.compute.nodes import sharing
from slipway.iam.http import Db, allow
from slipway.iam.types import Actor

router = APIRouter(prefix="/card-types", tags=["Resources"])


class SharingForm(Form):
    sharing: bool


class CardTypeView(BaseModel):
    model: str
    sharing: bool = Field(description="As it is set; on where nothing was set.")
    cards: int
    shared: int = Field(description="Cards that may be given out in parts now.")
    nodes: int
    notices: list[str] = Field(description="Why others may not.")


class CardTypeList(BaseModel):
    items: list[CardTypeView]


@router.get("")
async def list_card_types(
    db: Db, actor: Annotated[Actor, allow("compute:card_type:list")]
) -> CardTypeList:
    async with db.read() as session:
        found = await sharing.list_card_types(session)
    items = [CardTypeView.model_validate(one, from_attributes=True) for one in found]
    return CardTypeList(items=items)


@router.put("/{model}")
async def set_card_sharing(
    model: str, form: SharingForm, db: Db, actor: Annotated[Actor, allow("compute:card_type:set")]
) -> CardTypeView:
    """For all cards of the type. Shares that are held stay held."""
    await sharing.set_sharing(db, actor, model, sharing=form.sharing, now=utc_now())
    async with db.read() as session:
        found = await sharing.list_card_types(session)
    (one,) = (one for one in found if one.model == model)
    return CardTypeView.model_validate(one, from_attributes=True)
