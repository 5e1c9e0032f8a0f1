"""The platform's side of a worker process (see worker.py)."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import Any

import orjson

from slipway.base.errors import Unavailable
from slipway.data.errors import ImportRefusedError, ImportStoppedError
from slipway.data.importer import ImportJob
from slipway.data.manifest import open_manifest
from slipway.data.shelf import Shelf
from slipway.data.types import Problem, Summary
from slipway.data.worker import job_to_json

_LINE_BYTES = 4 << 20
_STOP_WITHIN_S = 10.0


class WorkProcess:
    """One piece of work in a process of its own. `percent` and `stop` are for whoever watches it."""

    def __init__(self, work: dict[str, Any]) -> None:
        self._work = work
        self._stop = asyncio.Event()
        self.percent = 0

    def stop(self) -> None:
        self._stop.set()

    async def carry_out(self) -> None:
        """Raises what the work raises, and Unavailable if the process died."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "slipway.data.worker", limit=_LINE_BYTES,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        stopping = asyncio.create_task(self._stop_when_asked(process))
        try:
            outcome = await self._outcome(process)
        finally:
            stopping.cancel()
            await asyncio.gather(stopping, return_exceptions=True)
            await self._end(process)
        _raise_unless_done(outcome, process.returncode)

    async def _outcome(self, process: asyncio.subprocess.Process) -> dict[str, Any] | None:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(orjson.dumps(self._work, option=orjson.OPT_APPEND_NEWLINE))
        with contextlib.suppress(ConnectionError):
            await process.stdin.drain()
        while line := await process.stdout.readline():
            value: dict[str, Any] = orjson.loads(line)
            if "outcome" in value:
                return value
            self.percent = value["percent"]
        return None

    async def _stop_when_asked(self, process: asyncio.subprocess.Process) -> None:
        await self._stop.wait()
        assert process.stdin is not None
        process.stdin.close()
        await asyncio.sleep(_STOP_WITHIN_S)  # copying one block, at most; then it is told harder
        with contextlib.suppress(ProcessLookupError):
            process.kill()

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        process.stdin.close()
        with contextlib.suppress(ConnectionError):
            await process.stdin.wait_closed()
        try:
            await asyncio.wait_for(process.wait(), _STOP_WITHIN_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


class ImportProcess(WorkProcess):
    def __init__(self, home: Path, job: ImportJob) -> None:
        super().__init__(job_to_json(home, job))
        self._place = Shelf(home).version(job.dataset_id, job.number)

    async def run(self) -> Summary:
        await self.carry_out()
        return (await asyncio.to_thread(open_manifest, self._place)).summary


def _raise_unless_done(outcome: dict[str, Any] | None, code: int | None) -> None:
    match (outcome or {}).get("outcome"):
        case "done":
            return
        case "stopped":
            raise ImportStoppedError
        case "refused":
            assert outcome is not None
            problems = [Problem.from_json(problem) for problem in outcome["problems"]]
            raise ImportRefusedError(problems, more=outcome["more"])
        case "failed":
            assert outcome is not None
            raise Unavailable(outcome["reason"])
        case "disk":
            assert outcome is not None
            raise OSError(outcome["errno"], outcome["strerror"], outcome["filename"])
        case "broke":
            assert outcome is not None
            raise Unavailable(f"The work broke off unexpectedly ({outcome['error']}). Try again.")
        case _:
            how = f"signal {-code}" if code and code < 0 else f"exit code {code}"
            raise Unavailable(
                f"The process that did it ended unexpectedly ({how}); perhaps memory ran out. Try again."
            )
