"""The built-in OCR engine (RapidOCR) in a process of its own, started by the first who asks.

Its models take a second to load and half a gigabyte; here that is not in the process that answers
requests. It ends when it has had nothing to do for a while, and with the platform: its input ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from slipway.base.errors import Unavailable

_IDLE_S, _ANSWER_WITHIN_S = 300.0, 120.0
_LINE_BYTES = 16 << 20


class Engine:
    """One process, one image at a time; whoever asks meanwhile waits their turn."""

    def __init__(self, *, idle_s: float = _IDLE_S) -> None:
        self._idle_s = idle_s
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._resting: asyncio.TimerHandle | None = None

    async def read(self, image: Path, points: Sequence[float] | None) -> list[dict[str, Any]]:
        """`points`, `text` and `confidence` of each text. Raises Unavailable where it fails."""
        async with self._turn:
            self._stay()
            try:
                async with asyncio.timeout(_ANSWER_WITHIN_S):
                    return await self._ask({"image": str(image), "points": points})
            except TimeoutError as error:
                await self._end()
                raise Unavailable("Reading the texts takes too long. Try a part of it.") from error
            except asyncio.CancelledError:
                # Its answer would be taken for that of the next question.
                await self._end()
                raise
            finally:
                self._rest()

    async def close(self) -> None:
        async with self._turn:
            self._stay()
            await self._end()

    async def _ask(self, question: dict[str, Any]) -> list[dict[str, Any]]:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "slipway.labelling.ocr.worker", limit=_LINE_BYTES,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        with contextlib.suppress(ConnectionError):
            process.stdin.write(orjson.dumps(question, option=orjson.OPT_APPEND_NEWLINE))
            await process.stdin.drain()
        line = await process.stdout.readline()
        if not line:
            await self._end()
            raise Unavailable(
                "The built-in OCR engine ended unexpectedly; perhaps memory ran out. Try again."
            )
        answer: dict[str, Any] = orjson.loads(line)
        if "error" in answer:
            raise Unavailable(f"The texts cannot be read: {answer['error']}")
        found: list[dict[str, Any]] = answer["found"]
        return found

    def _rest(self) -> None:
        loop = asyncio.get_running_loop()
        self._resting = loop.call_later(self._idle_s, self._close_input)

    def _stay(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None

    def _close_input(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        self._process = None

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
