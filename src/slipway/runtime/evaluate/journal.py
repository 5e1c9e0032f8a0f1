"""The finished samples on disk, one JSON line each: what survives a kill.

A record is written when its answer is scored. A line cut short by a kill is dropped at the next
start, and so are failed queries: starting again is how one asks them again.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from slipway.runtime.evaluate.errors import EvaluationError

SAMPLES_FILE = "samples.jsonl"
RUN_FILE = "run.json"

Record = dict[str, Any]
Key = tuple[str, str, int]  # model, set, index


class Journal:
    """Append-only while a run lasts. Use as a context manager."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / SAMPLES_FILE
        self.finished: dict[Key, Record] = {
            key_of(record): record for record in _whole_records(self._path) if not record["error"]
        }
        write_atomically(self._path, "".join(_line(r) for r in self.finished.values()))
        self._file = self._path.open("a", encoding="utf-8")

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, record: Record) -> None:
        self._file.write(_line(record))
        self._file.flush()


def key_of(record: Record) -> Key:
    return record["model"], record["set"], record["index"]


def claim(directory: Path, described: Record) -> None:
    """Bind the directory to one configuration: answers to other questions must not mix."""
    path = directory / RUN_FILE
    wanted = json.loads(json.dumps(described))
    if path.exists():
        if json.loads(path.read_text(encoding="utf-8")) != wanted:
            raise EvaluationError(
                f"{directory} holds the answers of another configuration. "
                "Choose another output directory, or empty this one."
            )
        return
    write_atomically(path, json.dumps(wanted, ensure_ascii=False, indent=1))


def write_atomically(path: Path, text: str) -> None:
    """A reader sees the old text or the new one, never a part."""
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _whole_records(path: Path) -> Iterator[Record]:
    if not path.exists():
        return
    with path.open("rb") as file:
        for raw in file:
            if not raw.endswith(b"\n"):
                return  # the last line, cut short
            yield json.loads(raw)


def _line(record: Record) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"
