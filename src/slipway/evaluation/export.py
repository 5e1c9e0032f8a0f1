"""Results and answers as files: CSV for tables, JSON for programs. Nothing is rounded."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

_RESULT_COLUMNS = ("model", "set", "metric", "value", "standard_error", "samples", "failed",
                   "run_time_s", "tokenizer", "format")  # fmt: skip
_SAMPLE_COLUMNS = ("model", "set", "index", "question", "reference", "output", "extracted",
                   "error", "prompt_tokens", "completion_tokens", "time_ms")  # fmt: skip


def results_csv(results: dict[str, Any]) -> Iterator[str]:
    yield _row(_RESULT_COLUMNS)
    for part in results["models"]:
        for result in part["results"]:
            for metric, value in result["metrics"].items():
                yield _row((
                    part["name"], result["set"], metric, value,
                    result["standard_errors"].get(metric),
                    result["samples"], len(result["failed"]), result["run_time_s"],
                    result["tokenizer"], result["format"],
                ))  # fmt: skip


def samples_csv(samples: Iterable[dict[str, Any]], metrics: Iterable[str]) -> Iterator[str]:
    names = tuple(metrics)
    yield _row((*_SAMPLE_COLUMNS, *names))
    for s in samples:
        question = "\n".join(m["content"] for m in s["prompt"] if m["role"] == "user")
        yield _row((
            s["model"], s["set"], s["index"], question, s["reference"], s["output"],
            s["extracted"], s["error"], s["tokens"]["prompt"], s["tokens"]["completion"],
            s["time_ms"], *(s["scores"].get(name, "") for name in names),
        ))  # fmt: skip


def samples_jsonl(samples: Iterable[dict[str, Any]]) -> Iterator[str]:
    for sample in samples:
        yield json.dumps(sample, ensure_ascii=False) + "\n"


def _row(values: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow("" if value is None else value for value in values)
    return line.getvalue()
