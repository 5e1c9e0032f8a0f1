"""Who hears that a service is deleted, in the transaction that does it. Rooms above say so here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

Listener = Callable[[AsyncSession, str], Awaitable[None]]
_listeners: list[Listener] = []


def add_deletion_listener(listener: Listener) -> None:
    """Called once by each room that keeps something of services; `listener(session, service_id)`."""
    if listener not in _listeners:
        _listeners.append(listener)


async def tell_of_deletion(session: AsyncSession, service_id: str) -> None:
    """Before the service's row goes, and everything that hangs on it."""
    for listener in _listeners:
        await listener(session, service_id)
