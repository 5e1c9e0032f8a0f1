"""Metrics that come over HTTP: durable when answered, once per batch, in order."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from slipway.base.errors import StorageFull
from slipway.compute.output.metrics import latest_values, read_metrics
from slipway.tracking.journal import MetricJournal
from slipway.tracking.points import checked_lines


def lines(step: int, **metrics: float) -> bytes:
    return checked_lines([{"timestamp": 1000.0 + step, "step": step, "metrics": metrics}])


async def test_what_was_answered_is_in_the_file_in_order(tmp_path: Path) -> None:
    journal = MetricJournal(tmp_path)
    await asyncio.gather(*(journal.append("run-1", lines(n, loss=n)) for n in range(200)))
    (series,) = read_metrics({"run-1": journal.path("run-1")})
    assert series.step == list(range(200))
    assert latest_values({"": journal.path("run-1")})["loss"].value == 199
    journal.close()


async def test_curves_are_in_order_of_time_however_they_arrive(tmp_path: Path) -> None:
    journal = MetricJournal(tmp_path)
    for step in (1, 4, 2, 3):
        await journal.append("run-1", lines(step, loss=step))
    (series,) = read_metrics({"run-1": journal.path("run-1")})
    assert series.step == [1, 2, 3, 4]
    assert series.value == [1, 2, 3, 4]
    journal.close()


async def test_a_batch_is_taken_once_also_after_a_restart_and_within_one_group(
    tmp_path: Path,
) -> None:
    journal = MetricJournal(tmp_path)
    twice = await asyncio.gather(*(journal.append("run-1", lines(1, a=1), "b-1") for _ in range(2)))
    assert twice == [True, False]
    journal.close()
    again = MetricJournal(tmp_path)
    assert await again.append("run-1", lines(1, a=1), "b-1") is False
    assert await again.append("run-2", lines(1, a=1), "b-1") is True  # an id is a run's own
    again.close()
    assert read_metrics({"": again.path("run-1")})[0].value == [1.0]


async def test_the_redo_log_is_played_back_and_changes_nothing_that_is_there(
    tmp_path: Path,
) -> None:
    journal = MetricJournal(tmp_path)
    await journal.append("run-1", lines(1, a=1))
    await journal.append("run-1", lines(2, a=2))
    log = (tmp_path / "redo.log").read_bytes()
    whole = journal.path("run-1").read_bytes()
    journal.close()
    for left in (whole, whole[:30], b""):  # the file as a power cut may have left it
        (tmp_path / "redo.log").write_bytes(log + b"run-1 99 500 1\ntorn")
        journal.path("run-1").write_bytes(left)
        again = MetricJournal(tmp_path)
        await again.recover()
        assert again.path("run-1").read_bytes() == whole
        assert (tmp_path / "redo.log").read_bytes() == b""
        again.close()


async def test_a_full_disk_takes_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = MetricJournal(tmp_path)
    await journal.append("run-1", lines(1, a=1))
    kept = journal.path("run-1").read_bytes()

    def full(handle: int, data: object, at: int) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        with pytest.raises(StorageFull, match="No space left"):
            await journal.append("run-1", lines(2, a=2), "b")
    assert journal.path("run-1").read_bytes() == kept
    assert await journal.append("run-1", lines(2, a=2), "b") is True
    journal.close()


async def test_more_runs_than_open_files(tmp_path: Path) -> None:
    journal = MetricJournal(tmp_path)
    for turn in range(2):
        await asyncio.gather(*(journal.append(f"run-{n}", lines(turn, a=n)) for n in range(300)))
    assert all(read_metrics({"": journal.path(f"run-{n}")})[0].value == [n, n] for n in range(300))
    await journal.forget("run-7")
    assert not journal.path("run-7").exists()
    journal.close()


_WRITER = """
import asyncio, sys
from pathlib import Path
from slipway.tracking.journal import MetricJournal
async def main():
    journal = MetricJournal(Path(sys.argv[1]))
    async def write(run):
        for n in range(100_000):
            await journal.append(f"run-{run}", b'{"t":1,"step":%d,"metrics":{"a":%d}}\\n' % (n, n), f"{n}")
            print(run, n, flush=True)
    await asyncio.gather(*(write(run) for run in range(4)))
asyncio.run(main())
"""


def test_kill_9_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    for _ in range(2000):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    answered = process.stdout.read().decode().splitlines()
    process.wait()
    process.stdout.close()
    last = {run: int(n) for run, n in (line.split() for line in answered if line.count(" ") == 1 and line[-1].isdigit())}  # fmt: skip

    async def recover() -> None:
        journal = MetricJournal(tmp_path)
        await journal.recover()
        for run, n in last.items():
            assert await journal.append(f"run-{run}", b"", str(n)) is False
            steps = read_metrics({"": journal.path(f"run-{run}")}, points=1_000_000)[0].step
            assert steps == list(range(len(steps)))
            assert len(steps) > n
        journal.close()

    asyncio.run(recover())
