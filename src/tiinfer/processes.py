"""What runs in a worker process, and how the processes of a stage are started and restarted.

mosec's worker classes and its protocol, in our own loop, because a user would otherwise be misled
or kept waiting:
- a process whose model does not load says "load model error" and is not started again
  unless its stage has loaded before, so a broken model ends the server at once instead of
  looping;
- one bad request of a batch is refused alone instead of taking the others with it;
- a hook may yield, which streams, and a stream ends when its caller has left;
- reading a request takes one system call in the common case instead of five;
- processes end with their parent, however that one dies.
"""

from __future__ import annotations

import inspect
import logging
import multiprocessing as mp
import select
import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event
from typing import Any

from mosec import SSEWorker, coordinator
from mosec.coordinator import Coordinator
from mosec.env import env_var_context
from mosec.errors import MosecError, MosecTimeoutError
from mosec.protocol import Protocol

from tiinfer import codec, frames
from tiinfer.frames import EGRESS, FAILED, FRAME, OK, STREAM_EVENT, V2, WARM_UP, Item
from tiinfer.logs import set_up_logging
from tiinfer.stages import Stage
from tiinfer.surroundings import end_with_parent

logger = logging.getLogger("tiinfer")

# Exit status of a worker process whose model did not load (EX_CONFIG of sysexits.h).
LOAD_FAILED = 78
# A restart that fails to load again and again must not keep a processor busy.
RELOAD_PAUSE_S = 5.0
# How often a waiting worker looks whether the server is shutting down.
POLL_S = 2.0
# mosec looks for its socket once a second, and sleeps as long when it ends.
coordinator.CONN_CHECK_INTERVAL = 0.05  # type: ignore[assignment]
coordinator.CONN_MAX_RETRY = 400
INTERNAL = b"inference internal error"
# mosec's time-out is no Exception, so that a model's own `except` does not swallow it.
FAILURES = (Exception, MosecTimeoutError)


class StageProcesses:
    """The processes of one stage; knows whether any has ever loaded."""

    def __init__(
        self, stage: Stage, at: int, sockets: str, timeout_s: float, shutdown: Event, notify: Event
    ) -> None:
        self.stage = stage
        self.name = f"{stage.worker.__name__}_{at}"
        self.loaded: Event = mp.get_context("spawn").Event()
        limit_s = float(stage.timeout_s) or timeout_s
        self._arguments = (shutdown, notify, sockets, self.name)
        self._timeout_s = limit_s
        self._pool: list[Any] = [None] * stage.num
        self._not_before = [0.0] * stage.num

    def sentinels(self) -> list[int]:
        return [process.sentinel for process in self._pool if process is not None]

    def keep(self, *, first: bool) -> bool:
        """Start what is not there; False once no process of the stage is alive."""
        for at, process in enumerate(self._pool):
            if process is not None and process.exitcode is not None:
                self._note_end(at, process.exitcode)
                self._pool[at] = None
        if not first and not any(self._pool):
            return False
        for at, process in enumerate(self._pool):
            if process is None and time.monotonic() >= self._not_before[at]:
                self._start(at)
        return True

    def end(self, deadline: float) -> None:
        processes = [process for process in self._pool if process is not None]
        for process in processes:
            process.join(max(0.0, deadline - time.monotonic()))
        for process in processes:
            if process.exitcode is None:
                process.kill()
                process.join()

    def _start(self, at: int) -> None:
        stage = self.stage
        context: Any = mp.get_context(stage.start_method)
        shutdown, notify, sockets, name = self._arguments
        arguments = (
            stage.worker, stage.max_batch_size, shutdown, notify, sockets, name, at + 1,
            self._timeout_s,
        )  # fmt: skip
        process = context.Process(target=run_worker, args=(self.loaded, arguments), daemon=True)
        env = None if stage.env is None else list(stage.env)
        with env_var_context(env, at):
            process.start()
        self._pool[at] = process

    def _note_end(self, at: int, exit_code: int) -> None:
        logger.error("process %d of %s ended with status %d", at + 1, self.name, exit_code)
        if exit_code == LOAD_FAILED:
            again = time.monotonic() + RELOAD_PAUSE_S if self.loaded.is_set() else float("inf")
            self._not_before[at] = again


class CallerLeft(Exception):
    """Nobody reads the stream any more."""


class StageProcess(Coordinator):
    """A worker and its socket: takes tasks until the server ends."""

    # Of this process: set when its worker is ready, and whether it could be built.
    loaded: Event
    built = False

    def warmup(self) -> None:
        # mosec calls this right after the worker has been built.
        StageProcess.built = True
        self.protocol = BufferedProtocol(self.name, self.protocol.addr, POLL_S)
        worker = self.worker
        self._codec = codec.Codec(worker)
        self._batches = worker.max_batch_size > 1
        if isinstance(worker, SSEWorker):
            setattr(worker, "send_stream_event", self.send_event)  # noqa: B010
        super().warmup()  # type: ignore[no-untyped-call]

    def run(self) -> None:
        self.loaded.set()
        super().run()  # type: ignore[no-untyped-call]

    def coordinate(self) -> None:
        """Take tasks until the server ends."""
        protocol = self.protocol
        signal.signal(signal.SIGALRM, self._interrupt)
        ended = self.shutdown.is_set
        while True:
            try:
                flag, items = protocol.receive()
            except TimeoutError:
                if ended():
                    break
                continue
            except OSError as error:
                if not self.shutdown_notify.is_set():
                    logger.error("%s failed to read from socket: %s", self.name, error)
                break
            if flag == frames.CANCEL:
                continue  # it was answered meanwhile
            try:
                answer = self._batch(items) if self._batches else self._single(items[0])
                protocol.socket.sendall(answer)
            except OSError as error:
                logger.error("%s failed to send to socket: %s", self.name, error)
                break
        protocol.close()  # type: ignore[no-untyped-call]

    # ---- one outcome ----

    def _single(self, item: Item) -> bytes:
        task_id, state, payload = item
        self.current_ids = (task_id,)
        limit_s = 0.0 if state & WARM_UP else self.timeout
        try:
            data, context = self._codec.read(payload, state)
            signal.setitimer(signal.ITIMER_REAL, limit_s)
            try:
                data = self.worker.forward(data)
                if inspect.isgenerator(data):
                    data = self._stream(data, state, limit_s)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            answer, status = self._codec.write(data, state, context), OK
        except FAILURES as error:  # whatever a model raises is an answer
            status, answer = self._failure(error)
        return FRAME.pack(status, 1, task_id, state, len(answer)) + answer

    def _batch(self, items: list[Item]) -> bytes:
        """One frame for what went well, one for each task that could not be read."""
        refused, good, data = b"", [], []
        contexts = []
        for item in items:
            task_id, state, payload = item
            try:
                one, context = self._codec.read(payload, state)
            except FAILURES as error:
                status, text = self._failure(error)
                refused += frames.pack(status, [(task_id, state, text)])
            else:
                good.append(item)
                data.append(one)
                contexts.append(context)
        if not good:
            return refused
        self.current_ids = [item[0] for item in good]
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.0 if good[0][1] & WARM_UP else self.timeout)
            try:
                data = self.worker.forward(data)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            if len(data) != len(good):
                raise ValueError(f"a batch of {len(good)} gave {len(data)} results")
        except FAILURES as error:
            status, text = self._failure(error)
            return refused + frames.pack(status, [(i, s, text) for i, s, _ in good])
        parts = [refused]
        answers = []
        for (task_id, state, _), result, context in zip(good, data, contexts, strict=True):
            try:
                answers.append((task_id, state, self._codec.write(result, state, context)))
            except FAILURES as error:
                status, text = self._failure(error)
                parts.append(frames.pack(status, [(task_id, state, text)]))
        if answers:
            parts.append(frames.pack(OK, answers))
        return b"".join(parts)

    def _failure(self, error: BaseException) -> tuple[int, bytes]:
        if isinstance(error, codec.Refused):
            return frames.INVALID, error.body
        if isinstance(error, MosecError | MosecTimeoutError):
            text = str(error).replace("\n", " - ") or error.msg
            logger.info("%s %s: %s", self.name, error.msg, text)
            return int(error.code), f"{error.msg}: {text}".encode()
        if isinstance(error, CallerLeft):
            logger.info("%s: the caller left", self.name)
            return FAILED, INTERNAL
        logger.error("%s: request failed", self.name, exc_info=error)
        return FAILED, INTERNAL

    def _interrupt(self, *_: object) -> None:
        raise MosecTimeoutError(f"forward took longer than {self.timeout:g} s")

    # ---- streams ----

    def _stream(self, pieces: Any, state: int, limit_s: float) -> Any:
        """Send what a hook yields; its return value ends the stream."""
        if not state & EGRESS:
            raise TypeError("only the last stage may yield: its pieces go to the caller")
        if state & V2:
            raise MosecError("the Open Inference Protocol has no streams; use the predict path")
        with _closing(pieces):
            for piece in pieces:
                self.send_event(codec.piece(piece))
                signal.setitimer(signal.ITIMER_REAL, limit_s)
        return None

    def send_event(self, text: str, index: int = 0) -> None:
        """A piece for the caller of the batch's task `index` (mosec's `send_stream_event`)."""
        task_id = self.current_ids[index]
        self.protocol.socket.sendall(frames.pack(STREAM_EVENT, [(task_id, 0, text.encode())]))
        if self.protocol.cancelled(task_id):
            raise CallerLeft


@contextmanager
def _closing(pieces: Any) -> Iterator[None]:
    try:
        yield
    finally:
        pieces.close()


class BufferedProtocol(Protocol):
    """The same bytes as mosec's protocol, read ahead."""

    def __init__(self, name: str, addr: str, timeout: float) -> None:
        super().__init__(name, addr, timeout)
        self._reader = frames.Reader()
        self._ready: deque[tuple[int, list[Item]]] = deque()

    def receive(self) -> tuple[int, list[Item]]:  # type: ignore[override]
        """The next frame. TimeoutError where none came; what came so far is kept."""
        while not self._ready:
            data = self.socket.recv(1 << 18)
            if not data:
                raise ConnectionResetError("the server closed the connection")
            self._ready += self._reader.feed(data)
        return self._ready.popleft()

    def cancelled(self, task_id: bytes) -> bool:
        """Whether the front has told so by now; other frames keep their turn."""
        while select.select([self.socket], [], [], 0)[0]:
            data = self.socket.recv(1 << 18)
            if not data:
                raise ConnectionResetError("the server closed the connection")
            self._ready += self._reader.feed(data)
        return any(
            flag == frames.CANCEL and any(item[0] == task_id for item in items)
            for flag, items in self._ready
        )


def run_worker(loaded: Event, arguments: tuple[Any, ...]) -> None:
    """The body of a worker process."""
    end_with_parent()
    set_up_logging()
    StageProcess.loaded = loaded
    StageProcess.built = False
    try:
        StageProcess(*arguments)
    except Exception as error:
        if StageProcess.built:
            raise
        traceback.print_exc()
        logger.error("load model error: %s: %s", type(error).__name__, error)
        sys.exit(LOAD_FAILED)
