"""A project's log store: set, tried out, taken away."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urlsplit

from slipway.assets.keys import Address
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.base.events import record
from slipway.delivery import queries
from slipway.delivery.tables import LogStoreRow
from slipway.delivery.types import LogStore, StoreKind
from slipway.iam.types import Actor

_INDEX = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,62}")
MAX_LABELS = 10


async def find_store(db: Database, sealer: Sealer | None, project_id: str) -> LogStore | None:
    async with db.read() as session:
        row = await queries.find_store(session, project_id)
    return queries.frozen_store(row, sealer) if row else None


async def set_store(
    db: Database, sealer: Sealer, actor: Actor, store: LogStore, *, now: datetime
) -> LogStore:
    """`secret` None keeps the one there is, if the address is the same; '' takes it away."""
    check_store(store)
    async with db.begin() as session:
        row = await queries.find_store(session, actor.project_id)
        if row is None:
            row = LogStoreRow(
                project_id=actor.project_id, secret_sealed=None, address=store.address
            )
            session.add(row)
        if store.secret is not None or row.address != store.address:
            # A kept secret must not be sent to another address by someone who never knew it.
            row.secret_sealed = sealer.seal(store.secret) if store.secret else None
        row.kind, row.address = store.kind, store.address
        row.options = {"index": store.index, "username": store.username, "labels": store.labels}
        row.updated_by, row.updated_at = actor.user_id, now
        await session.flush()
        await record(
            session, "logs:storeChanged", subject=("log_store", actor.project_id), project_id=actor.project_id,
            actor_id=actor.user_id, now=now, kind=store.kind, address=store.address,
        )  # fmt: skip
        return queries.frozen_store(row)


async def remove_store(db: Database, actor: Actor, *, now: datetime) -> None:
    async with db.begin() as session:
        row = await queries.find_store(session, actor.project_id)
        if row is None:
            raise NotFound("This project has no log store.")
        if using := await queries.list_enabled(session, actor.project_id):
            raise Conflict(
                f"{len(using)} tasks deliver their logs there, {using[0].name} among them. Switch delivery off "
                "on their log pages first.",
                code="in_use",
            )  # fmt: skip
        await session.delete(row)
        await record(
            session, "logs:storeRemoved", subject=("log_store", actor.project_id), project_id=actor.project_id,
            actor_id=actor.user_id, now=now,
        )  # fmt: skip


def check_store(store: LogStore) -> None:
    if store.kind == StoreKind.FILE:
        Address.parse(store.address)
    else:
        _check_url(store.address)
    if store.kind == StoreKind.ELASTICSEARCH and not _INDEX.fullmatch(store.index):
        raise Invalid("The index's name has small English letters, digits, '.', '_' and '-'.", field="index")  # fmt: skip
    if len(store.labels) > MAX_LABELS or not all(_LABEL.fullmatch(name) for name in store.labels):
        raise Invalid(f"Labels: at most {MAX_LABELS}, named with English letters, digits and '_'.", field="labels")  # fmt: skip


def _check_url(text: str) -> None:
    try:
        url = urlsplit(text)
        good = url.scheme in ("http", "https") and bool(url.hostname) and (url.port or 1) > 0
    except ValueError:
        good = False
    if not good or any(ord(c) <= 32 or ord(c) == 127 for c in text) or len(text) > 1000:
        raise Invalid(
            "The address is a URL such as https://loki.example.com:3100.", field="address"
        )
    if url.username or url.password:
        raise Invalid("Give the user name and the password in their own fields, not in the address.", field="address")  # fmt: skip
