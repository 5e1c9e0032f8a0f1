"""All records of a dataset version against its schema, as a program of its own:
`python -m slipway.labelling.schema.worker`.

One job as JSON on standard input; progress and the outcome as JSON lines on standard output. When the
input ends, nobody waits for it any more, and so does the program.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import orjson

from slipway.data.manifest import Manifest, RawSample, open_manifest
from slipway.data.types import Problem
from slipway.labelling.schema.document import Fit
from slipway.labelling.schema.errors import SchemaProblem

MAX_LISTED = 100
_BATCH, _TELL_EVERY_S, _NICENESS = 1000, 0.2, 10


def fit_all(version: Path, text: str, tell: Callable[[int], None]) -> dict[str, Any]:
    """Counts, and the first records that do not fit, by file and line."""
    manifest, fit = open_manifest(version), Fit(text)
    lines = _LineNumbers(manifest)
    total, told = manifest.summary.sample_count, monotonic()
    problems: list[Problem] = []
    count = 0
    for start in range(0, total, _BATCH):
        for raw in manifest.read(range(start, min(start + _BATCH, total))):
            try:
                fit.check(orjson.loads(raw.data))
            except SchemaProblem as problem:
                count += 1
                if len(problems) < MAX_LISTED:
                    where = lines.of(raw)
                    path = manifest.sources[raw.source].path
                    problems.append(Problem(problem.message, path, where))
        if monotonic() - told > _TELL_EVERY_S:
            tell(100 * start // total)
            told = monotonic()
    listed = [problem.to_json() for problem in problems]
    return {"records": total - count, "problem_count": count, "problems": listed}


class _LineNumbers:
    """Of records in ascending order, without reading a file twice."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._source, self._at, self._line = -1, 0, 1

    def of(self, raw: RawSample) -> int:
        if raw.source != self._source:
            self._source, self._at, self._line = raw.source, 0, 1
        path = self._manifest.directory / "files" / self._manifest.sources[raw.source].path
        with path.open("rb") as file:
            file.seek(self._at)
            while self._at < raw.offset:
                block = file.read(min(1 << 20, raw.offset - self._at))
                self._line += block.count(b"\n")
                self._at += len(block)
        return self._line


def main() -> None:
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    job = orjson.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_input, daemon=True).start()
    _say(fit_all(Path(job["version"]), job["text"], lambda percent: _say({"percent": percent})))


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _say(value: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # the reader of standard input is still waiting and cannot be interrupted
