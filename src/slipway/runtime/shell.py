"""A shell inside a running instance: `python -m slipway.runtime.shell --dir INSTANCE`.

The shell has what the instance's command has: user, environment, working directory, control
groups and mount namespace. Where the command runs without a namespace, so does the shell.

The caller speaks over stdin in frames (a kind, four bytes of length, the content): `d` is what
was typed, `r` is a new size "columns rows". Stdout holds one line of JSON, which says whether
the shell runs, and then what it writes. When stdin closes or the instance ends, everything that
was started in the shell ends.
"""

import argparse
import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from typing import Any, NamedTuple, NoReturn

from slipway.runtime import limits, linux
from slipway.runtime.identity import is_alive
from slipway.runtime.launch import ON_LINUX
from slipway.runtime.proctree import descendants
from slipway.runtime.spec import Spec, load_spec
from slipway.runtime.state import read_json
from slipway.runtime.surroundings import environment
from slipway.runtime.view import located

_BLOCK = 65536
_HEAD = struct.Struct(">cI")
_MOST_WAITING = 1 << 20  # typed and not yet read by the program in the shell
_HANG_UP_S = 0.5  # for programs to go by themselves
_LOOK_S = 1.0  # how often the command is looked at where the system has no pidfd


class NoShell(Exception):
    """The message is a sentence for the user."""


class Inside(NamedTuple):
    """What the shell shares with the command of the instance."""

    command: int
    ticks: int
    boot: str
    spec: Spec
    env: dict[str, str]
    workdir: str
    namespace: bool
    cgroups: tuple[str, ...]

    def is_alive(self) -> bool:
        return is_alive(self.command, self.ticks, self.boot)


def find(directory: str) -> Inside:
    """Raises NoShell where the command does not run."""
    runner = read_json(f"{directory}/runner.json") or {}
    command = runner.get("command_pid")
    if not command or os.path.exists(f"{directory}/exit.json"):
        raise NoShell("The instance is not running its command.")
    spec, namespace = load_spec(f"{directory}/spec.json"), bool(runner["namespace"])
    env = environment(spec, directory, f"{directory}/metrics.jsonl", namespace)
    if not any(name in env for name in ("LC_ALL", "LC_CTYPE", "LANG")):
        env["LANG"] = "C.UTF-8"
    inside = Inside(
        command=command,
        ticks=runner["command_start_ticks"],
        boot=runner["boot_id"],
        spec=spec,
        env=env | {"TERM": "xterm-256color"},
        workdir=spec.workdir if namespace else located(spec.workdir, spec, directory),
        namespace=namespace,
        cgroups=tuple(runner.get("cgroups", ())),
    )
    if not inside.is_alive():
        raise NoShell("The instance is not running its command.")
    return inside


def run(directory: str, columns: int, rows: int) -> int:
    try:
        inside = find(directory)
        shell, terminal = _start(inside, columns, rows)
    except (NoShell, OSError) as error:
        _tell({"ok": False, "reason": str(error)})
        return 1
    _tell({"ok": True, "namespace": inside.namespace})
    code = 1
    try:
        Relay(inside, shell, terminal).run()
    finally:
        code = _end_all(shell, terminal)
    return code


def _start(inside: Inside, columns: int, rows: int) -> tuple[int, int]:
    """The shell's pid and the terminal to talk to it."""
    if ON_LINUX:
        linux.adopt_orphans()
    namespaces = _namespaces(inside)
    shell, terminal = pty.fork()
    if shell == 0:
        _become_shell(inside, namespaces)
    for fd, _kind in namespaces:
        os.close(fd)
    _resize(terminal, columns, rows)
    os.set_blocking(terminal, False)
    return shell, terminal


def _namespaces(inside: Inside) -> list[tuple[int, int]]:
    """Held before the fork, in the order to enter them; then it is certain whose they are."""
    if not inside.namespace:
        return []
    kinds = [("mnt", linux.CLONE_NEWNS)]
    if os.geteuid() != 0:
        kinds.insert(0, ("user", linux.CLONE_NEWUSER))
    found = [
        (os.open(f"/proc/{inside.command}/ns/{name}", os.O_RDONLY | os.O_CLOEXEC), kind)
        for name, kind in kinds
    ]
    if not inside.is_alive():
        raise NoShell("The instance has just ended.")
    return found


def _become_shell(inside: Inside, namespaces: list[tuple[int, int]]) -> NoReturn:
    """Nothing is imported from here on: inside the namespace the files are the user's."""
    try:
        for group in inside.cgroups:
            with contextlib.suppress(OSError):
                limits.join_group(group)
        limits.set_resource_limits()
        for fd, kind in namespaces:
            linux.setns(fd, kind)
        _enter(inside.workdir)
        if ON_LINUX:
            if namespaces:
                keep = linux.KEPT_CAPABILITIES if os.geteuid() == 0 else frozenset[int]()
                linux.drop_privileges(keep)
            # Not SIGKILL: a shell that is hung up passes it on to its jobs.
            linux.die_with_parent(signal.SIGHUP)
        for name in ("bash", "sh"):
            with contextlib.suppress(FileNotFoundError):
                os.execvpe(name, (name,), inside.env)
        print("There is no shell in this instance.", flush=True)
    except OSError as error:
        print(f"The shell could not be started: {error}", flush=True)
    finally:
        os._exit(126)


def _enter(workdir: str) -> None:
    try:
        os.chdir(workdir)
    except OSError:
        os.chdir("/")


class Relay:
    """Between the caller and the terminal, until one of them or the instance is gone."""

    def __init__(self, inside: Inside, shell: int, terminal: int) -> None:
        self._inside, self._shell, self._terminal = inside, shell, terminal
        self._typed = b""
        self._received = b""

    def run(self) -> None:
        poll = select.poll()
        poll.register(0, select.POLLIN)
        pidfd, shell_fd = _pidfd(self._inside.command), _pidfd(self._shell)
        for fd in (pidfd, shell_fd):
            if fd is not None:
                poll.register(fd, select.POLLIN)
        while self._inside.is_alive():
            poll.register(self._terminal, select.POLLIN | (select.POLLOUT if self._typed else 0))
            if len(self._typed) > _MOST_WAITING:
                poll.modify(0, 0)  # a program that does not read holds its typist up
            else:
                poll.modify(0, select.POLLIN)
            for fd, events in poll.poll(None if pidfd is not None else _LOOK_S * 1000):
                if fd == self._terminal and not self._serve_terminal(events):
                    return
                if fd == 0 and not self._receive():
                    return
                if fd == shell_fd:  # a job it left in the background may still hold the terminal
                    self._read_rest()
                    return
        os.write(1, b"\r\n[The instance has ended.]\r\n")

    def _serve_terminal(self, events: int) -> bool:
        if events & select.POLLOUT and self._typed:
            with contextlib.suppress(BlockingIOError):
                self._typed = self._typed[os.write(self._terminal, self._typed) :]
        if events & (select.POLLIN | select.POLLHUP | select.POLLERR):
            try:
                written = os.read(self._terminal, _BLOCK)
            except BlockingIOError:
                return True
            except OSError:
                return False  # Linux says EIO when the last program has closed the terminal
            if not written:
                return False
            _write_all(1, written)
        return True

    def _read_rest(self) -> None:
        with contextlib.suppress(OSError):  # there is no more, now or ever
            while written := os.read(self._terminal, _BLOCK):
                _write_all(1, written)

    def _receive(self) -> bool:
        part = os.read(0, _BLOCK)
        if not part:
            return False
        self._received += part
        while len(self._received) >= _HEAD.size:
            kind, length = _HEAD.unpack_from(self._received)
            end = _HEAD.size + length
            if len(self._received) < end:
                break
            content, self._received = self._received[_HEAD.size : end], self._received[end:]
            if kind == b"d":
                self._typed += content
            else:
                columns, rows = content.split()
                _resize(self._terminal, int(columns), int(rows))
        return True


def _pidfd(pid: int) -> int | None:
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(pid)
    except OSError:
        return None


def _resize(terminal: int, columns: int, rows: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _end_all(shell: int, terminal: int) -> int:
    """Hang up; what stays is killed, also what left the session: it is our descendant still.

    Returns how the shell ended, as shells say it of their programs.
    """
    ended: dict[int, int] = {}
    os.close(terminal)
    _signal_all(shell, signal.SIGHUP, ended)
    deadline = time.monotonic() + _HANG_UP_S
    while _left(shell, ended) and time.monotonic() < deadline:
        time.sleep(0.01)
    while left := _left(shell, ended):
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
    code = os.waitstatus_to_exitcode(ended.get(shell, 0))
    return code if code >= 0 else 128 - code


def _signal_all(shell: int, number: int, ended: dict[int, int]) -> None:
    for pid in _left(shell, ended):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _left(shell: int, ended: dict[int, int]) -> list[int]:
    """Who is still there; the wait statuses of the others are put into `ended`."""
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            ended[pid] = status
    if ON_LINUX:
        return [process.pid for process in descendants(os.getpid())]
    try:
        os.kill(shell, 0)
    except ProcessLookupError:
        return []
    return [shell]


def _tell(said: dict[str, Any]) -> None:
    os.write(1, json.dumps(said).encode() + b"\n")


def _write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]


def main() -> int:
    parser = argparse.ArgumentParser(prog="slipway.runtime.shell")
    parser.add_argument("--dir", required=True)
    parser.add_argument("--columns", type=int, default=80)
    parser.add_argument("--rows", type=int, default=24)
    asked = parser.parse_args()
    try:
        return run(asked.dir, asked.columns, asked.rows)
    except BrokenPipeError:
        return 0  # whoever asked is gone, and everything has been ended


if __name__ == "__main__":
    sys.exit(main())
