"""Whether cards may be given out in parts: what the machine can do, and what is set for their type.

On by default for every card whose driver can hold a program to its share (`machine.py`). What a
machine learned to do late, after a new driver for example, begins once nothing runs on the node
(RES-34); what an administrator sets for a card type (RES-32) holds at the next placement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.database import Database, after_commit
from slipway.base.errors import NotFound
from slipway.base.events import record
from slipway.compute.nodes import queries
from slipway.compute.tables import CardTypeRow
from slipway.compute.types import Card, NodeState
from slipway.compute.wake import wake
from slipway.iam.types import Actor

SET_OFF = "Sharing is switched off for cards of this type."
PENDING = "This card can be shared now. Sharing begins once nothing runs on the node."


@dataclass(frozen=True, slots=True)
class CardType:
    """`shared`: cards that may be given out in parts now; `notices`: why others may not."""

    model: str
    sharing: bool
    cards: int
    shared: int
    nodes: int
    notices: tuple[str, ...]


def shared_as(
    found: Sequence[Card],
    before: Sequence[Mapping[str, Any]],
    allowed: Mapping[str, bool],
    *,
    busy: bool,
) -> list[Card]:
    """The machine's cards as they are to be written down; pure.

    `found` as the machine says; `before` as they were written; `allowed` by card type, where it is
    set; `busy`: something runs on the node.
    """
    known = {card["index"]: card for card in before}
    return [_shared(card, known.get(card.index), allowed, busy) for card in found]


def _shared(
    card: Card, before: Mapping[str, Any] | None, allowed: Mapping[str, bool], busy: bool
) -> Card:
    if not card.shares:
        return card
    if not allowed.get(card.model, True):
        return replace(card, shares=False, sharing_off=SET_OFF)
    why = str(before.get("sharing_off", "")) if before else ""
    learned_late = why not in ("", SET_OFF)
    if learned_late and busy:
        return replace(card, shares=False, sharing_off=PENDING)
    return card


async def allowed_by_type(session: AsyncSession) -> dict[str, bool]:
    return {row.model: row.sharing for row in await session.scalars(select(CardTypeRow))}


async def list_card_types(session: AsyncSession) -> list[CardType]:
    """Every type that a node has or that something was set for, by name."""
    allowed = await allowed_by_type(session)
    rows = [r for r in await queries.list_node_rows(session) if NodeState(r.state).is_in_use]
    found: dict[str, list[dict[str, Any]]] = {model: [] for model in allowed}
    for row in rows:
        for card in row.gpus:
            found.setdefault(card["model"], []).append(card)
    return [
        CardType(
            model, allowed.get(model, True), len(cards), sum(c.get("shares", True) for c in cards),
            sum(any(c["model"] == model for c in row.gpus) for row in rows),
            tuple(sorted({c["sharing_off"] for c in cards if c.get("sharing_off")})),
        )
        for model, cards in sorted(found.items())
    ]  # fmt: skip


async def set_sharing(
    db: Database, actor: Actor, model: str, *, sharing: bool, now: datetime
) -> None:
    """For cards of this type on every node, now and later. Shares that are held stay held."""
    async with db.begin() as session:
        if model not in {one.model for one in await list_card_types(session)}:
            raise NotFound(f"No node has cards of the type {model}.")
        row = await session.get(CardTypeRow, model)
        if row is None:
            row = CardTypeRow(model=model)
            session.add(row)
        row.sharing, row.updated_by, row.updated_at = sharing, actor.user_name, now
        for node in await queries.list_node_rows(session):
            node.gpus = [_as_set(card, model, sharing) for card in node.gpus]
        await record(
            session, "cardSharingSet", subject=("card-type", model), project_id=None,
            actor_id=actor.user_id, now=now, sharing=sharing,
        )  # fmt: skip
        after_commit(session, wake.schedule)


def _as_set(card: dict[str, Any], model: str, sharing: bool) -> dict[str, Any]:
    """Only a card that the machine could share follows the setting."""
    if card["model"] != model or card.get("sharing_off", "") not in ("", SET_OFF):
        return card
    if not sharing:
        return {**card, "shares": False, "sharing_off": SET_OFF}
    return {**card, "shares": True, "sharing_off": ""} if card.get("sharing_off") else card


def as_rows(cards: Sequence[Card]) -> list[dict[str, Any]]:
    return [asdict(card) for card in cards]


def notice_of(cards: Sequence[Card]) -> str:
    """What the node list says: each reason once; with the types it is about, where there are several."""
    if len({card.model for card in cards}) == 1:
        return " ".join(sorted({card.sharing_off for card in cards} - {""}))
    reasons: dict[str, set[str]] = {}
    for card in cards:
        if card.sharing_off:
            reasons.setdefault(card.sharing_off, set()).add(card.model)
    return " ".join(f"{', '.join(sorted(models))}: {why}" for why, models in reasons.items())
