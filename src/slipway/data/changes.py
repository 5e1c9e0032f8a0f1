"""What differs between two versions: files, and the samples in them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import orjson

from slipway.data.manifest import Manifest, RawSample, open_manifest
from slipway.data.types import IMAGE_KINDS, LINE_KINDS, DatasetKind

_NAMED, _SHOWN, _PAGE = 100, 20, 2000


@dataclass(frozen=True, slots=True)
class Changes:
    """Counts, and the first paths of each."""

    added: tuple[int, tuple[str, ...]]
    removed: tuple[int, tuple[str, ...]]
    changed: tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class SampleChanges:
    """Counts, and the numbers of the first of each: `removed` in the old version, `added` in the new,
    `changed` in both."""

    added_count: int
    removed_count: int
    changed_count: int
    added: tuple[int, ...]
    removed: tuple[int, ...]
    changed: tuple[tuple[int, int], ...]


def changes_between(old: Path, new: Path) -> Changes:
    """Compare two version directories by the hash of every file."""
    before, after = _files(old), _files(new)
    return Changes(
        _listed(path for path in after if path not in before),
        _listed(path for path in before if path not in after),
        _listed(path for path, sha in after.items() if before.get(path, sha) != sha),
    )


@lru_cache(maxsize=32)
def sample_changes(old: Path, new: Path) -> SampleChanges | None:
    """Compare sample by sample; None for kinds whose samples are files. Blocks.

    Records and rows are the same where their text is, wherever they stand. What stands at the place
    of one that is gone is a change of it. Pictures are known by their path, with their labels.
    """
    before, after = open_manifest(old), open_manifest(new)
    kind = after.summary.kind
    if kind in IMAGE_KINDS:
        return _by_name(_pictures(before, _files(old)), _pictures(after, _files(new)))
    if kind in LINE_KINDS or kind is DatasetKind.TABLE:
        return _by_content(before, after)
    return None


def _by_content(before: Manifest, after: Manifest) -> SampleChanges:
    old, new = list(_prints(before)), list(_prints(after))
    left = Counter(content for content, _ in old)
    fresh: dict[tuple[str, int], int] = {}
    for number, (content, place) in enumerate(new):
        if left[content]:
            left[content] -= 1
        else:
            fresh[place] = number
    gone: dict[tuple[str, int], int] = {}
    for number in range(len(old) - 1, -1, -1):  # of equal ones the last are those that went
        content, place = old[number]
        if left[content]:
            left[content] -= 1
            gone[place] = number
    changed = sorted((gone[place], number) for place, number in fresh.items() if place in gone)
    added = sorted(number for place, number in fresh.items() if place not in gone)
    removed = sorted(number for place, number in gone.items() if place not in fresh)
    return _sample_changes(added, removed, changed)


def _by_name(old: dict[str, tuple[int, bytes]], new: dict[str, tuple[int, bytes]]) -> SampleChanges:
    changed = [
        (old[path][0], number)
        for path, (number, content) in new.items()
        if path in old and old[path][1] != content
    ]
    added = [number for path, (number, _) in new.items() if path not in old]
    removed = [number for path, (number, _) in old.items() if path not in new]
    return _sample_changes(added, removed, changed)


def _sample_changes(
    added: list[int], removed: list[int], changed: list[tuple[int, int]]
) -> SampleChanges:
    return SampleChanges(
        len(added), len(removed), len(changed), tuple(added[:_SHOWN]), tuple(removed[:_SHOWN]),
        tuple(changed[:_SHOWN]),
    )  # fmt: skip


def _prints(manifest: Manifest) -> Iterator[tuple[bytes, tuple[str, int]]]:
    """Of each sample a hash of its text, and where it stands: file, and number in it."""
    places: Counter[int] = Counter()
    for raw in _all(manifest):
        digest = hashlib.blake2b(raw.data.strip(), digest_size=12).digest()
        yield digest, (manifest.sources[raw.source].path, places[raw.source])
        places[raw.source] += 1


def _pictures(manifest: Manifest, files: dict[str, str]) -> dict[str, tuple[int, bytes]]:
    found = {}
    for raw in _all(manifest):
        sample = orjson.loads(raw.data)
        labels = [sample.get("labels"), sample.get("boxes")]
        content = hashlib.blake2b(orjson.dumps([files.get(sample["path"]), labels]), digest_size=12)
        found[sample["path"]] = (raw.index, content.digest())
    return found


def _all(manifest: Manifest) -> Iterator[RawSample]:
    for start in range(0, manifest.summary.sample_count, _PAGE):
        yield from manifest.read(range(start, min(start + _PAGE, manifest.summary.sample_count)))


def _files(directory: Path) -> dict[str, str]:
    with (directory / "files.jsonl").open("rb") as lines:
        return {value["path"]: value["sha256"] for value in map(orjson.loads, lines)}


def _listed(paths: Iterable[str]) -> tuple[int, tuple[str, ...]]:
    found = sorted(paths)
    return len(found), tuple(found[:_NAMED])
