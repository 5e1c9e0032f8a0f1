"""What a group could never hold is refused, however many nodes have to be read to know it."""

from __future__ import annotations

from dataclasses import asdict

from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute.queue.feasible import why_never_in
from slipway.compute.scheduling.model import Need
from slipway.compute.tables import NodeRow
from slipway.compute.types import Card, NodeState
from tests.compute.queue.queue_house import GIB, GROUP
from tests.running import open_world

_SMALL = Need(1000, GIB)
_CARD = Need(1000, GIB, 100, "A100")


def _node(number: int, cards: int) -> NodeRow:
    now = utc_now()
    return NodeRow(
        id=f"node-{number:04}", group_id=GROUP, name=f"n{number}", engine="process", host="127.0.0.1", cpu_cores=1,
        memory_bytes=GIB, gpus=[asdict(Card(i, "A100", GIB)) for i in range(cards)], state=NodeState.RUNNING,
        created_at=now, joined_at=now,
    )  # fmt: skip


async def test_only_the_last_of_many_nodes_has_a_card(db: Database, settings: Settings) -> None:
    async with open_world(db, settings):
        async with db.begin() as session:
            session.add_all([*(_node(n, 0) for n in range(599)), _node(599, 1)])
        async with db.read() as session:
            assert await why_never_in(session, GROUP, (_SMALL,)) is None
            assert await why_never_in(session, GROUP, (_CARD,)) is None
            assert await why_never_in(session, GROUP, (_SMALL,) * 600) is None
            assert await why_never_in(session, GROUP, (_CARD, _SMALL)) is None
            refused = await why_never_in(session, GROUP, (_CARD,) * 2)
            assert refused is not None
            assert "2 instances do not fit" in refused
            refused = await why_never_in(session, GROUP, (_CARD._replace(card_model="H100"),))
            assert refused == "This resource group has no H100; it has A100."
