"""What exactly an environment holds, for whoever writes it down."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.environments import queries


async def find_lock(session: AsyncSession, project_id: str, environment_id: str) -> tuple[str, ...]:
    """Lines such as `numpy==2.1.0`, or the image with its digest; empty where it was never built."""
    row = await queries.get_environment(session, project_id, environment_id)
    build = await queries.find_build(session, row.build_id)
    if build is None:
        return ()
    packages = sorted(f"{one['name']}=={one['version']}" for one in build.packages)
    return (f"{build.kind} {build.content_hash}", f"python=={build.python}", *packages)
