"""What differs between a version and the one before: files added, removed, changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import orjson

_NAMED = 100


@dataclass(frozen=True, slots=True)
class Changes:
    """Counts, and the first paths of each."""

    added: tuple[int, tuple[str, ...]]
    removed: tuple[int, tuple[str, ...]]
    changed: tuple[int, tuple[str, ...]]


def changes_between(old: Path, new: Path) -> Changes:
    """Compare two version directories by the hash of every file."""
    before, after = _files(old), _files(new)
    return Changes(
        _listed(path for path in after if path not in before),
        _listed(path for path in before if path not in after),
        _listed(path for path, sha in after.items() if before.get(path, sha) != sha),
    )


def _files(directory: Path) -> dict[str, str]:
    with (directory / "files.jsonl").open("rb") as lines:
        return {value["path"]: value["sha256"] for value in map(orjson.loads, lines)}


def _listed(paths: Iterable[str]) -> tuple[int, tuple[str, ...]]:
    found = sorted(paths)
    return len(found), tuple(found[:_NAMED])
