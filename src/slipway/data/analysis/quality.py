"""What is likely wrong with a version: one report (DAT-X6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from slipway.data.analysis.duplicates import Copies, TextPrints
from slipway.data.analysis.languages import language_of
from slipway.data.analysis.personal import masked, personal_data
from slipway.data.analysis.pictures import picture_report
from slipway.data.analysis.text import text_of
from slipway.data.manifest import Manifest
from slipway.data.progress import Ticker
from slipway.data.types import IMAGE_KINDS

_PAGE = 1000
_EXAMPLES = 20
_PERSONAL_LETTERS = 100_000  # looked at in one record


@dataclass(frozen=True, slots=True)
class Other:
    """An evaluation set that must not be in the training data."""

    dataset_id: str
    name: str
    version: int
    manifest: Manifest


def quality_report(manifest: Manifest, others: Iterable[Other], ticker: Ticker) -> dict[str, Any]:
    if manifest.summary.kind in IMAGE_KINDS:
        report = picture_report(manifest, ticker)
    else:
        report = _record_report(manifest, list(others), ticker)
    return {"samples": manifest.summary.sample_count, "labels": _imbalance(manifest)} | report


@dataclass(slots=True)
class _Gaps:
    """What is missing in one field."""

    missing: int = 0
    empty: int = 0
    cut: int = 0
    empty_examples: list[int] = field(default_factory=list)
    cut_examples: list[int] = field(default_factory=list)

    def to_json(self, name: str) -> dict[str, Any]:
        return {
            "name": name, "missing": self.missing, "empty": self.empty, "cut": self.cut,
            "empty_examples": self.empty_examples, "cut_examples": self.cut_examples,
        }  # fmt: skip


def _record_report(manifest: Manifest, others: list[Other], ticker: Ticker) -> dict[str, Any]:
    total = manifest.summary.sample_count
    ticker.begin(1.0, total + sum(other.manifest.summary.sample_count for other in others))
    names = [f["name"] for f in manifest.summary.statistics.get("fields", ())]
    gaps = {name: _Gaps() for name in names}
    languages: Counter[str] = Counter()
    personal: dict[str, dict[str, Any]] = {}
    prints = TextPrints()
    for start, records in _pages(manifest, ticker):
        texts = [text_of(record) for record in records]
        prints.add(texts)
        for number, (record, text) in enumerate(zip(records, texts, strict=True), start):
            languages[language_of(text)] += 1
            _look_for_gaps(record, number, gaps)
            for kind, found in personal_data(text[:_PERSONAL_LETTERS]):
                _note_personal(personal.setdefault(kind, _nothing()), number, found)
    return {
        "exact": _copies(prints.exact_copies()),
        "near": _copies(prints.near_copies()),
        "languages": languages.most_common(),
        "fields": [gap.to_json(name) for name, gap in gaps.items()],
        "personal": [
            {"kind": kind, "count": value["count"], "records": value["records"],
             "examples": value["examples"]}
            for kind, value in sorted(personal.items())
        ],
        "overlap": [_overlap(prints, other, ticker) for other in others],
    }  # fmt: skip


def _pages(manifest: Manifest, ticker: Ticker) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    total = manifest.summary.sample_count
    for start in range(0, total, _PAGE):
        stop = min(start + _PAGE, total)
        yield start, [orjson.loads(raw.data) for raw in manifest.read(range(start, stop))]
        ticker.advance(stop - start)


def _look_for_gaps(record: dict[str, Any], number: int, gaps: dict[str, _Gaps]) -> None:
    for name, gap in gaps.items():
        if name not in record:
            gap.missing += 1
            continue
        value = record[name]
        if value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip()):
            gap.empty += 1
            _example(gap.empty_examples, number)
        elif isinstance(value, str) and _is_cut(value):
            gap.cut += 1
            _example(gap.cut_examples, number)


def _is_cut(text: str) -> bool:
    """Ends in dots, inside a block of code, or in the middle of a character."""
    end = text.rstrip()
    return end.endswith(("…", "...", "\ufffd")) or text.count("```") % 2 == 1


def _example(examples: list[int], number: int) -> None:
    if len(examples) < _EXAMPLES:
        examples.append(number)


def _nothing() -> dict[str, Any]:
    return {"count": 0, "records": 0, "last": -1, "examples": []}


def _note_personal(known: dict[str, Any], number: int, found: str) -> None:
    known["count"] += 1
    if known["last"] != number:
        known["last"] = number
        known["records"] += 1
        if len(known["examples"]) < _EXAMPLES:
            known["examples"].append({"index": number, "text": masked(found)})


def _copies(copies: Copies) -> dict[str, Any]:
    return {"count": copies.count, "group_count": copies.group_count, "groups": copies.groups}


def _overlap(prints: TextPrints, other: Other, ticker: Ticker) -> dict[str, Any]:
    theirs = TextPrints()
    for _, records in _pages(other.manifest, ticker):
        theirs.add([text_of(record) for record in records])
    exact, near = prints.shared_with(theirs)
    return {
        "dataset_id": other.dataset_id, "name": other.name, "version": other.version,
        "exact": len(exact), "near": len(near), "examples": [*exact, *near][:_EXAMPLES],
    }  # fmt: skip


def _imbalance(manifest: Manifest) -> dict[str, Any] | None:
    """How many times the most frequent label outnumbers the rarest, and those that are rare."""
    labels = manifest.summary.labels
    if not labels:
        return None
    ranked = sorted(labels, key=lambda label: (-label.count, label.name))
    most, least = ranked[0], ranked[-1]
    rare = [label for label in ranked if label.count * 20 < most.count]
    return {
        "ratio": round(most.count / max(1, least.count), 2), "most": [most.name, most.count],
        "least": [least.name, least.count], "rare": [[one.name, one.count] for one in rare[:20]],
    }  # fmt: skip
