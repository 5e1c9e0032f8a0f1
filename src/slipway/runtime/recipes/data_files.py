"""Files below a directory -> samples. Every fault is found and named, then nothing is used."""

import codecs
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from slipway.runtime.recipes.errors import DataError, Problem
from slipway.runtime.recipes.formats import RecordError, read_record
from slipway.runtime.recipes.samples import PlainText, Sample

MAX_FILE_BYTES = 200 * 1024 * 1024
SUFFIXES = (".jsonl", ".json", ".txt")

Reader = Callable[[object], Sample]


def list_files(directory: Path, patterns: Sequence[str] = ()) -> list[Path]:
    """All data files below `directory` in a fixed order, hidden ones left out.

    `patterns` are globs relative to the directory; without any, every known file type is taken.
    """
    found = (
        {path for pattern in patterns for path in directory.glob(pattern)}
        if patterns
        else set(directory.rglob("*"))
    )
    return sorted(
        path
        for path in found
        if path.is_file()
        and path.suffix.lower() in SUFFIXES
        and path.name != "dataset_info.json"
        and not any(part.startswith(".") for part in path.relative_to(directory).parts)
    )


def read_files(paths: Sequence[Path], root: Path, read: Reader = read_record) -> list[Sample]:
    """Merge all files. Raises `DataError` with every problem found."""
    samples: list[Sample] = []
    problems: list[Problem] = []
    for path in paths:
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        samples += _read_file(path, name, read, problems)
    if problems:
        raise DataError(problems)
    return samples


def _read_file(path: Path, name: str, read: Reader, problems: list[Problem]) -> list[Sample]:
    size_bytes = path.stat().st_size
    if size_bytes > MAX_FILE_BYTES:
        reason = f"has {size_bytes:,} bytes; at most 200 MB a file are allowed. Split it."
        problems.append(Problem(name, "", reason))
        return []
    if path.suffix.lower() == ".txt":
        return _read_text_file(path, name, problems)
    samples = []
    before = len(problems)
    for place, record in _records(path, name, problems):
        try:
            samples.append(read(record))
        except RecordError as fault:
            problems.append(Problem(name, place, str(fault)))
    if not samples and len(problems) == before:
        problems.append(Problem(name, "", "holds no sample"))
    return samples


def _read_text_file(path: Path, name: str, problems: list[Problem]) -> list[Sample]:
    """Plain text: parted by blank lines where there are any, otherwise a sample a line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        problems.append(Problem(name, "", "is not UTF-8"))
        return []
    parts = [part.strip() for part in text.split("\n\n")]
    if len(parts) == 1:
        parts = [line.strip() for line in text.splitlines()]
    return [PlainText(part) for part in parts if part]


def _records(path: Path, name: str, problems: list[Problem]) -> Iterator[tuple[str, object]]:
    if path.suffix.lower() == ".jsonl":
        return _json_lines(path, name, problems)
    return _json_array(path, name, problems)


def _json_lines(path: Path, name: str, problems: list[Problem]) -> Iterator[tuple[str, object]]:
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            place = f"line {number}"
            if number == 1:
                raw = raw.removeprefix(codecs.BOM_UTF8)
            if not raw.strip():
                continue
            try:
                yield place, json.loads(raw.decode("utf-8"))
            except UnicodeDecodeError:
                problems.append(Problem(name, place, "is not UTF-8"))
            except (ValueError, RecursionError) as error:
                problems.append(Problem(name, place, f"is not JSON: {error}"))


def _json_array(path: Path, name: str, problems: list[Problem]) -> Iterator[tuple[str, object]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        problems.append(Problem(name, "", "is not UTF-8"))
        return
    except json.JSONDecodeError as error:
        problems.append(Problem(name, f"line {error.lineno}", f"is not JSON: {error.msg}"))
        return
    except (ValueError, RecursionError) as error:
        problems.append(Problem(name, "", f"is not JSON: {error}"))
        return
    if not isinstance(content, list):
        problems.append(Problem(name, "", "must be a JSON list of samples"))
        return
    for number, record in enumerate(content, start=1):
        yield f"item {number}", record
