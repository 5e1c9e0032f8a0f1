"""Reading instance logs: filtered, newest or oldest first, merged over instances, and live.

A line on disk is `<RFC 3339> <category letter> <text>`. Nothing is held in memory but the answer
and a block: files are read in blocks, from the end when the newest come first, and a block in which
a wanted word does not occur is never taken apart. A cursor is the byte position in each file where
the next page starts.
"""

from __future__ import annotations

import base64
import heapq
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from slipway.base.errors import Invalid
from slipway.compute.output.log_search import Words

CATEGORIES = {"P": "platform", "H": "health_check", "C": "code"}
_BLOCK = 1 << 20
MAX_LIMIT = 100


@dataclass(frozen=True, slots=True)
class LogLine:
    time: str
    instance_id: str
    category: str
    text: str


@dataclass(frozen=True, slots=True)
class LogQuery:
    search: str = ""  # words; all must be in the line (see `log_search`)
    categories: frozenset[str] = frozenset()  # letters; empty = all
    start: str | None = None  # RFC 3339 with microseconds, inclusive
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
    return [_split(line) for line in whole[:-1].split(b"\n")] if whole else [], position + len(
        whole
    )


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


def whole_log(files: Mapping[str, Path]) -> Iterator[bytes]:
    """Everything in blocks: one file as it is, several merged by time with the instance's id in front."""
    if len(files) == 1:
        (path,) = files.values()
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
        return
    streams = [_named(instance_id, path) for instance_id, path in sorted(files.items())]
    held: list[bytes] = []
    size = 0
    for _, line in heapq.merge(*streams):
        held.append(line)
        size += len(line)
        if size > _BLOCK:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def _named(instance_id: str, path: Path) -> Iterator[tuple[bytes, bytes]]:
    name = instance_id.encode()
    with path.open("rb") as file:
        for line in file:
            time, _, rest = line.partition(b" ")
            yield time, time + b" " + name + b" " + rest


def _matching(
    instance_id: str, path: Path, position: int | None, query: LogQuery
) -> Iterator[tuple[LogLine, int]]:
    words = Words.of(query.search)
    if position is None:
        position = _entry(path, query)
    blocks = _blocks_back(path, position) if query.newest_first else _blocks(path, position)
    for block, at in blocks:
        if not words.may_be_in(block):
            if _is_past(block, query):
                return
            continue
        for raw, next_position in _lines_of(block, at, query.newest_first):
            time, letter, text = _split(raw)
            if query.start and time < query.start:
                if query.newest_first:
                    return
                continue
            if query.end and time > query.end:
                if not query.newest_first:
                    return
                continue
            if query.categories and letter not in query.categories:
                continue
            if words.are_in(text):
                yield (
                    LogLine(time, instance_id, CATEGORIES.get(letter, "code"), text),
                    next_position,
                )


def _is_past(block: bytes, query: LogQuery) -> bool:
    """Whether a skipped block already lies beyond the time asked for."""
    if query.newest_first:
        return query.start is not None and _time_of(block) < query.start
    return query.end is not None and _time_of(block) > query.end


def _time_of(block: bytes) -> str:
    return block[: block.find(b" ")].decode(errors="replace")


def _entry(path: Path, query: LogQuery) -> int:
    """Where reading starts: lines are in order of time, so the place is found by halving."""
    size = path.stat().st_size
    wanted = query.end if query.newest_first else query.start
    if wanted is None:
        return size if query.newest_first else 0
    low, high = 0, size
    with path.open("rb") as file:
        while high - low > _BLOCK:
            middle = (low + high) // 2
            file.seek(middle)
            file.readline()
            time = file.readline().partition(b" ")[0].decode(errors="replace")
            later = time > wanted if query.newest_first else time >= wanted
            low, high = (low, middle) if later else (middle, high)
        if query.newest_first:
            file.seek(high)
            file.readline()
            return file.tell() if high < size else size
        file.seek(low)
        if low:
            file.readline()
        return file.tell()


def _blocks(path: Path, position: int) -> Iterator[tuple[bytes, int]]:
    """Blocks of whole lines from `position` on, each with the position it starts at."""
    with path.open("rb") as file:
        file.seek(position)
        rest = b""
        while data := file.read(_BLOCK):
            data = rest + data
            end = data.rfind(b"\n") + 1
            if end:
                yield data[:end], position
                position += end
            rest = data[end:]


def _blocks_back(path: Path, position: int) -> Iterator[tuple[bytes, int]]:
    """Blocks of whole lines before `position`, the last first. What follows the last newline is not there yet."""
    with path.open("rb") as file:
        end, rest = position, b""
        while end > 0:
            start = max(0, end - _BLOCK)
            file.seek(start)
            data = file.read(end - start) + rest
            cut = 0 if start == 0 else data.find(b"\n") + 1
            last = data.rfind(b"\n") + 1
            if start > 0 and cut == last:  # no whole line yet
                rest = data
            else:
                if last > cut:
                    yield data[cut:last], start + cut
                rest = data[:cut]
            end = start


def _lines_of(block: bytes, at: int, backward: bool) -> Iterator[tuple[bytes, int]]:
    """Each line, with the position where the next page starts if this line is a page's last."""
    lines = block[:-1].split(b"\n")
    if backward:
        at += len(block)
        for line in reversed(lines):
            at -= len(line) + 1
            yield line, at
    else:
        for line in lines:
            at += len(line) + 1
            yield line, at


def _split(line: bytes) -> tuple[str, str, str]:
    time, _, rest = line.decode(errors="replace").partition(" ")
    letter, _, text = rest.partition(" ")
    return time, letter, text


def _encode(positions: dict[str, int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(positions).encode()).decode().rstrip("=")


def _decode(cursor: str) -> dict[str, int]:
    try:
        data = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        found = {str(name): int(position) for name, position in data.items()}
    except (ValueError, AttributeError, TypeError) as error:
        raise Invalid("The cursor is not one this log gave out.", field="cursor") from error
    if any(position < 0 for position in found.values()):
        raise Invalid("The cursor is not one this log gave out.", field="cursor")
    return found
