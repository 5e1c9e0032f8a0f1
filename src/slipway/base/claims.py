"""Claims: a loop takes a row for a while with a token, and may write back only while it holds.

Mix `Claimable` into a table. `claim` is one guarded UPDATE, so two claimers never both win;
`release` clears the claim only if the token still holds. An expired claim is free again, which is
how work goes on after a crash.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.ids import new_secret


class Claimable:
    id: Mapped[str]
    claim_token: Mapped[str | None] = mapped_column(default=None)
    claim_expires_at: Mapped[datetime | None] = mapped_column(default=None)


async def claim(
    session: AsyncSession,
    table: type[Any],
    row_id: str,
    *,
    now: datetime,
    lease: timedelta = timedelta(seconds=60),
) -> str | None:
    """A token if the row was free or its claim had run out, else None."""
    token = new_secret("", 16)
    done = await session.execute(
        update(table)
        .where(table.id == row_id, or_(table.claim_token.is_(None), table.claim_expires_at < now))
        .values(claim_token=token, claim_expires_at=now + lease)
        .execution_options(synchronize_session=False)
    )
    return token if done.rowcount == 1 else None  # type: ignore[attr-defined]


async def still_holds(session: AsyncSession, table: type[Any], row_id: str, token: str) -> bool:
    """Touch the row if `token` still holds; guards every settling write in the same transaction."""
    done = await session.execute(
        update(table)
        .where(table.id == row_id, table.claim_token == token)
        .values(claim_token=token)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount == 1)  # type: ignore[attr-defined]


async def release(session: AsyncSession, table: type[Any], row_id: str, token: str) -> None:
    await session.execute(
        update(table)
        .where(table.id == row_id, table.claim_token == token)
        .values(claim_token=None, claim_expires_at=None)
        .execution_options(synchronize_session=False)
    )
