"""Starting one program of an instance: fork, confine, wait for the word, exec.

The child reports on a pipe: first that it is ready (or why not), then, if exec fails, that.
The pipe closes by itself when exec succeeds. Between the two it waits for the runner, which
uses the pause to note the child in runner.json and to hold on to its namespaces.
"""

import json
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn

from slipway.runtime import limits, linux, namespace
from slipway.runtime.limits import Cgroup
from slipway.runtime.spec import Argv
from slipway.runtime.view import View

ON_LINUX = sys.platform == "linux"

# What the runner handles and what Python ignores.
_RESET = (
    *(signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGHUP),
    *(signal.SIGPIPE, signal.SIGXFSZ),
)


class Namespaces(NamedTuple):
    """Descriptors of a namespace that already stands; later programs of the instance join it."""

    mount: int
    user: int | None  # None where the runner is root


class Program(NamedTuple):
    argv: Argv
    env: Mapping[str, str]
    workdir: str
    view: View | None  # None: no namespace
    inside: Namespaces | None  # join this one instead of making one from `view`
    cgroup: Cgroup


class Started(NamedTuple):
    pid: int
    output: int  # read end of stdout and stderr together
    notes: list[str]
    namespaces: Namespaces | None


class CouldNotStart(Exception):
    """The message completes the sentence "could not start: ..."."""

    def __init__(self, why: str, *, namespace_refused: bool = False) -> None:
        super().__init__(why)
        self.namespace_refused = namespace_refused


class Prepared:
    """A child that is ready and waits for `go`."""

    def __init__(self, pid: int, output: int, report: int, go: int, said: dict[str, Any]) -> None:
        self.pid = pid
        self._output, self._report, self._go = output, report, go
        self._notes: list[str] = said["notes"]

    def go(self, program: Program) -> Started:
        """Let it exec. Raises CouldNotStart."""
        held = None
        if program.view is not None and program.inside is None:
            held = _hold_namespaces(self.pid)
        os.write(self._go, b"g")
        os.close(self._go)
        said = _read_report(self._report)
        os.close(self._report)
        if said:
            os.close(self._output)
            os.waitpid(self.pid, 0)
            raise CouldNotStart(said["failed"])
        return Started(self.pid, self._output, self._notes, held)


def prepare(program: Program) -> Prepared:
    """Fork the child and wait until it stands in its namespace. Raises CouldNotStart."""
    output_read, output_write = os.pipe()
    report_read, report_write = os.pipe()
    go_read, go_write = os.pipe()
    pid = program.cgroup.fork()
    if pid == 0:
        os.close(go_write)
        _child(program, output_write, report_write, go_read)
    for fd in (output_write, report_write, go_read):
        os.close(fd)
    said = _read_report(report_read)
    if said is None or "failed" in said:
        for fd in (output_read, report_read, go_write):
            os.close(fd)
        _, status = os.waitpid(pid, 0)
        raise _why_not(said, status)
    return Prepared(pid, output_read, report_read, go_write, said)


def _why_not(said: dict[str, Any] | None, status: int) -> CouldNotStart:
    if said is not None:
        return CouldNotStart(said["failed"], namespace_refused=bool(said.get("refused")))
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        return CouldNotStart(f"the program was killed by {name} while it was being prepared")
    return CouldNotStart("the program ended while it was being prepared")


def _read_report(fd: int) -> dict[str, Any] | None:
    """One line, or None if the other side has closed without one."""
    data = b""
    while not data.endswith(b"\n"):
        part = os.read(fd, 65536)
        if not part:
            return None
        data += part
    value: dict[str, Any] = json.loads(data)
    return value


def _hold_namespaces(pid: int) -> Namespaces:
    user = None
    if os.geteuid() != 0:
        user = os.open(f"/proc/{pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    return Namespaces(os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC), user)


def _child(program: Program, output: int, report: int, go: int) -> NoReturn:
    runner = os.getppid()
    try:
        os.setsid()
        os.umask(0o022)
        _reset_signals()
        notes = _confine(program)
        _connect(output)
        _enter_directory(program.workdir)
        if ON_LINUX:
            _bind_to(runner, confined=program.view is not None)
        _say(report, {"notes": notes})
        if not os.read(go, 1):
            os._exit(1)
        _exec(program)
    except CouldNotStart as error:
        _say(report, {"failed": str(error), "refused": error.namespace_refused})
    except OSError as error:
        _say(report, {"failed": str(error)})
    finally:
        os._exit(1)


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in _RESET:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _confine(program: Program) -> list[str]:
    notes = []
    try:
        program.cgroup.join()
    except OSError as error:
        notes.append(f"The limits are not enforced: joining the control group failed: {error}")
    limits.set_resource_limits()
    if program.view is not None:
        _enter_namespace(program.view, program.inside)
    return notes


def _enter_namespace(view: View, inside: Namespaces | None) -> None:
    if inside is not None:
        if inside.user is not None:
            linux.setns(inside.user, linux.CLONE_NEWUSER)
        linux.setns(inside.mount, linux.CLONE_NEWNS)
        return
    try:
        namespace.enter(view)
    except namespace.NotPermitted as error:
        raise CouldNotStart(str(error), namespace_refused=True) from error
    except namespace.NotPrepared as error:
        raise CouldNotStart(str(error)) from error


def _connect(output: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(nothing)


def _enter_directory(path: str) -> None:
    try:
        os.chdir(path)
    except FileNotFoundError as error:
        raise CouldNotStart(f"the working directory does not exist: {path}") from error
    except OSError as error:
        why = f"the working directory {path} cannot be entered: {error.strerror}"
        raise CouldNotStart(why) from error


def _bind_to(runner: int, *, confined: bool) -> None:
    if confined:
        keep = linux.KEPT_CAPABILITIES if os.geteuid() == 0 else frozenset[int]()
        linux.drop_privileges(keep)
    # After the change of privileges, which would clear it.
    linux.die_with_parent()
    if os.getppid() != runner:
        os._exit(1)  # the runner died before the line above


def _exec(program: Program) -> NoReturn:
    name = program.argv[0]
    try:
        os.execvpe(name, program.argv, program.env)
    except FileNotFoundError as error:
        if name == "bash":
            os.execvpe("sh", ("sh", *program.argv[1:]), program.env)
        if "/" in name and os.path.exists(name):
            why = f"the interpreter that {name} names in its first line does not exist"
            raise CouldNotStart(why) from error
        raise CouldNotStart(f"command not found: {name}") from error
    except PermissionError as error:
        raise CouldNotStart(f"command is not executable: {name}") from error
    except OSError as error:
        raise CouldNotStart(f"{name}: {error.strerror}") from error


def _say(report: int, message: dict[str, Any]) -> None:
    os.write(report, json.dumps(message).encode() + b"\n")
