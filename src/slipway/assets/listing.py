"""Listing a bucket page by page: one folder (folders first), or everything below a prefix."""

from __future__ import annotations

import base64
import binascii
import heapq
import json
import os
from collections.abc import Iterator
from pathlib import Path

from slipway.assets.errors import translated
from slipway.assets.keys import checked_key
from slipway.assets.storage import Storage
from slipway.assets.types import Listing, ObjectInfo
from slipway.base.errors import Invalid

MAX_PAGE = 1000


def list_page(
    storage: Storage, bucket: str, *, prefix: str, one_level: bool, cursor: str | None, limit: int
) -> Listing:
    """Up to `limit` entries whose key starts with `prefix`, after `cursor`."""
    limit = max(1, min(limit, MAX_PAGE))
    folder, _, start = prefix.rpartition("/")
    checked_key(folder)
    directory = storage.path_of(bucket, folder)
    base = folder + "/" if folder else ""
    if not directory.is_dir():
        return Listing((), None)
    with translated(f"folder {bucket}/{folder}"):
        if one_level:
            return _list_folder(storage, bucket, directory, base, start, cursor, limit)
        return _list_below(storage, bucket, directory, base, start, cursor, limit)


def _list_folder(
    storage: Storage,
    bucket: str,
    directory: Path,
    base: str,
    start: str,
    cursor: str | None,
    limit: int,
) -> Listing:
    after = _decode(cursor) if cursor else (-1, "")
    found = (
        (0 if is_folder else 1, name)
        for name, is_folder in entries(storage, bucket, directory)
        if name.startswith(start)
    )
    ranked = heapq.nsmallest(limit + 1, (item for item in found if item > after))
    items = _described(
        storage, directory, [(base + name, base, rank == 0) for rank, name in ranked[:limit]]
    )
    more = len(ranked) > limit
    return Listing(tuple(items), _encode(ranked[limit - 1]) if more else None)


def _list_below(
    storage: Storage,
    bucket: str,
    directory: Path,
    base: str,
    start: str,
    cursor: str | None,
    limit: int,
) -> Listing:
    after = _decode(cursor)[1] if cursor else ""
    keys: list[str] = []
    for key in _walk(storage, bucket, directory, base, after):
        if key.startswith(base + start):
            keys.append(key)
            if len(keys) > limit:
                break
    items = _described(storage, directory, [(key, base, False) for key in keys[:limit]])
    return Listing(tuple(items), _encode((1, keys[limit - 1])) if len(keys) > limit else None)


def _walk(storage: Storage, bucket: str, directory: Path, base: str, after: str) -> Iterator[str]:
    """Keys of files in key order, those after `after`; folders before it are not opened."""
    names = sorted(
        name + "/" if is_folder else name
        for name, is_folder in entries(storage, bucket, directory, links=False)
    )
    for name in names:
        key = base + name
        if not name.endswith("/"):
            if key > after:
                yield key
        elif key > after or after.startswith(key):
            yield from _walk(storage, bucket, directory / name, key, after)


def entries(
    storage: Storage, bucket: str, directory: Path, *, links: bool = True
) -> Iterator[tuple[str, bool]]:
    """(name, is a folder). Left out: links that lead outside, names that no key can have."""
    with os.scandir(directory) as found:
        for entry in found:
            if not entry.name.isprintable() and not _possible(entry.name):
                continue
            if entry.is_symlink() and not (links and _leads_inside(storage, bucket, entry.path)):
                continue
            yield entry.name, entry.is_dir()


def _possible(name: str) -> bool:
    try:
        checked_key(name)
    except Invalid:
        return False
    return True


def _leads_inside(storage: Storage, bucket: str, path: str) -> bool:
    real = Path(os.path.realpath(path))
    return real.is_relative_to(storage.bucket_root(bucket)) and real.exists()


def _described(
    storage: Storage, directory: Path, found: list[tuple[str, str, bool]]
) -> Iterator[ObjectInfo]:
    for key, base, is_folder in found:
        path = str(directory / key[len(base) :])
        try:
            status = os.stat(path)  # noqa: PTH116  a thousand a page: Path objects cost more than the call
        except FileNotFoundError:
            continue  # removed since the folder was read
        yield storage.describe(path, status, key + "/" if is_folder else key)


def _encode(last: tuple[int, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(last).encode()).decode().rstrip("=")


def _decode(cursor: str) -> tuple[int, str]:
    try:
        rank, name = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, TypeError) as error:
        raise Invalid("The cursor is not one this list gave out.", field="cursor") from error
    return int(rank), str(name)
