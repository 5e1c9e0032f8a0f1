"""Folders that exist only because a file needed them, and folders that people asked for.

The former are marked; object-storage clients see them vanish with their last object, as they expect.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_MARK = "user.slipway.folder"
_IMPLIED, _OBJECT = b"implied", b"object"


def make_implied(directory: Path) -> bool:
    """A folder that goes again with its last object. False if a file is in its place."""
    try:
        directory.mkdir()
    except FileExistsError:
        return directory.is_dir()
    mark_implied(directory)
    return True


def mark_implied(target: int | Path) -> None:
    _mark(target, _IMPLIED)


def mark_object(target: int | Path) -> None:
    """The folder is an object itself: its key ends with "/"."""
    _mark(target, _OBJECT)


def is_implied(path: str | Path) -> bool:
    return _mark_of(path) == _IMPLIED


def is_marked_object(path: str | Path) -> bool:
    return _mark_of(path) == _OBJECT


def is_folder_object(path: str | Path, *, empty: bool) -> bool:
    """Whether the folder is an object itself: put as one, or made by people and empty."""
    mark = _mark_of(path)
    return mark == _OBJECT or (empty and mark != _IMPLIED)


def _mark_of(path: str | Path) -> bytes | None:
    try:
        return os.getxattr(path, _MARK)
    except OSError:
        return None


def _mark(target: int | Path, value: bytes) -> None:
    with contextlib.suppress(OSError):  # no such attributes here: its folders stay
        os.setxattr(target, _MARK, value)
