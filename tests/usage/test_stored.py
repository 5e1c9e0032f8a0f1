"""Stored bytes: one record a bucket and hour, however often it is looked."""

from datetime import UTC, datetime, timedelta

from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.usage.stored import StoredBytesLoop
from tests.running import open_world


async def test_each_bucket_is_measured_once_an_hour(db: Database, settings: Settings) -> None:
    async with open_world(db, settings) as world:
        bucket = world.ann.actor.project_id
        await world.ann.ok("GET", "/buckets")
        await world.ann.ok("PUT", f"/buckets/{bucket}/objects/a", content=b"12345")
        loop = StoredBytesLoop(db, world.app.state.storage, utc_now)
        hour = datetime(2026, 1, 1, 5, tzinfo=UTC)
        await loop.measure(hour)
        await world.ann.ok("PUT", f"/buckets/{bucket}/objects/b", content=b"67")
        await loop.measure(hour)
        await loop.measure(hour + timedelta(hours=1))
        records = (await world.ann.ok("GET", "/usage"))["items"]
        assert [(r["kind"], r["quantity"], r["details"]) for r in records] == [
            ("stored_bytes", 7, {"files": 2}),
            ("stored_bytes", 5, {"files": 1}),
        ]
        assert (await world.bob.ok("GET", "/usage"))["items"] == []
