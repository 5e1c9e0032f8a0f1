"""Parameters and tags of a run, as text."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.exc import IntegrityError

from slipway.base.database import Database
from slipway.base.errors import Invalid
from slipway.tracking import queries
from slipway.tracking.types import ValueKind

MAX_KEY, MAX_VALUE, MAX_TAG_VALUE, MAX_VALUES = 250, 6000, 8000, 5000
_ATTEMPTS = 5


async def set_values(
    db: Database, run_id: str, *, parameters: Mapping[str, str], tags: Mapping[str, str], fixed: bool = False
) -> None:  # fmt: skip
    """`fixed`: a parameter that has a value keeps it, and another one is refused."""
    for key, value in parameters.items():
        _check("parameter", key, value, MAX_VALUE)
    for key, value in tags.items():
        _check("tag", key, value, MAX_TAG_VALUE)
    for attempt in range(_ATTEMPTS):
        try:
            await _write(db, run_id, parameters, tags, fixed)
            return
        except IntegrityError:  # another writer added the same key meanwhile: it is there now
            if attempt == _ATTEMPTS - 1:
                raise


async def _write(
    db: Database, run_id: str, parameters: Mapping[str, str], tags: Mapping[str, str], fixed: bool
) -> None:
    async with db.begin() as session:
        if await queries.count_values(session, run_id) > MAX_VALUES:
            raise Invalid(f"A run has at most {MAX_VALUES} parameters and tags.", field="key")
        if fixed:
            known = (await queries.values_of(session, [run_id]))[run_id].parameters
            for key, value in parameters.items():
                if known.get(key, value) != value:
                    raise Invalid(
                        f"The parameter {key} is {known[key]!r} already and cannot become {value!r}: "
                        "a run's parameters stay as they were logged first.",
                        field=key, code="parameter_fixed",
                    )  # fmt: skip
        await queries.set_values(session, run_id, ValueKind.PARAMETER, parameters)
        await queries.set_values(session, run_id, ValueKind.TAG, tags)


def _check(what: str, key: str, value: str, limit: int) -> None:
    if not key or len(key) > MAX_KEY or not key.isprintable():
        raise Invalid(f"A {what}'s name has 1 to {MAX_KEY} printable characters.", field="key")
    if len(value) > limit or "\0" in value:
        raise Invalid(f"The value of {key} has at most {limit} characters and no NUL.", field=key)
