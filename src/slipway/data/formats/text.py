"""Text classification: one text (`content`) with its labels, nested by level."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slipway.data.errors import Findings
from slipway.data.formats.jsonl import Line
from slipway.data.types import Problem

MAX_LEVELS = 5


def text_labels(line: Line, name: str, findings: Findings) -> list[str]:
    """The labels of a record as `sentiment: negative`, deeper ones as `topic: sport: football`."""
    if not isinstance(line.value.get("content"), str):
        findings.error(Problem("content, the text, is missing.", name, line.number))
        return []
    labels = line.value.get("labels") or {}
    if not isinstance(labels, dict):
        findings.error(Problem("labels is an object of label names.", name, line.number))
        return []
    found = []
    for path in _paths(labels, ()):
        if len(path) > MAX_LEVELS + 1:
            said = f"labels have at most {MAX_LEVELS} levels; {path[0]!r} has more."
            findings.error(Problem(said, name, line.number))
            break
        found.append(": ".join(path))
    return found


def _paths(value: Any, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if len(above) > MAX_LEVELS + 1:
        yield above
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from _paths(below, (*above, str(key)))
    else:
        for item in value if isinstance(value, list) else [value]:
            if item not in (None, ""):
                yield (*above, str(item))
