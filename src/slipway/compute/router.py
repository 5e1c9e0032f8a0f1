"""HTTP of compute: groups, nodes, and what waits for them; a file of its own each."""

from __future__ import annotations

from fastapi import APIRouter

from slipway.compute.groups import router as router_groups
from slipway.compute.groups import router_flavours
from slipway.compute.nodes import router as router_nodes
from slipway.compute.nodes import router_cards, router_join
from slipway.compute.queue import router as router_queue

router = APIRouter()
for part in (router_groups, router_flavours, router_cards, router_join, router_nodes, router_queue):
    router.include_router(part.router)
