"""Objects whose keys no file can have, so that object-storage clients get back what they put.

An object is a plain file at its key wherever that is possible. Some keys are not: with an empty
part (`a//b`), `.` or `..`, a control character, a part of more than 255 bytes, content at a key
that ends with "/", or a key whose place is taken by a folder (`a` beside `a/b`). Those objects live
apart from the bucket's files, under a name that spells the key in hexadecimal: reversible, safe for
any key, and in key order. Only object-storage clients see them; tasks see the bucket's files.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from slipway.assets.keys import checked_key
from slipway.assets.storage import Storage
from slipway.base.errors import Invalid

_PART = 240  # letters of a name; file systems allow 255


def is_plain(key: str) -> bool:
    """Whether a file can have this key (its place may still be taken by a folder)."""
    if not key or key.endswith("/"):
        return False
    try:
        checked_key(key)
    except Invalid:
        return False
    return True


def odd_root(storage: Storage, bucket: str) -> Path:
    return storage.odd / bucket


def odd_path(storage: Storage, bucket: str, key: str) -> Path:
    spelled = key.encode().hex()
    parts = [spelled[at : at + _PART] for at in range(0, len(spelled), _PART)]
    # A folder's name ends with "+": a longer key may begin with a shorter one.
    return odd_root(storage, bucket).joinpath(*(part + "+" for part in parts[:-1]), parts[-1])


def odd_keys(storage: Storage, bucket: str, prefix: str = "") -> list[str]:
    """Sorted. They are few: each is here for a reason that people seldom have."""
    root = odd_root(storage, bucket)
    found = sorted(bytes.fromhex(spelled).decode() for spelled in _spelled(root, ""))
    return [key for key in found if key.startswith(prefix)]


def prune_odd(storage: Storage, bucket: str, path: Path) -> None:
    """Remove the folders that held only what was at `path`."""
    root = odd_root(storage, bucket)
    with contextlib.suppress(OSError):
        while path != root.parent:
            path = path.parent
            path.rmdir()
            if path == root:
                return


def _spelled(directory: Path, before: str) -> Iterator[str]:
    try:
        entries = list(os.scandir(directory))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.name.endswith("+"):
            yield from _spelled(Path(entry.path), before + entry.name[:-1])
        else:
            yield before + entry.name
