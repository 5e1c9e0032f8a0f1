"""Question files -> items: what to ask, and the answer that would be right."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway.runtime.evaluate.config import Format, QuestionSet
from slipway.runtime.evaluate.errors import EvaluationError
from slipway.runtime.recipes.data_files import read_files
from slipway.runtime.recipes.errors import DataError, Problem
from slipway.runtime.recipes.formats import (
    RecordError,
    read_pair,
    read_platform,
    read_record,
)
from slipway.runtime.recipes.samples import Conversation, Role, Sample

GSM8K_TEMPLATE = (
    '{prompt}\nSolve the problem step by step, then write the final number after "####".'
)


@dataclass(frozen=True, slots=True)
class Turn:
    prompt: str
    response: str


@dataclass(frozen=True, slots=True)
class Item:
    """The last turn is scored against its response; the ones before lead up to it."""

    index: int
    system: str | None
    turns: tuple[Turn, ...]

    @property
    def reference(self) -> str:
        return self.turns[-1].response


@dataclass(frozen=True, slots=True)
class LoadedSet:
    """A set with its format decided."""

    source: QuestionSet
    format: Format
    template: str | None
    items: tuple[Item, ...]

    @property
    def name(self) -> str:
        return self.source.name


def load_set(question_set: QuestionSet) -> LoadedSet:
    try:
        samples = [s for path in question_set.files for s in _read(path, question_set.format)]
    except DataError as error:
        raise EvaluationError(f"The set {question_set.name}: {error}") from error
    conversations = [sample for sample in samples if isinstance(sample, Conversation)]
    if len(conversations) < len(samples):
        raise EvaluationError(
            f"The set {question_set.name}: holds plain text, which has nothing to ask."
        )
    items = tuple(
        _item(index, conversation, question_set.system)
        for index, conversation in enumerate(conversations[: question_set.limit])
    )
    decided = _decide(question_set.format, items)
    usual = GSM8K_TEMPLATE if decided is Format.GSM8K else None
    return LoadedSet(question_set, decided, question_set.template or usual, items)


def _read(path: Path, wanted: Format) -> list[Sample]:
    if path.suffix.lower() == ".csv":
        return _read_csv(path)
    readers = {
        Format.CONVERSATION: lambda record: read_platform(_object(record)),
        Format.QA: _read_qa,
        Format.GSM8K: lambda record: read_pair(_object(record), "question", "answer"),
        Format.AUTO: read_record,
    }
    return read_files([path], path.parent, readers[wanted])


def _read_qa(record: object) -> Sample:
    fields = _object(record)
    prompt = "question" if "question" in fields else "prompt"
    return read_pair(fields, prompt, "answer" if "answer" in fields else "response")


def _read_csv(path: Path) -> list[Sample]:
    """Columns `system` (optional), `prompt`, and `response` or `answer`."""
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError([Problem(path.name, "", f"is not UTF-8 CSV: {error}")]) from error
    samples: list[Sample] = []
    problems = []
    for number, row in enumerate(rows, start=1):
        try:
            samples.append(_read_qa(row))
        except RecordError as fault:
            problems.append(Problem(path.name, f"row {number}", str(fault)))
    if problems or not samples:
        raise DataError(problems or [Problem(path.name, "", "holds no row")])
    return samples


def _object(record: object) -> Mapping[str, Any]:
    if not isinstance(record, dict):
        raise RecordError("must be a JSON object")
    return record


def _item(index: int, conversation: Conversation, system: str | None) -> Item:
    messages = list(conversation.messages)
    if messages[0].role is Role.SYSTEM:
        system = messages.pop(0).content
    pairs = zip(messages[::2], messages[1::2], strict=True)
    return Item(index, system, tuple(Turn(q.content, a.content) for q, a in pairs))


def _decide(wanted: Format, items: tuple[Item, ...]) -> Format:
    """GSM8K is known by its references: a solution, then `#### number`."""
    if wanted is not Format.AUTO:
        return wanted
    if all("\n#### " in item.reference for item in items):
        return Format.GSM8K
    return Format.CONVERSATION
