"""JSONL: one JSON object a line, UTF-8, empty lines ignored, a byte-order mark tolerated."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import orjson

from slipway.data.errors import Findings
from slipway.data.types import Problem

MAX_LINE_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    offset: int
    length: int
    value: dict[str, Any]


def read_lines(file: BinaryIO, name: str, findings: Findings) -> Iterator[Line]:
    """The objects of a file with where they are; what is not one goes to `findings`."""
    offset = len(codecs.BOM_UTF8) if file.read(3) == codecs.BOM_UTF8 else 0
    file.seek(offset)
    number = 0
    while raw := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        start, offset = offset, offset + len(raw)
        if len(raw) > MAX_LINE_BYTES:
            findings.error(Problem(f"longer than {MAX_LINE_BYTES} bytes.", name, number))
            offset += _skip_line(file, raw)
            continue
        if not raw.strip():
            continue
        value = _object(raw, name, number, findings)
        if value is not None:
            yield Line(number, start, len(raw), value)


def read_whole(file: BinaryIO, name: str, findings: Findings) -> Iterator[Line]:
    """A file that is one object."""
    raw = file.read(MAX_LINE_BYTES + 1)
    if len(raw) > MAX_LINE_BYTES:
        findings.error(Problem(f"longer than {MAX_LINE_BYTES} bytes.", name))
        return
    start = len(codecs.BOM_UTF8) if raw.startswith(codecs.BOM_UTF8) else 0
    value = _object(raw[start:], name, 1, findings)
    if value is not None:
        yield Line(1, start, len(raw) - start, value)


def _object(raw: bytes, name: str, number: int, findings: Findings) -> dict[str, Any] | None:
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        findings.error(Problem(_explain(raw, error), name, number))
        return None
    if not isinstance(value, dict):
        found = {list: "an array", str: "a string", type(None): "null"}.get(type(value), "a value")
        findings.error(Problem(f"{found}, not a JSON object like {{...}}.", name, number))
        return None
    return value


def _explain(raw: bytes, error: orjson.JSONDecodeError) -> str:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return "not UTF-8 text. Save the file as UTF-8."
    return f"not valid JSON: {error.msg} at character {error.pos + 1}."


def _skip_line(file: BinaryIO, raw: bytes) -> int:
    """Read on to the end of an over-long line without keeping it; returns how much that was."""
    skipped = 0
    while not raw.endswith(b"\n") and (raw := file.readline(1 << 20)):
        skipped += len(raw)
    return skipped
