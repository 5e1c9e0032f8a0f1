"""The loop over open boards: which answer by now, which wait in vain, which nobody looks at."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from slipway.base.clock import Clock
from slipway.base.database import Database
from slipway.base.events import Event, bus
from slipway.compute import queries as compute
from slipway.compute.types import InstanceState, WorkloadState
from slipway.tensorboard import queries
from slipway.tensorboard.start import end_board, tell
from slipway.tensorboard.types import PORT, Board, BoardState

_STARTING_EVERY_S, _IDLE_EVERY_S = 1.0, 60.0
_LONGEST_QUEUE = timedelta(minutes=2)
NO_CAPACITY = "There is no capacity for a TensorBoard now. Try again when something else has ended."


@dataclass
class Boards:
    """Shared with the proxy: where boards are, and when each was last looked at."""

    client: httpx.AsyncClient = field(
        default_factory=lambda: httpx.AsyncClient(trust_env=False, timeout=60)
    )
    last_used: dict[str, datetime] = field(default_factory=dict)


async def address_of(db: Database, board: Board) -> str | None:
    """Where it listens, once its instance runs."""
    async with db.read() as session:
        workload = await compute.find_workload(session, board.workload_id)
        if workload is None or workload.state != WorkloadState.RUNNING:
            return None
        rows = await compute.list_instances(session, workload.id, workload.attempt)
    running = [row for row in rows if row.state == InstanceState.RUNNING]
    return f"http://{running[0].host}:{running[0].ports[PORT]}" if running else None


class BoardLoop:
    def __init__(self, db: Database, boards: Boards, idle: timedelta, now: Clock) -> None:
        self._db, self._boards, self._idle, self._now = db, boards, idle, now
        self._wake = asyncio.Event()

    async def run(self) -> None:
        stop = bus.listen(self._heard)
        try:
            while True:
                self._wake.clear()
                starting = await self._look()
                try:
                    async with asyncio.timeout(_STARTING_EVERY_S if starting else _IDLE_EVERY_S):
                        await self._wake.wait()
                except TimeoutError:
                    continue
        finally:
            stop()

    def _heard(self, event: Event) -> None:
        if event.type == "tensorboard:started":
            self._wake.set()

    async def _look(self) -> bool:
        """Whether any is on its way."""
        async with self._db.read() as session:
            boards = [queries.frozen(row) for row in await queries.list_open(session)]
        for board in boards:
            if board.state == BoardState.STARTING:
                await self._look_at_starting(board)
            elif (
                self._now() - self._boards.last_used.setdefault(board.id, self._now()) > self._idle
            ):
                await self._end(board, "Nobody looked at it for a while.", BoardState.STOPPED)
        return any(board.state == BoardState.STARTING for board in boards)

    async def _look_at_starting(self, board: Board) -> None:
        address = await address_of(self._db, board)
        if address is None:
            if await self._is_queued(board) and self._now() - board.updated_at > _LONGEST_QUEUE:
                await self._end(board, NO_CAPACITY, BoardState.UNAVAILABLE)
            return
        try:
            answer = await self._boards.client.get(f"{address}/tensorboard/{board.id}/", timeout=5)
        except httpx.HTTPError:
            return  # not yet; where it ends instead, the follower says so
        if answer.is_success:
            self._boards.last_used[board.id] = self._now()
            async with self._db.begin() as session:
                row = await queries.find_anywhere(session, board.id)
                if row is not None and row.state == BoardState.STARTING:
                    row.state, row.reason, row.updated_at = BoardState.READY, "", self._now()
                    await session.flush()
                    await tell(session, row, BoardState.READY, now=self._now())

    async def _is_queued(self, board: Board) -> bool:
        async with self._db.read() as session:
            workload = await compute.find_workload(session, board.workload_id)
        return workload is not None and workload.state == WorkloadState.QUEUED

    async def _end(self, board: Board, reason: str, state: BoardState) -> None:
        async with self._db.begin() as session:
            row = await queries.find_anywhere(session, board.id)
            if row is not None and row.state == board.state:
                await end_board(session, row, reason, state, now=self._now())
        self._boards.last_used.pop(board.id, None)
