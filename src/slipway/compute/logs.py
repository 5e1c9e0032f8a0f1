"""Reading instance logs: filtered, newest or oldest first, merged over instances, and live.

A line on disk is `<RFC 3339> <category letter> <text>`. Nothing is held in memory but the answer:
files are read in blocks, from the end when the newest come first. A cursor is the byte position in
each file where the next page starts.
"""

from __future__ import annotations

import base64
import heapq
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from slipway.base.errors import Invalid

CATEGORIES = {"P": "platform", "H": "health_check", "C": "code"}
_BLOCK = 256 * 1024
MAX_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class LogLine:
    time: str
    instance_id: str
    category: str
    text: str


@dataclass(frozen=True, slots=True)
class LogQuery:
    search: tuple[str, ...] = ()  # all must be in the line, letter case ignored
    categories: frozenset[str] = frozenset()  # letters; empty = all
    start: str | None = None  # RFC 3339, inclusive
    end: str | None = None
    newest_first: bool = True
    limit: int = 100
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class LogPage:
    lines: Sequence[LogLine]
    next_cursor: str | None


def read_logs(files: Mapping[str, Path], query: LogQuery) -> LogPage:
    """One page over the instances' log files; blocking, for a thread. `files`: instance id -> log file."""
    positions = _decode(query.cursor) if query.cursor else {}
    streams = [
        _matching(instance_id, path, positions.get(instance_id), query)
        for instance_id, path in sorted(files.items())
        if path.exists()
    ]
    merged = heapq.merge(*streams, key=lambda found: found[0].time, reverse=query.newest_first)
    lines: list[LogLine] = []
    after: dict[str, int] = dict(positions)
    for line, position in merged:
        if len(lines) == query.limit:
            return LogPage(lines, _encode(after))
        lines.append(line)
        after[line.instance_id] = position
    return LogPage(lines, None)


def read_new(
    path: Path, position: int, limit_bytes: int = 1 << 20
) -> tuple[list[tuple[str, str, str]], int]:
    """Whole lines after `position` as (time, category letter, text), and the position after them."""
    try:
        with path.open("rb") as file:
            file.seek(position)
            data = file.read(limit_bytes)
    except FileNotFoundError:
        return [], position
    whole = data[: data.rfind(b"\n") + 1]
    return [_split(line) for line in whole.splitlines()], position + len(whole)


def line_start(path: Path, tail_bytes: int | None) -> int:
    """Where the last `tail_bytes` of the file begin, at the start of a line; 0 for all of it."""
    try:
        size = path.stat().st_size
        if tail_bytes is None or size <= tail_bytes:
            return 0
        with path.open("rb") as file:
            file.seek(size - tail_bytes - 1)
            file.readline()
            return file.tell()
    except FileNotFoundError:
        return 0


def _matching(
    instance_id: str, path: Path, position: int | None, query: LogQuery
) -> Iterator[tuple[LogLine, int]]:
    words = tuple(word.casefold() for word in query.search)
    lines = _backward(path, position) if query.newest_first else _forward(path, position or 0)
    for raw, next_position in lines:
        time, letter, text = _split(raw)
        if query.newest_first and query.start and time < query.start:
            return
        if not query.newest_first and query.end and time > query.end:
            return
        if (query.start and time < query.start) or (query.end and time > query.end):
            continue
        if query.categories and letter not in query.categories:
            continue
        if words:
            folded = text.casefold()
            if not all(word in folded for word in words):
                continue
        yield LogLine(time, instance_id, CATEGORIES.get(letter, "code"), text), next_position


def _forward(path: Path, position: int) -> Iterator[tuple[bytes, int]]:
    """Each whole line from `position` on, with the position after it."""
    with path.open("rb") as file:
        file.seek(position)
        for line in file:
            if not line.endswith(b"\n"):
                return
            position += len(line)
            yield line[:-1], position


def _backward(path: Path, position: int | None) -> Iterator[tuple[bytes, int]]:
    """Each whole line before `position` (default: the end), last first, with the position it starts at."""
    with path.open("rb") as file:
        end = file.seek(0, 2) if position is None else position
        rest = b""
        whole_seen = position is not None
        while end > 0:
            start = max(0, end - _BLOCK)
            file.seek(start)
            block = file.read(end - start) + rest
            parts = block.split(b"\n")
            rest = parts[0]
            at = start + len(block)
            for line in reversed(parts[1:]):
                at -= len(line)
                if whole_seen and (line or at < start + len(block)):
                    yield line, at
                whole_seen = True
                at -= 1
            end = start
        if whole_seen and rest:
            yield rest, 0


def _split(line: bytes) -> tuple[str, str, str]:
    time, _, rest = line.decode(errors="replace").partition(" ")
    letter, _, text = rest.partition(" ")
    return time, letter, text


def _encode(positions: dict[str, int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(positions).encode()).decode().rstrip("=")


def _decode(cursor: str) -> dict[str, int]:
    try:
        data = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return {str(name): int(position) for name, position in data.items()}
    except (ValueError, AttributeError) as error:
        raise Invalid("The cursor is not one this log gave out.", field="cursor") from error
