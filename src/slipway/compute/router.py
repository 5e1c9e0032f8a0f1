"""HTTP of compute: groups, nodes, and what waits for them; a file of its own each."""

from __future__ import annotations

from fastapi import APIRouter

from slipway.compute import router_groups, router_join, router_nodes, router_queue

router = APIRouter()
for part in (router_groups, router_join, router_nodes, router_queue):
    router.include_router(part.router)
