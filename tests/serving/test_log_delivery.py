"""Logs of instances also go to the project's log store, switched without a restart."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest

from slipway.base.clock import utc_now
from slipway.delivery.loop import DeliveryContext, DeliveryLoop
from slipway.delivery.router import router as delivery_router
from tests.serving.conftest import Platform, form, until


@pytest.mark.covers("SRV-22")
async def test_logs_are_delivered_and_the_switch_restarts_nothing(platform: Platform) -> None:
    house = platform.house
    house.app.include_router(delivery_router, prefix="/api/v1")
    refused = await house.a.post("/services", json=form(deliver_logs=True))
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "no_log_store")
    house.folder("kept", {})
    house.path(f"{house.project}/kept").mkdir(parents=True, exist_ok=True)
    store = {"kind": "file", "address": f"{house.project}/kept"}
    assert (await house.a.put("/log-store", json=store)).status_code == 200
    context = DeliveryContext(
        house.db, house.app.state.sealer, house.storage, house.app.state.files, utc_now
    )
    loop = asyncio.create_task(DeliveryLoop(context).run())
    try:
        made = await platform.create(deliver_logs=True)
        await platform.reach(made["id"], "Normal")
        version = f"{made['id']}-1"
        (first,) = await platform.instances(version)
        delivered = house.path(f"{house.project}/kept/{first['id']}")

        async def lines() -> str:
            return "".join(f.read_text() for f in delivered.glob("*.log"))

        assert "serving at" in await until(lines, lambda text: "serving at" in text)
        path = f"/services/versions/{version}"
        off = await house.a.post(f"{path}/update", json={"deliver_logs": False})
        assert off.json()["config"]["deliver_logs"] is False
        told = (await house.a.get(f"{path}/log-delivery")).json()
        assert told == {"enabled": False, "error": ""}
        await house.a.post(f"{path}/update", json={"deliver_logs": True})
        (same,) = await platform.instances(version)
        assert (same["id"], same["outdated"]) == (first["id"], False)
        await house.a.put("/log-store", json={"kind": "http", "address": "http://127.0.0.1:9/logs"})

        async def error() -> str:
            found: dict[str, Any] = (await house.a.get(f"{path}/log-delivery")).json()
            return str(found["error"])

        await platform.act(f"versions/{version}/restart")
        assert "cannot be reached" in await until(error, bool)
        assert (await house.b.get(f"{path}/log-delivery")).status_code == 404
    finally:
        loop.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await loop
