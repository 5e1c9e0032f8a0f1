"""Requests on their way through the stages: queues, batches, and the worker processes' sockets.

A task belongs to one caller. Each stage has a queue and the processes that are connected; a process
has one batch at a time. Nothing here looks into a payload.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tiinfer import frames
from tiinfer.frames import EGRESS, FAILED, FRAME, INGRESS, OK, STREAM_EVENT, Item, Reader
from tiinfer.meters import Meters, StageMeters

logger = logging.getLogger("tiinfer")

DEFAULT_WAIT_S = 0.01
INTERNAL = b"inference internal error"
TIMED_OUT = b"inference timeout"
# A process whose tasks take less than this gets some ahead, so that it need not wait for us; with
# slower ones a task could be stuck behind another while a second process is free.
QUICK_S = 0.002
AHEAD = 4


class Reply(Protocol):
    """Who gets the outcome of a task."""

    def finish(self, status: int, payload: bytes) -> None: ...
    def event(self, payload: bytes) -> None: ...
    def writer_is_full(self) -> bool: ...


@dataclass(frozen=True)
class StagePlan:
    """What the crew tells about a stage. latency_target_s: 0 for none."""

    name: str
    num: int
    max_batch: int = 1
    wait_s: float = DEFAULT_WAIT_S
    latency_target_s: float = 0.0
    mime: str = "application/json"


class Task:
    __slots__ = ("begun", "deadline", "entered", "id", "payload", "reply", "state", "worker")

    def __init__(
        self, reply: Reply, payload: bytes, bits: int, begun: float, deadline: float
    ) -> None:
        self.id = b""
        self.reply: Reply | None = reply
        self.payload = payload
        self.state = bits
        self.begun = self.entered = begun
        self.deadline = deadline
        self.worker: WorkerConnection | None = None


class Pipeline:
    """One generation of a model's processes."""

    def __init__(
        self,
        plans: list[StagePlan],
        meters: Meters,
        timeout_s: float,
        changed: Callable[[], None],
    ) -> None:
        self.timeout_s = timeout_s
        self.stages = [
            Stage(plan, at, self, meters.stage(plan.name)) for at, plan in enumerate(plans)
        ]
        self.mime = plans[-1].mime
        self.tasks: dict[bytes, Task] = {}
        self.idle: Callable[[], None] | None = None  # told when the last task is done
        self._changed = changed
        self._meters = meters
        self._next_id = 0
        self._servers: list[asyncio.Server] = []
        self._last = len(plans) - 1

    async def listen(self, folder: Path) -> None:
        loop = asyncio.get_running_loop()
        for stage in self.stages:
            path = folder / f"ipc_{stage.plan.name}.socket"
            make = lambda stage=stage: WorkerConnection(stage)  # noqa: E731
            self._servers.append(await loop.create_unix_server(make, str(path)))

    def close(self) -> None:
        for server in self._servers:
            server.close()
        for stage in self.stages:
            for worker in list(stage.workers):
                worker.transport.abort()

    def loaded(self, *, all_of_them: bool = False) -> bool:
        return all(
            len(stage.workers) >= (stage.plan.num if all_of_them else 1) for stage in self.stages
        )

    def submit(self, task: Task) -> None:
        self._next_id = (self._next_id + 1) & 0xFFFFFFFF
        task.id = self._next_id.to_bytes(4, "big")
        task.state |= INGRESS | EGRESS if self._last == 0 else INGRESS
        self.tasks[task.id] = task
        self.stages[0].put(task)

    def outcome(self, at: int, flag: int, task: Task, payload: bytes, now: float) -> None:
        """What a process of stage `at` made of a task."""
        if task.reply is None:
            return
        if flag == OK and at < self._last:
            task.state &= ~INGRESS
            if at + 1 == self._last:
                task.state |= EGRESS
            task.payload, task.entered, task.worker = payload, now, None
            self.stages[at + 1].put(task)
            return
        self._meters.total.add(now - task.begun)
        self._end(task, frames.STATUSES.get(flag, 500), payload)

    def cancel(self, task: Task) -> None:
        """Nobody waits for it any more; a process that streams is told."""
        task.reply = None
        if self.tasks.pop(task.id, None) is not None and task.worker is not None:
            task.worker.cancel(task)
        self._told_when_idle()

    def event(self, task: Task, payload: bytes) -> None:
        """A piece of a stream; its time-out counts from the last piece."""
        task.deadline = asyncio.get_running_loop().time() + self.timeout_s
        del self.tasks[task.id]
        self.tasks[task.id] = task
        if task.reply is not None:
            task.reply.event(payload)

    def expire(self, now: float) -> None:
        """Tasks are in the order of their deadlines."""
        while self.tasks:
            task = next(iter(self.tasks.values()))
            if task.deadline > now:
                return
            worker = task.worker
            self._end(task, 408, TIMED_OUT)
            if worker is not None:
                worker.cancel(task)

    def worker_changed(self) -> None:
        self._changed()

    def _end(self, task: Task, status: int, payload: bytes) -> None:
        self.tasks.pop(task.id, None)
        reply, task.reply = task.reply, None
        if reply is not None:
            reply.finish(status, payload)
        self._told_when_idle()

    def _told_when_idle(self) -> None:
        if self.idle is not None and not self.tasks:
            self.idle()


class Stage:
    """The queue before the processes of one stage."""

    def __init__(self, plan: StagePlan, at: int, pipeline: Pipeline, meters: StageMeters) -> None:
        self.plan = plan
        self.at = at
        self.pipeline = pipeline
        self.meters = meters
        self.workers: set[WorkerConnection] = set()
        self.free: list[WorkerConnection] = []
        self.waiting: deque[Task] = deque()
        self.limit = plan.max_batch
        self._timer: asyncio.TimerHandle | None = None

    def put(self, task: Task) -> None:
        if self.plan.max_batch == 1:
            worker = None if self.waiting else self._next_worker()
            if worker is not None:
                worker.send_one(task)
            else:
                self.waiting.append(task)
            return
        self.waiting.append(task)
        if self.free:
            self._send_batches()

    def offer(self, worker: WorkerConnection) -> None:
        """The worker has nothing to do."""
        self.free.append(worker)
        self.pull()

    def pull(self) -> None:
        """Send what waits to whoever can take it."""
        if not self.waiting:
            return
        if self.plan.max_batch > 1:
            self._send_batches()
            return
        while self.waiting and (worker := self._next_worker()) is not None:
            task = self.waiting.popleft()
            if task.reply is not None:
                worker.send_one(task)
            elif worker.is_idle:
                self.free.append(worker)

    def take_back(self, tasks: list[Task]) -> None:
        """Sent ahead to a process that ended before it began with them."""
        self.waiting.extendleft(reversed(tasks))
        self.pull()

    def learn(self, size: int, waited_s: float, took_s: float) -> None:
        """Keep the time of a batch within the latency target: shrink fast, grow slowly."""
        self.meters.batch_size.add(size)
        self.meters.batch_wait.add(waited_s)
        target = self.plan.latency_target_s
        if not target:
            return
        if waited_s + took_s > target:
            self.limit = max(1, min(self.limit, size) * 3 // 4)
        elif size >= self.limit and self.limit < self.plan.max_batch:
            self.limit += 1

    def _send_batches(self, *, now: bool = False) -> None:
        while self.free and self.waiting:
            if len(self.waiting) < self.limit and not now:
                self._wait()
                return
            batch = []
            while self.waiting and len(batch) < self.limit:
                task = self.waiting.popleft()
                if task.reply is not None:
                    batch.append(task)
            if batch:
                self._free_worker().send(batch)

    def _wait(self) -> None:
        """Until the oldest has waited its time."""
        if self._timer is None:
            loop = asyncio.get_running_loop()
            until = self.waiting[0].entered + self.plan.wait_s
            self._timer = loop.call_at(until, self._waited)

    def _waited(self) -> None:
        self._timer = None
        if not self.waiting:
            return
        loop = asyncio.get_running_loop()
        due = self.waiting[0].entered + self.plan.wait_s <= loop.time() + 0.0005
        self._send_batches(now=due)

    def _next_worker(self) -> WorkerConnection | None:
        if self.free:
            return self._free_worker()
        return next((worker for worker in self.workers if worker.takes_more), None)

    def _free_worker(self) -> WorkerConnection:
        """One that has not worked yet first, so that examples warm every process."""
        for at, worker in enumerate(self.free):
            if worker.fresh:
                return self.free.pop(at)
        return self.free.pop()


class WorkerConnection(asyncio.Protocol):
    """One worker process."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.transport: Any = None
        self.fresh = True
        self._running: dict[bytes, Task] = {}
        self._sent_at = 0.0
        self._waited_s = 0.0
        self._size = 0
        self._usual_s = 1.0  # of one task, lately
        self._reader = Reader()
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.stage.workers.add(self)
        self.stage.offer(self)
        self.stage.pipeline.worker_changed()

    def connection_lost(self, exc: Exception | None) -> None:
        stage = self.stage
        stage.workers.discard(self)
        if self in stage.free:
            stage.free.remove(self)
        now = self._loop.time()
        running = list(self._running.values())
        self._running.clear()
        begun = len(running) if stage.plan.max_batch > 1 else 1
        for task in running[:begun]:
            stage.pipeline.outcome(stage.at, FAILED, task, INTERNAL, now)
        stage.take_back([task for task in running[begun:] if task.reply is not None])
        stage.pipeline.worker_changed()

    @property
    def is_idle(self) -> bool:
        return not self._running

    @property
    def takes_more(self) -> bool:
        return self._usual_s < QUICK_S and len(self._running) < AHEAD and not self.fresh

    def send_one(self, task: Task) -> None:
        if not self._running:
            self._sent_at = self._loop.time()
        self.fresh = False
        task.worker = self
        self._running[task.id] = task
        payload = task.payload
        self.transport.write(FRAME.pack(0, 1, task.id, task.state, len(payload)) + payload)

    def send(self, batch: list[Task]) -> None:
        self._sent_at = self._loop.time()
        self._size = len(batch)
        self._waited_s = self._sent_at - batch[0].entered
        self.fresh = False
        items = []
        for task in batch:
            task.worker = self
            self._running[task.id] = task
            items.append((task.id, task.state, task.payload))
        self.transport.write(frames.pack(0, items))

    def cancel(self, task: Task) -> None:
        if task.id in self._running:
            self.transport.resume_reading()
            self.transport.write(frames.pack(frames.CANCEL, [(task.id, task.state, b"")]))

    def resume(self) -> None:
        self.transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        for flag, items in self._reader.feed(data):
            if flag == STREAM_EVENT:
                self._event(items)
            else:
                self._outcomes(flag, items)

    def _outcomes(self, flag: int, items: list[Item]) -> None:
        stage, running = self.stage, self._running
        now = self._loop.time()
        took = now - self._sent_at
        done = []
        for task_id, _, payload in items:
            task = running.pop(task_id, None)
            if task is not None:
                stage.meters.duration.add(took)
                done.append((task, payload))
        if stage.plan.max_batch == 1:
            self._sent_at = now
            self._usual_s += (took - self._usual_s) / 8 if took < self._usual_s else took / 2
        elif not running:
            stage.learn(self._size, self._waited_s, took)
        if not running:
            stage.offer(self)
        else:
            stage.pull()
        for task, payload in done:
            stage.pipeline.outcome(stage.at, flag, task, payload, now)

    def _event(self, items: list[Item]) -> None:
        for task_id, _, payload in items:
            task = self._running.get(task_id)
            if task is None or task.reply is None:
                continue
            self.stage.pipeline.event(task, payload)
            if task.reply is not None and task.reply.writer_is_full():
                self.transport.pause_reading()
