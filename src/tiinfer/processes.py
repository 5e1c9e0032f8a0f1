"""What mosec runs in a worker process, and how its supervisor starts and restarts them.

Differences from mosec, each because a user would otherwise be misled:
- a process whose model does not load says "load model error" and is not started again
  unless its stage has loaded before, so a broken model ends the server at once instead of
  looping;
- reading a request takes one system call in the common case instead of five, which is a
  third of a small request's cost;
- processes end with their parent, however that one dies.
"""

from __future__ import annotations

import ctypes
import json
import logging
import multiprocessing as mp
import signal
import struct
import sys
import time
import traceback
from multiprocessing.synchronize import Event
from typing import Any

from mosec import SSEWorker, Worker, coordinator
from mosec.coordinator import Coordinator
from mosec.env import env_var_context
from mosec.errors import DecodingError, EncodingError, MosecError, MosecTimeoutError
from mosec.protocol import HTTPStatusCode, Protocol
from mosec.runtime import Runtime

from tiinfer.logs import set_up_logging
from tiinfer.stages import Stage

logger = logging.getLogger("tiinfer")

# Exit status of a worker process whose model did not load (EX_CONFIG of sysexits.h).
LOAD_FAILED = 78
# A restart that fails to load again and again must not keep a processor busy.
RELOAD_PAUSE_S = 5.0
# How often a waiting worker looks whether the server is shutting down.
POLL_S = 2.0
# mosec looks for its socket once a second, ten times, and sleeps as long when it ends. Looking
# more often saves up to a second of each start and stop.
coordinator.CONN_CHECK_INTERVAL = 0.05  # type: ignore[assignment]
coordinator.CONN_MAX_RETRY = 400
PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)  # loaded here: between fork and exec only simple calls are safe
# Flag, number of tasks; then of each task its id, its state and the length of its payload.
_FRAME = struct.Struct("!HH4sHI")


def end_with_parent() -> None:
    """Ask the kernel to kill this process when its parent is gone, even by SIGKILL."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class StageRuntime(Runtime):
    """One stage: starts its processes, knows whether any has ever loaded."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(
            stage.worker,
            stage.num,
            stage.max_batch_size,
            stage.max_wait_ms,
            float(stage.timeout_s),
            stage.start_method,
            None if stage.env is None else list(stage.env),
        )
        self.loaded: Event = mp.get_context("spawn").Event()
        self._not_before = [0.0] * stage.num

    def _start_process(
        self, worker_id: int, work_path: str, shutdown: Event, shutdown_notify: Event
    ) -> None:
        context: Any = mp.get_context(self.start_method)
        arguments = (
            self.worker,
            self.max_batch_size,
            shutdown,
            shutdown_notify,
            work_path,
            self.name,
            worker_id + 1,
            self.timeout_sec,
        )
        process = context.Process(target=run_worker, args=(self.loaded, arguments), daemon=True)
        with env_var_context(self.env, worker_id):
            process.start()
        self._pool[worker_id] = process

    def _check(self, work_path: str, shutdown: Event, shutdown_notify: Event, init: bool) -> bool:
        """Restart what died; False once no process of the stage is alive."""
        for worker_id, process in enumerate(self._pool):
            if process is None or process.exitcode is None:
                continue
            self._note_end(worker_id, process.exitcode)
            self._pool[worker_id] = None
        if not init and not any(self._pool):
            return False
        for worker_id, process in enumerate(self._pool):
            if process is None and time.monotonic() >= self._not_before[worker_id]:
                self._start_process(worker_id, work_path, shutdown, shutdown_notify)
        return True

    def _note_end(self, worker_id: int, exit_code: int) -> None:
        logger.error("process %d of %s ended with status %d", worker_id + 1, self.name, exit_code)
        if exit_code == LOAD_FAILED:
            again = time.monotonic() + RELOAD_PAUSE_S if self.loaded.is_set() else float("inf")
            self._not_before[worker_id] = again


class StageProcess(Coordinator):
    """mosec's loop around a worker, with a cheaper way to the socket and to JSON."""

    # Of this process: set when its worker is ready, and whether it could be built.
    loaded: Event
    built = False

    def warmup(self) -> None:
        # mosec calls this right after the worker has been built.
        StageProcess.built = True
        self.protocol = BufferedProtocol(self.name, self.protocol.addr, POLL_S)
        if type(self.worker).serialize is Worker.serialize:
            setattr(self.worker, "serialize", to_json)  # noqa: B010 - a method of one object
        if type(self.worker).deserialize is Worker.deserialize:
            setattr(self.worker, "deserialize", from_json)  # noqa: B010
        super().warmup()  # type: ignore[no-untyped-call]

    def run(self) -> None:
        self.loaded.set()
        super().run()  # type: ignore[no-untyped-call]

    def coordinate(self) -> None:
        """Take tasks until the server ends: mosec's loop, without what one plain task needs not.

        Batches and streams go mosec's way.
        """
        worker, protocol = self.worker, self.protocol
        if self.worker.max_batch_size > 1 or isinstance(worker, SSEWorker):
            super().coordinate()  # type: ignore[no-untyped-call]
            return
        signal.signal(signal.SIGALRM, self._interrupt)
        receive, ended = protocol.receive, self.shutdown.is_set
        while True:
            try:
                _, ids, states, payloads = receive()
            except TimeoutError:
                if ended():
                    break
                continue
            except OSError as error:
                if not self.shutdown_notify.is_set():
                    logger.error("%s failed to read from socket: %s", self.name, error)
                break
            status, answer = self._answer(payloads[0], states[0])
            try:
                protocol.socket.sendall(
                    _FRAME.pack(status, 1, ids[0], states[0], len(answer)) + answer
                )
            except OSError as error:
                logger.error("%s failed to send to socket: %s", self.name, error)
                break
        protocol.close()  # type: ignore[no-untyped-call]

    def _interrupt(self, *_: object) -> None:
        raise MosecTimeoutError(f"forward took longer than {self.timeout:g} s")

    def _answer(self, payload: bytes, state: int) -> tuple[int, bytes]:
        try:
            data = self.decode(payload, state)
            signal.setitimer(signal.ITIMER_REAL, self.timeout)
            try:
                data = self.worker.forward(data)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            return HTTPStatusCode.OK, self.encode(data, state)
        except (MosecError, MosecTimeoutError) as error:
            text = str(error).replace("\n", " - ") or error.msg
            logger.info("%s %s: %s", self.name, error.msg, text)
            return error.code, f"{error.msg}: {text}".encode()
        except Exception:
            logger.exception("%s: request failed", self.name)
            return HTTPStatusCode.INTERNAL_ERROR, b"inference internal error"


class BufferedProtocol(Protocol):
    """The same bytes as mosec's protocol, read ahead."""

    _buffer = b""

    def receive(self) -> tuple[bytes, list[bytes], list[int], list[bytes]]:
        self._fill(4)
        flag, (count,) = self._buffer[:2], struct.unpack_from("!H", self._buffer, 2)
        at = 4
        ids, states, payloads = [], [], []
        for _ in range(count):
            self._fill(at + 10)
            state, length = struct.unpack_from("!HI", self._buffer, at + 4)
            self._fill(at + 10 + length)
            ids.append(self._buffer[at : at + 4])
            states.append(state)
            payloads.append(self._buffer[at + 10 : at + 10 + length])
            at += 10 + length
        self._buffer = self._buffer[at:]
        return flag, ids, states, payloads

    def _fill(self, size: int) -> None:
        """Have at least `size` bytes; a timeout keeps what came so far for the next call."""
        missing = size - len(self._buffer)
        if missing <= 0:
            return
        parts = [self._buffer]
        try:
            while missing > 0:
                part = self.socket.recv(max(65536, min(missing, 1 << 20)))
                if not part:
                    raise ConnectionResetError("mosec closed the connection")
                parts.append(part)
                missing -= len(part)
        finally:
            self._buffer = b"".join(parts)


def from_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise DecodingError(f"the body is not JSON: {error}") from error


def to_json(data: Any) -> bytes:
    """Indented JSON as mosec writes it; the compiled encoder where the value allows it."""
    try:
        return _dumps(data)
    except Exception as error:
        raise EncodingError(f"the result is not JSON: {error}") from error


def _plain_dumps(data: Any) -> bytes:
    return json.dumps(data, indent=2).encode()


try:
    import orjson
except ImportError:
    _dumps = _plain_dumps
else:

    def _dumps(data: Any) -> bytes:
        try:
            return orjson.dumps(data, option=orjson.OPT_INDENT_2)
        except TypeError:  # such as integers as keys, or above 64 bits
            return _plain_dumps(data)


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
