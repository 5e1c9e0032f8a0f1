"""What is past its keeping time goes, however much has ended before it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.base.settings import Settings
from slipway.compute.tables import InstanceRow
from tests.running import open_world, until

EARLIER = 600  # more than are looked at together; nothing is left of them on disk


async def test_old_instances_leave_nothing_and_recent_ones_stay(
    db: Database, settings: Settings
) -> None:
    async with open_world(db, settings, loops=True) as world:
        for name in ("old", "recent"):
            body = {
                "name": name, "environment": "python", "command": "true", "cpu_cores": 0.1,
                "memory_bytes": 64 << 20,
            }  # fmt: skip
            task = await world.ann.ok("POST", "/training/tasks", json=body)
            await world.ann.ok("GET", f"/training/tasks/{task['id']}/wait?timeout_s=60")
            if name == "old":
                old = task["id"]
            else:
                recent = task["id"]
        places = settings.root / "instances"
        (directory,) = places.glob(f"{old}-*")
        async with db.begin() as session:
            row = (
                await session.scalars(select(InstanceRow).where(InstanceRow.id == directory.name))
            ).one()
            columns = {c.name: getattr(row, c.name) for c in InstanceRow.__table__.columns}
            long_ago = utc_now() - timedelta(days=settings.log_retention_days + 2)
            session.add_all(
                InstanceRow(
                    **columns
                    | {"id": f"gone-{n}", "attempt": -n - 1, "ended_at": long_ago - timedelta(n)}
                )
                for n in range(EARLIER)
            )
            await session.execute(
                update(InstanceRow).where(InstanceRow.id == row.id).values(ended_at=long_ago)
            )
    from slipway.api.platform import run_platform

    async with run_platform(world.app, gateway=None):
        await until(lambda: not directory.exists())
        assert list(places.glob(f"{recent}-*"))
