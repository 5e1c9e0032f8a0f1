"""How a parcel of lines gets to each kind of store. Nothing raised: taken. `Refused` says why not."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import httpx

from slipway.assets.keys import Address
from slipway.assets.storage import Storage
from slipway.base.errors import SlipwayError
from slipway.delivery.types import Entry, LogStore, Parcel, StoreKind

_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
_SHOWN = 300


class Refused(Exception):
    """The store did not take a parcel; the message is for people."""


class Sender(Protocol):
    async def send(self, parcel: Parcel) -> None: ...

    async def close(self) -> None: ...


def sender_of(store: LogStore, storage: Storage) -> Sender:
    if store.kind == StoreKind.FILE:
        return FileSender(store, storage)
    return HttpSender(store)


@dataclass(frozen=True, slots=True)
class _Call:
    path: str
    body: bytes
    content_type: str


class HttpSender:
    """One connection pool a store. Redirects are not followed: the address was agreed on as it is."""

    def __init__(self, store: LogStore) -> None:
        self._store = store
        auth = (store.username, store.secret or "") if store.username else None
        headers = {"authorization": f"Bearer {store.secret}"} if store.secret and not auth else {}
        self._client = httpx.AsyncClient(
            timeout=_TIMEOUT, auth=auth, headers=headers, trust_env=False
        )

    async def send(self, parcel: Parcel) -> None:
        call = _CALLS[self._store.kind](self._store, parcel)
        url = self._store.address.rstrip("/") + call.path
        try:
            answer = await self._client.post(url, content=call.body, headers={"content-type": call.content_type})  # fmt: skip
        except httpx.HTTPError as error:
            raise Refused(
                f"The log store cannot be reached: {error or type(error).__name__}."
            ) from error
        if not answer.is_success:
            raise Refused(f"The log store answered {answer.status_code}: {answer.text[:_SHOWN]}")
        if self._store.kind == StoreKind.ELASTICSEARCH:
            _check_bulk(answer)

    async def close(self) -> None:
        await self._client.aclose()


class FileSender:
    """Each instance's lines in `<address>/<owner>/<instance>.log`, put where they belong: twice is once."""

    def __init__(self, store: LogStore, storage: Storage) -> None:
        self._address, self._storage = Address.parse(store.address), storage

    async def send(self, parcel: Parcel) -> None:
        try:
            await self._storage.run(self._write, parcel)
        except SlipwayError as error:
            raise Refused(error.message) from error
        except OSError as error:
            raise Refused(
                f"The log could not be written to {self._address}: {error.strerror}."
            ) from error

    def _write(self, parcel: Parcel) -> None:
        key = f"{self._address.key}/{parcel.owner_id}/{parcel.instance_id}.log".lstrip("/")
        path = self._storage.entry_of(self._address.bucket, key)
        with self._storage.parent_of(self._address.bucket, path) as parent:
            flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            handle = os.open(path.name, flags, 0o644, dir_fd=parent)
            try:
                at = parcel.entries[0].position
                data = memoryview("".join(_plain(entry) for entry in parcel.entries).encode())
                while data:
                    written = os.pwrite(handle, data, at)
                    data, at = data[written:], at + written
                os.fsync(handle)
            finally:
                os.close(handle)

    async def close(self) -> None:
        return None


async def try_out(store: LogStore, storage: Storage, now: str) -> None:
    """Send one line; raises Refused."""
    sender = sender_of(store, storage)
    entry = Entry(now, "slipway-test", "platform", "Slipway tries out this log store.", 0)
    try:
        async with asyncio.timeout(20):
            await sender.send(Parcel("slipway-test", "slipway-test", "slipway-test", (entry,)))
    except TimeoutError as error:
        raise Refused("The log store did not answer within 20 seconds.") from error
    finally:
        await sender.close()


def _loki(store: LogStore, parcel: Parcel) -> _Call:
    """Streams by category; labels are few on purpose: each combination is a stream of its own."""
    streams: dict[str, list[list[str]]] = {}
    for entry in parcel.entries:
        streams.setdefault(entry.category, []).append([_nanoseconds(entry.time), entry.text])
    own = {"source": "slipway", "task": parcel.owner_id, "instance": parcel.instance_id}
    body = {
        "streams": [
            {"stream": store.labels | own | {"category": category}, "values": values}
            for category, values in streams.items()
        ]
    }
    return _Call("/loki/api/v1/push", json.dumps(body).encode(), "application/json")


def _elasticsearch(store: LogStore, parcel: Parcel) -> _Call:
    """Ids are the lines' places, so that a line sent twice is one document."""
    lines = []
    for entry in parcel.entries:
        action = {"index": {"_index": store.index, "_id": f"{entry.instance_id}:{entry.position}"}}
        document = {"@timestamp": entry.time, **_record(parcel, entry)}
        lines += [json.dumps(action), json.dumps(document, ensure_ascii=False)]
    return _Call("/_bulk", ("\n".join(lines) + "\n").encode(), "application/x-ndjson")


def _http(store: LogStore, parcel: Parcel) -> _Call:
    records = ({"time": e.time, **_record(parcel, e)} for e in parcel.entries)
    lines = (json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    return _Call("", "".join(lines).encode(), "application/x-ndjson")


_CALLS = {StoreKind.LOKI: _loki, StoreKind.ELASTICSEARCH: _elasticsearch, StoreKind.HTTP: _http}


def _record(parcel: Parcel, entry: Entry) -> Mapping[str, Any]:
    return {
        "task": parcel.owner_id, "task_name": parcel.owner_name, "instance": entry.instance_id,
        "category": entry.category, "message": entry.text, "position": entry.position,
    }  # fmt: skip


def _plain(entry: Entry) -> str:
    return f"{entry.time} {entry.category[0].upper()} {entry.text}\n"


def _nanoseconds(time: str) -> str:
    moment = datetime.fromisoformat(time)
    return f"{int(moment.timestamp())}{moment.microsecond:06d}000"


def _check_bulk(answer: httpx.Response) -> None:
    try:
        body = answer.json()
    except ValueError as error:
        raise Refused("The log store's answer to a bulk call is not JSON.") from error
    if not body.get("errors"):
        return
    results = [item.get("index", {}) for item in body.get("items", [])]
    wrong = next((result["error"] for result in results if result.get("error")), None)
    raise Refused(f"The log store refused a line: {json.dumps(wrong)[:_SHOWN]}")
