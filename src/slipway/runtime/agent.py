"""The agent: a small warm process that forks one runner for each instance.

`python -m slipway.runtime.agent --fd N` speaks JSON lines over the inherited socket N. A start
costs a fork instead of an interpreter. The agent ends when the socket closes; its runners go
on. Should a runner be killed, the agent closes its instance: what is left of it dies and its
exit status is written. Without an agent, the next start of that instance does it.
"""

import contextlib
import fcntl
import gc
import json
import os
import select
import signal
import sys
from typing import Any, NoReturn

from slipway.runtime import linux, runner
from slipway.runtime.launch import ON_LINUX
from slipway.runtime.runner import Answer
from slipway.runtime.supervisor import STOP_SIGNALS

_ANSWER_FD = 3
_READ_BYTES = 65536


class Agent:
    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._received = b""
        self._answers: dict[int, tuple[Any, bytes]] = {}  # pipe -> request id, received so far
        self._directories: dict[int, str] = {}  # runner -> instance directory
        self._poll = select.poll()
        self._poll.register(fd, select.POLLIN)
        self._listen_for_deaths()

    def serve(self) -> None:
        """Until the other side closes the socket."""
        while True:
            for fd, _ in self._poll.poll():
                if fd == self._wake:
                    self._collect_dead()
                elif fd in self._answers:
                    self._pass_on_answer(fd)
                elif not self._receive():
                    return

    def _listen_for_deaths(self) -> None:
        self._wake, write_end = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(write_end, False)
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        # Ctrl-C in a terminal reaches the whole foreground group; the socket says when to end.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._poll.register(self._wake, select.POLLIN)

    def _receive(self) -> bool:
        try:
            data = os.read(self._fd, _READ_BYTES)
        except ConnectionResetError:
            return False
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            self._handle(line)
        return bool(data)

    def _handle(self, line: bytes) -> None:
        request_id = None
        try:
            request = json.loads(line)
            request_id = request["id"]
            if request["op"] != "start":
                raise ValueError(f"there is no operation {request['op']!r}")
            directory = os.path.realpath(request["dir"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            self._send({"id": request_id, "ok": False, "reason": f"not a request: {error}"})
            return
        self._start(request_id, directory)

    def _start(self, request_id: Any, directory: str) -> None:
        answer_read, answer_write = os.pipe()
        try:
            pid = os.fork()
        except OSError as error:
            os.close(answer_read)
            os.close(answer_write)
            reason = f"could not start a process: {error.strerror}"
            self._send({"id": request_id, "ok": False, "reason": reason})
            return
        if pid == 0:
            _become_runner(directory, answer_write)
        os.close(answer_write)
        self._directories[pid] = directory
        self._answers[answer_read] = (request_id, b"")
        self._poll.register(answer_read, select.POLLIN)

    def _pass_on_answer(self, fd: int) -> None:
        request_id, received = self._answers[fd]
        data = os.read(fd, _READ_BYTES)
        if data:
            self._answers[fd] = (request_id, received + data)
        if data and not data.endswith(b"\n"):
            return
        self._poll.unregister(fd)
        os.close(fd)
        _, received = self._answers.pop(fd)
        answer: Answer = {"ok": False, "reason": "the runner died before it could answer"}
        if received.endswith(b"\n"):
            answer = json.loads(received)
        self._send({"id": request_id, **answer})

    def _send(self, answer: Answer) -> None:
        data = json.dumps(answer).encode() + b"\n"
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except (BrokenPipeError, ConnectionResetError):
            pass  # the next read says that the other side has gone

    def _collect_dead(self) -> None:
        try:
            while os.read(self._wake, 4096):
                pass
        except BlockingIOError:
            pass
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            directory = self._directories.pop(pid, None)
            if status != 0 and directory is not None and os.fork() == 0:
                _become_closer(directory)


def _become_runner(directory: str, answer_fd: int) -> NoReturn:
    """In the forked child: run the instance, end."""
    code = 1
    try:
        _cut_ties(answer_fd)
        runner.name_runner(directory)
        runner.run(directory, _answer_once)
        code = 0
    except Exception as error:  # noqa: BLE001 - nobody is left above who could report it
        with contextlib.suppress(OSError):
            _answer_once({"ok": False, "reason": f"the runner failed: {error!r}"})
    finally:
        # Without the interpreter's shutdown, which would cost as much as all the rest.
        os._exit(code)


def _become_closer(directory: str) -> NoReturn:
    """In the forked child: close an instance whose runner was killed, end."""
    try:
        _cut_ties(os.open(os.devnull, os.O_WRONLY))
        runner.close_if_lost(directory)
    finally:
        os._exit(0)


def _cut_ties(answer_fd: int) -> None:
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # A stop that comes before anybody listens has to wait, not to kill.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _keep_only(answer_fd)


def _keep_only(answer_fd: int) -> None:
    """No descriptor of the agent stays open, above all not its socket nor its terminal."""
    # First out of the way of the numbers that are about to be used.
    answer = fcntl.fcntl(answer_fd, fcntl.F_DUPFD, 16)
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    os.dup2(answer, _ANSWER_FD, inheritable=False)
    os.closerange(_ANSWER_FD + 1, os.sysconf("SC_OPEN_MAX"))


def _answer_once(answer: Answer) -> None:
    # The agent may be gone by now: the instance runs all the same, and is found by its directory.
    with contextlib.suppress(BrokenPipeError):
        os.write(_ANSWER_FD, json.dumps(answer).encode() + b"\n")
    os.close(_ANSWER_FD)


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or arguments[0] != "--fd" or not arguments[1].isdigit():
        print("usage: python -m slipway.runtime.agent --fd N", file=sys.stderr)
        return 2
    if ON_LINUX:
        linux.name_process("slipway-agent")
    runner.warm_up()
    # What is loaded now is never garbage; left out of collections, its pages stay shared with
    # every runner.
    gc.collect()
    gc.freeze()
    linux.trim_memory()
    Agent(int(arguments[1])).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
