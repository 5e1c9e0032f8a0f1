"""The objects of a bucket in key order, from any point on."""

from __future__ import annotations

import heapq
import os
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from slipway.assets.folders import is_folder_object
from slipway.assets.keys import checked_key
from slipway.assets.listing import entries
from slipway.assets.objects import folder_info
from slipway.assets.odd import odd_keys, odd_path
from slipway.assets.storage import Storage
from slipway.assets.types import ObjectInfo
from slipway.base.errors import Invalid

_CACHED_FROM, _CACHED = 2000, 16  # large folders only; a page is a thousand names
_SETTLED_S = 2.0


@dataclass(frozen=True, slots=True)
class Found:
    """`path` is None for a common prefix: a folder that was not looked into."""

    key: str
    path: str | None


def walk_objects(
    storage: Storage, bucket: str, *, prefix: str, after: str, fold: bool
) -> Iterator[Found]:
    """Objects whose key begins with `prefix` and comes after `after`, in key order.

    `fold`: folders below the prefix are given as common prefixes rather than walked. Odd keys are
    always given whole; who folds looks at them again.
    """
    odd = (
        Found(key, str(odd_path(storage, bucket, key)))
        for key in odd_keys(storage, bucket, prefix)
        if key > after
    )
    plain = _plain(storage, bucket, prefix, after, fold)
    return heapq.merge(plain, odd, key=lambda found: found.key)


def describe_found(storage: Storage, found: Found) -> ObjectInfo | None:
    """None if it went since it was found."""
    assert found.path is not None
    try:
        if found.key.endswith("/") and os.path.isdir(found.path):  # noqa: PTH112  a thousand a page
            return folder_info(storage, found.path, found.key)
        return storage.describe(found.path, os.stat(found.path), found.key)  # noqa: PTH116
    except FileNotFoundError:
        return None


def _plain(storage: Storage, bucket: str, prefix: str, after: str, fold: bool) -> Iterator[Found]:
    folder = prefix.rpartition("/")[0]
    base = folder + "/" if folder or prefix.startswith("/") else ""
    try:
        checked_key(base)
        directory = storage.path_of(bucket, folder)
    except Invalid:
        return  # only odd keys can begin so
    walk = _Walk(storage, bucket, prefix, fold)
    yield from walk.below(str(directory), base, after)


class _Walk:
    def __init__(self, storage: Storage, bucket: str, prefix: str, fold: bool) -> None:
        self._storage, self._bucket, self._prefix, self._fold = storage, bucket, prefix, fold

    def below(self, directory: str, base: str, after: str) -> Iterator[Found]:
        try:
            names = _names(self._storage, self._bucket, directory)
        except (FileNotFoundError, NotADirectoryError):
            return
        if (
            base
            and base > after
            and base.startswith(self._prefix)
            and is_folder_object(directory, empty=not names)
        ):
            yield Found(base, directory)
        for name in names:
            key = base + name
            if not key.startswith(self._prefix):
                continue
            if not name.endswith("/"):
                if key > after:
                    yield Found(key, f"{directory}/{name}")
            elif key > after or after.startswith(key):
                yield from self._folder(f"{directory}/{name[:-1]}", key, after)

    def _folder(self, path: str, key: str, after: str) -> Iterator[Found]:
        inside = self.below(path, key, after)
        if not self._fold:
            yield from inside
        elif next(inside, None) is not None:  # a folder without any object is no prefix
            yield Found(key, None)


_cache: OrderedDict[str, tuple[int, tuple[str, ...]]] = OrderedDict()


def _names(storage: Storage, bucket: str, directory: str) -> tuple[str, ...]:
    """Sorted as keys are; folders end with "/". Kept for large folders that stand still."""
    changed = os.stat(directory).st_mtime_ns  # noqa: PTH116
    kept = _cache.get(directory)
    if kept is not None and kept[0] == changed:
        return kept[1]
    names = tuple(
        sorted(
            name + "/" if is_folder else name
            for name, is_folder in entries(storage, bucket, Path(directory), links=False)
        )
    )
    if len(names) >= _CACHED_FROM and time.time() - changed / 1e9 > _SETTLED_S:
        _cache[directory] = (changed, names)
        while len(_cache) > _CACHED:
            _cache.popitem(last=False)
    return names
