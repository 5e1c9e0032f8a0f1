"""The answers one by one: filtered, in the order of the questions, page by page.

All functions block. The files may be large, so a first pass keeps only where each wanted line
begins; what is shown is read again from there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway.base.errors import Invalid

FILE = "samples.jsonl"


@dataclass(frozen=True, slots=True)
class SampleQuery:
    """Names of models and sets; empty is all. `wrong`: failed, or with an accuracy of 0."""

    models: frozenset[str] = frozenset()
    sets: frozenset[str] = frozenset()
    wrong: bool = False
    search: tuple[str, ...] = ()  # all must be in the question, the reference or the answer
    index: int | None = None


@dataclass(frozen=True, slots=True)
class SamplePage:
    items: Sequence[dict[str, Any]]
    next_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    set_number: int
    index: int
    model_number: int
    offset: int


def read_samples(
    folder: Path,
    models: Sequence[str],
    sets: Sequence[str],
    query: SampleQuery,
    *,
    limit: int,
    cursor: str | None,
) -> SamplePage:
    """Ordered by set, question, model: answers to one question stand together."""
    places = _places(folder, models, sets, query)
    start = _start(cursor)
    shown = places[start : start + limit]
    items = [_read_at(folder, place) for place in shown]
    end = start + len(shown)
    return SamplePage(items, str(end) if end < len(places) else None, len(places))


def all_samples(
    folder: Path, models: Sequence[str], sets: Sequence[str], query: SampleQuery
) -> Iterator[dict[str, Any]]:
    for place in _places(folder, models, sets, query):
        yield _read_at(folder, place)


def _places(
    folder: Path, models: Sequence[str], sets: Sequence[str], query: SampleQuery
) -> list[_Place]:
    numbers = {name: number for number, name in enumerate(sets)}
    words = tuple(word.casefold() for word in query.search)
    found = []
    for model_number, model in enumerate(models):
        if query.models and model not in query.models:
            continue
        for offset, record in _records(_file(folder, model_number)):
            if _wanted(record, query, words):
                number = numbers.get(record["set"], len(numbers))
                found.append(_Place(number, record["index"], model_number, offset))
    return sorted(found)


def _wanted(record: dict[str, Any], query: SampleQuery, words: tuple[str, ...]) -> bool:
    if query.sets and record["set"] not in query.sets:
        return False
    if query.index is not None and record["index"] != query.index:
        return False
    if query.wrong and not is_wrong(record):
        return False
    if not words:
        return True
    asked = " ".join(message["content"] for message in record["prompt"])
    text = f"{asked}\n{record['reference']}\n{record['output']}".casefold()
    return all(word in text for word in words)


def is_wrong(record: dict[str, Any]) -> bool:
    return bool(record["error"]) or record["scores"].get("accuracy") == 0


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Whole lines with where they begin; the last may still be being written."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        offset = 0
        for line in file:
            if not line.endswith(b"\n"):
                return
            yield offset, json.loads(line)
            offset += len(line)


def _read_at(folder: Path, place: _Place) -> dict[str, Any]:
    with _file(folder, place.model_number).open("rb") as file:
        file.seek(place.offset)
        record: dict[str, Any] = json.loads(file.readline())
    return record | {"wrong": is_wrong(record)}


def _file(folder: Path, model_number: int) -> Path:
    return folder / "models" / str(model_number) / FILE


def _start(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isdecimal():
        raise Invalid("The cursor is not one this list gave out.", field="cursor")
    return int(cursor)
