"""`slipway train shell` and `service shell` at a real terminal, into real instances."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from slipway.sdk.client import Client
from slipway.sdk.types import TaskView
from tests.cli.conftest import Shell

LIMIT_S = 60


class Terminal:
    """A command at a terminal of its own: what a person sees and types."""

    def __init__(self, shell: Shell, *words: str, columns: int = 100, rows: int = 30) -> None:
        self.master, self._line = os.openpty()
        self.resize(columns, rows)
        self.modes = termios.tcgetattr(self.master)
        self.screen = b""
        self.process = subprocess.Popen(
            shell.words(*words), stdin=self._line, stdout=self._line, stderr=self._line,
            env=shell.environment, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip

    def types(self, text: str) -> None:
        os.write(self.master, text.encode())

    def sees(self, words: str) -> None:
        """Waits for it; what came up to it is not looked at again."""
        deadline = time.monotonic() + LIMIT_S
        while words.encode() not in self.screen:
            ready, _, _ = select.select([self.master], [], [], deadline - time.monotonic())
            assert ready, self.screen.decode(errors="replace")
            self.screen += os.read(self.master, 65536)
        self.screen = self.screen.partition(words.encode())[2]

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def ends(self) -> int:
        """The exit code; the terminal must be as it was."""
        deadline = time.monotonic() + LIMIT_S
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.screen.decode(errors="replace")
            if select.select([self.master], [], [], 0.05)[0]:
                self.screen += os.read(self.master, 65536)
        assert termios.tcgetattr(self.master) == self.modes
        return self.process.returncode

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self._line)


@pytest.fixture(scope="module")
def client(shell: Shell) -> Client:
    return shell.platform.client()


@pytest.fixture(scope="module")
def task(client: Client) -> TaskView:
    """Two instances that run."""
    made = client.tasks.create(
        "long", "exec sleep 1000", environment="python", mode="ddp", instances=2, cpu_cores=0.2,
        memory_bytes=1 << 28, env={"COLOUR": "grün"},
    )  # fmt: skip
    _until(lambda: [i.state for i in client.tasks.instances(made.id)] == ["running"] * 2)
    return made


@pytest.fixture
def terminal(shell: Shell) -> Iterator[object]:
    opened: list[Terminal] = []

    def start(*words: str) -> Terminal:
        opened.append(Terminal(shell, *words))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


@pytest.mark.covers("TRN-45")
def test_a_terminal_inside_a_task(terminal, task: TaskView) -> None:
    here = terminal("train", "shell", task.id)
    here.sees("Ctrl-] leaves")
    here.types("echo $COLOUR-$((40+2)) rank:$RANK; stty size\r")
    here.sees("grün-42 rank:0")
    here.sees("30 100")
    here.resize(71, 19)
    here.types("stty size\r")
    here.sees("19 71")
    here.types("sleep 973\r")
    _until(lambda: _running("973"))
    here.types("\x03")
    here.types("echo back:$((1+1))\r")
    here.sees("back:2")
    assert not _running("973")
    here.types("exit 7\r")
    assert here.ends() == 7


def test_the_instance_is_chosen_by_its_number(terminal, task: TaskView) -> None:
    here = terminal("train", "shell", task.id, "--instance", "1")
    here.types("echo rank:$RANK end:$((1+1))\r")
    here.sees("rank:1 end:2")
    here.types("kill -9 $$\r")
    assert here.ends() == 128 + 9


def test_it_can_be_left_while_a_program_holds_it(terminal, task: TaskView) -> None:
    here = terminal("train", "shell", task.id)
    here.types("trap '' INT HUP; echo on:$((1+1)); sleep 974\r")
    here.sees("on:2")
    _until(lambda: _running("974"))
    here.types("\x1d")
    assert here.ends() == 0
    _until(lambda: not _running("974"))


def test_lines_may_come_from_a_pipe(shell: Shell, task: TaskView) -> None:
    done = shell.run("train", "shell", task.id, given="echo piped:$((1+1))\nexit 5\n")
    assert done.returncode == 5, done.stderr
    assert "piped:2" in done.stdout
    assert shell.run("train", "shell", task.id, given="true\n").returncode == 0


def test_what_is_refused_is_one_sentence(shell: Shell, task: TaskView, client: Client) -> None:
    no_such = shell.run("train", "shell", task.id, "--instance", "9")
    assert (no_such.returncode, no_such.stdout) == (1, "")
    assert "No instance 9 runs here. There are: 0 (" in no_such.stderr
    ended = client.tasks.create("short", "true", environment="python", memory_bytes=1 << 27)
    client.tasks.wait(ended.id)
    gone = shell.run("train", "shell", ended.id)
    assert (gone.returncode, gone.stderr) == (1, "slipway: No instance runs here now.\n")


def test_a_terminal_inside_a_service(terminal, shell: Shell, client: Client) -> None:
    made = client.services.create(
        "web", "custom", command="exec python -m http.server $PORT", cpu_cores=0.2,
        memory_bytes=1 << 28, env={"COLOUR": "blau"},
    )  # fmt: skip
    client.services.wait(made.id)
    here = terminal("service", "shell", made.id)
    here.types("echo $COLOUR-$((40+2))\r")
    here.sees("blau-42")
    here.types("exit 3\r")
    assert here.ends() == 3
    client.services.stop_all(made.id)
    _until(lambda: client.services.get(made.id).state == "Stopped")
    assert "No instance runs here" in shell.run("service", "shell", made.id).stderr


def _running(seconds: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if words[:2] == [b"sleep", seconds.encode()]:
            found.append(path.parent.name)
    return found


def _until(condition) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
