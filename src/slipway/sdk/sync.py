"""Making a folder of storage like a folder here, or the other way round: only what differs moves."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from slipway.sdk.errors import Invalid
from slipway.sdk.storage import Storage

_PARALLEL = 8
_MARGIN_S = 2.0  # clocks and file systems are not finer


@dataclass(frozen=True)
class Synced:
    sent: int
    deleted: int
    unchanged: int


@dataclass(frozen=True)
class _Entry:
    size_bytes: int
    modified_s: float


def sync_up(storage: Storage, local: Path, address: str, *, delete: bool = False) -> Synced:
    """What is new or changed below `local` goes up; `delete` removes what is not here any more."""
    if not local.is_dir():
        raise Invalid(f"There is no folder {local}.", code="no_folder")
    here, there = _local(local), _remote(storage, address)
    base = address.rstrip("/")
    changed = _changed(here, there)
    _all(lambda name: storage.upload_file(local / name, f"{base}/{name}"), changed)
    gone = sorted(there.keys() - here.keys()) if delete else []
    _all(lambda name: storage.delete(f"{base}/{name}"), gone)
    return Synced(len(changed), len(gone), len(here) - len(changed))


def sync_down(storage: Storage, address: str, local: Path, *, delete: bool = False) -> Synced:
    """The same the other way. Files keep the time they have in storage."""
    there = _remote(storage, address)
    here = _local(local) if local.is_dir() else {}
    base = address.rstrip("/")
    changed = _changed(there, here)

    def fetch(name: str) -> None:
        target = local / name
        storage.download(f"{base}/{name}", target)
        os.utime(target, (there[name].modified_s,) * 2)

    _all(fetch, changed)
    gone = sorted(here.keys() - there.keys()) if delete else []
    _all(lambda name: (local / name).unlink(), gone)
    return Synced(len(changed), len(gone), len(there) - len(changed))


def _changed(source: dict[str, _Entry], target: dict[str, _Entry]) -> list[str]:
    return sorted(
        name
        for name, entry in source.items()
        if (other := target.get(name)) is None
        or other.size_bytes != entry.size_bytes
        or entry.modified_s > other.modified_s + _MARGIN_S
    )


def _local(folder: Path) -> dict[str, _Entry]:
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            status = path.stat()
            name = path.relative_to(folder).as_posix()
            found[name] = _Entry(status.st_size, status.st_mtime)
    return found


def _remote(storage: Storage, address: str) -> dict[str, _Entry]:
    key = address.partition("/")[2].rstrip("/")
    prefix = f"{key}/" if key else ""
    return {
        item.key.removeprefix(prefix): _Entry(item.size_bytes, item.modified_at.timestamp())
        for item in storage.list(address, recursive=True)
        if item.kind == "file"
    }


def _all(work: Callable[[str], object], names: Iterable[str]) -> None:
    with ThreadPoolExecutor(_PARALLEL) as pool:
        for done in [pool.submit(work, name) for name in names]:
            done.result()
