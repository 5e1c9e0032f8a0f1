"""Who uses a dataset. Rooms above this one say so themselves; this room cannot look up at them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Use:
    """`subject_kind` such as "train"; `active`: running now, so the data must stay."""

    subject_kind: str
    subject_id: str
    name: str
    version: int
    active: bool
    view: str | None = None  # of the version, where not all of it is used


UseFinder = Callable[[AsyncSession, str], Awaitable[list[Use]]]
_finders: list[UseFinder] = []


def add_use_finder(finder: UseFinder) -> None:
    """Called once by each room that mounts datasets; `finder(session, dataset_id)`."""
    if finder not in _finders:
        _finders.append(finder)


async def uses_of(session: AsyncSession, dataset_id: str) -> list[Use]:
    return [use for finder in _finders for use in await finder(session, dataset_id)]
