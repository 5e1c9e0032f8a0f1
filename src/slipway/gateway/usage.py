"""The usage ledger's near end: what each call used, kept on disk until the control plane has it.

A record waits in memory for at most one flush, then in a file that is one batch. A batch keeps its
name for life, so the control plane can tell a repetition; the file goes when it is acknowledged.
"""

import asyncio
import logging
import time
import uuid
from collections import deque
from pathlib import Path
from typing import TypedDict

import orjson

from slipway.gateway.control import ControlAway, ControlPlane
from slipway.gateway.files import write_atomically

log = logging.getLogger(__name__)

PATH = "/internal/gateway/usage"
POST_SILENCE_S = 10.0
MAX_BATCH_RECORDS = 5000
# Reached only if neither disk nor control plane takes anything for a long time.
MAX_WAITING_RECORDS = 500_000
FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 2.0
# A batch that the control plane will never take, however often it comes.
_NEVER = frozenset({400, 413, 422})


class UsageRecord(TypedDict):
    """One call, as the control plane books it. A plain dict: building it and writing it as JSON are
    on the hot path."""

    id: str
    time: str
    service: str
    version: str | None
    replica: str | None
    key: str | None
    group: str | None
    model: str | None
    path: str
    status: int
    error_code: str | None
    prompt_tokens: int
    completion_tokens: int
    images: int
    cost: int  # millionths
    estimated: bool
    stream: bool
    request_bytes: int
    response_bytes: int
    ttft_ms: float | None
    duration_ms: float


class UsageJournal:
    """Takes encoded records, keeps them in files, sends the files."""

    def __init__(self, directory: Path, control: ControlPlane) -> None:
        self.lost = 0
        self._directory = directory
        self._control = control
        self._waiting: list[bytes] = []
        self._batches: deque[Path] = deque()
        self._news = asyncio.Event()
        self._writing = asyncio.Lock()

    def open(self) -> None:
        """Finds what an earlier run left unsent."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for torn in self._directory.glob("*.new"):
            torn.unlink()
        self._batches.extend(sorted(self._directory.glob("*.json")))
        if self._batches:
            self._news.set()

    def add(self, record: bytes) -> None:
        if len(self._waiting) < MAX_WAITING_RECORDS:
            self._waiting.append(record)
        else:
            self.lost += 1

    @property
    def unsent_batches(self) -> int:
        return len(self._batches)

    async def flush(self) -> None:
        """Puts on disk what is in memory. Keeps it in memory if the disk does not take it."""
        async with self._writing:
            # Only what is here now; more comes while we write, and has the next flush.
            for _ in range(-(-len(self._waiting) // MAX_BATCH_RECORDS)):
                if not await self._flush_batch():
                    return

    async def _flush_batch(self) -> bool:
        # Taken out before the write: were this cancelled meanwhile, the file alone counts.
        records = self._waiting[:MAX_BATCH_RECORDS]
        del self._waiting[: len(records)]
        batch = str(uuid.uuid4())
        # Sorting by name is sorting by age.
        file = self._directory / f"{time.time_ns():020d}-{batch}.json"
        body = b'{"batch":"%b","records":[%b]}' % (batch.encode(), b",".join(records))
        try:
            await asyncio.to_thread(write_atomically, file, body)
        except OSError as cause:
            log.error("cannot keep usage on disk", extra={"reason": str(cause)})
            self._waiting[:0] = records
            return False
        self._batches.append(file)
        self._news.set()
        return True

    async def send(self) -> None:
        """Sends batches, oldest first, for as long as the gateway runs."""
        wait_s = FIRST_WAIT_S
        while True:
            if not self._batches:
                self._news.clear()
                await self._news.wait()
            try:
                await self.send_oldest()
                wait_s = FIRST_WAIT_S
            except ControlAway as reason:
                log.debug("usage waits", extra={"reason": str(reason)})
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, LONGEST_WAIT_S)

    async def send_all(self) -> None:
        """One attempt for everything, for a clean end. Raises ControlAway."""
        while self._batches:
            await self.send_oldest()

    async def send_oldest(self) -> None:
        """Sends one batch and forgets it once acknowledged. Raises ControlAway."""
        file = self._batches[0]
        try:
            body = await asyncio.to_thread(file.read_bytes)
        except OSError as cause:
            log.error("usage batch unreadable", extra={"file": file.name, "reason": str(cause)})
            self._batches.popleft()
            return
        async with self._control.ask("POST", PATH, body, silence_s=POST_SILENCE_S) as answer:
            status = answer.status
        if status in _NEVER:
            self._put_aside(file, status)
        elif not 200 <= status < 300:
            raise ControlAway(f"usage was answered {status}")
        else:
            file.unlink(missing_ok=True)
        if self._batches and self._batches[0] == file:
            self._batches.popleft()

    def _put_aside(self, file: Path, status: int) -> None:
        """Out of the way of the others, but kept: it is somebody's bill."""
        log.error("usage batch refused and put aside", extra={"file": file.name, "status": status})
        aside = self._directory / "refused"
        aside.mkdir(mode=0o700, exist_ok=True)
        file.replace(aside / file.name)


def encode(record: UsageRecord) -> bytes:
    return orjson.dumps(record)
