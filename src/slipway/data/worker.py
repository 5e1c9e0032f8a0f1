"""Imports and other long work on data as a program of its own: `python -m slipway.data.worker`.

Reading a million records keeps an interpreter busy for seconds; here that is not the one that
answers requests. A crash of an image library, or memory running out, ends this process only.

One job as JSON on standard input; progress and the outcome as JSON lines on standard output. The
input stays open: when it ends, the platform wants the import stopped, or has died itself.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

import orjson

from slipway.base.errors import SlipwayError
from slipway.data.errors import ImportRefusedError, ImportStoppedError
from slipway.data.importer import ImportJob, import_version
from slipway.data.jobs import run_analysis, run_view
from slipway.data.progress import Ticker
from slipway.data.shelf import Shelf
from slipway.data.types import DatasetKind, LabelFormat, TableOptions

_TELL_EVERY_S = 0.2
_NICENESS = 10  # requests and users' tasks come first


def job_to_json(home: Path, job: ImportJob) -> dict[str, Any]:
    return {
        "task": "import", "home": str(home), "dataset_id": job.dataset_id, "number": job.number, "kind": job.kind,
        "label_format": job.label_format, "table": job.table.to_json(), "source": job.source and str(job.source),
        "derived_from": job.derived_from, "output": job.output and str(job.output),
    }  # fmt: skip


def job_from_json(value: dict[str, Any]) -> tuple[Path, ImportJob]:
    job = ImportJob(
        value["dataset_id"], value["number"], DatasetKind(value["kind"]),
        LabelFormat(value["label_format"]), TableOptions.from_json(value["table"]),
        value["source"] and Path(value["source"]), value["derived_from"],
        value["output"] and Path(value["output"]),
    )  # fmt: skip
    return Path(value["home"]), job


def outcome_of(value: dict[str, Any], ticker: Ticker) -> dict[str, Any]:
    """Do what is asked; what comes of it as JSON."""
    try:
        _carry_out(value, ticker)
    except ImportStoppedError:
        return {"outcome": "stopped"}
    except ImportRefusedError as error:
        problems = [problem.to_json() for problem in error.problems]
        return {"outcome": "refused", "problems": problems, "more": error.more}
    except SlipwayError as error:
        return {"outcome": "failed", "reason": error.message}
    except OSError as error:
        name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else None
        return {
            "outcome": "disk", "errno": error.errno, "strerror": error.strerror, "filename": name,
        }  # fmt: skip
    except Exception as error:  # noqa: BLE001  the top of a process: said, not hidden
        traceback.print_exc()
        return {"outcome": "broke", "error": type(error).__name__}
    return {"outcome": "done"}


def _carry_out(value: dict[str, Any], ticker: Ticker) -> None:
    match value["task"]:
        case "import":
            home, job = job_from_json(value)
            import_version(Shelf(home), job, ticker)
        case "analysis":
            run_analysis(Shelf(Path(value["home"])), value, ticker)
        case "view":
            run_view(Shelf(Path(value["home"])), value, ticker)


def main() -> None:
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    value = orjson.loads(sys.stdin.buffer.readline())
    ticker, ended = Ticker(), threading.Event()
    threading.Thread(target=_stop_at_end_of_input, args=(ticker,), daemon=True).start()
    teller = threading.Thread(target=_tell_progress, args=(ticker, ended))
    teller.start()
    outcome = outcome_of(value, ticker)
    ended.set()
    teller.join()
    _say(outcome)
    os._exit(0)  # the reader of standard input is still waiting and cannot be interrupted


def _stop_at_end_of_input(ticker: Ticker) -> None:
    sys.stdin.buffer.read()
    ticker.stop()


def _tell_progress(ticker: Ticker, ended: threading.Event) -> None:
    told = 0
    while not ended.wait(_TELL_EVERY_S):
        if ticker.percent != told:
            told = ticker.percent
            _say({"percent": told})


def _say(value: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):  # the platform died: the next one imports again
        sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
