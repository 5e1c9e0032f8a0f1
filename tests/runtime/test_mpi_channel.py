"""The launcher's way to its workers: who may use it, what comes back, and when it ends (TRN-54..56)."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from slipway.runtime.mpi import serve
from slipway.runtime.mpi.reach import split

SECRET = "of this task"


@pytest.fixture
def env() -> dict[str, str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    return {
        **os.environ, "PORT_MPI": str(port), "SLIPWAY_GROUP_SECRET": SECRET, "SLIPWAY_PYTHON": sys.executable,
        "SLIPWAY_MPI_PEERS": json.dumps({"worker-0": ["127.0.0.1", port]}), "SLIPWAY_MPI_LAUNCHER": "worker-0",
    }  # fmt: skip


@contextlib.contextmanager
def serving(env: dict[str, str], *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "slipway.runtime.mpi.serve", *arguments], env=env
    )
    try:
        _until_open(int(env["PORT_MPI"]))
        yield child
    finally:
        child.kill()
        child.wait()


def _until_open(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.02)
    raise AssertionError("nobody listens")


def reach(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "slipway.runtime.mpi.reach", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=30)


@pytest.mark.covers("TRN-56")
def test_a_worker_runs_what_the_launcher_sends_and_gives_back_output_and_code(
    env: dict[str, str],
) -> None:
    with serving(env, "serve") as worker:
        done = reach(env, "worker-0", "echo $PORT_MPI;", "exit", "7")
        assert (done.stdout, done.returncode) == (f"{env['PORT_MPI']}\n", 7)
        ssh = Path(serve.__file__).parent / "bin" / "ssh"
        shim = [ssh, "-o", "BatchMode=yes", "-p", "22", "root@worker-0", "echo by ssh"]
        assert subprocess.check_output(shim, env=env, timeout=30) == b"by ssh\n"
        assert worker.poll() is None  # it serves until the platform ends it


def test_who_does_not_know_the_secret_starts_nothing(env: dict[str, str], tmp_path: Path) -> None:
    with serving(env, "serve"):
        other = env | {"SLIPWAY_GROUP_SECRET": "of another task"}
        done = reach(other, "worker-0", f"touch {tmp_path}/started")
        assert done.returncode == 255
        assert "cannot be reached" in done.stderr
        for said in (b"\n", b"{}\n", b'{"text": "{}", "mac": ""}\n', b"\xff\xfe\n", b"[]\n"):
            with socket.create_connection(("127.0.0.1", int(env["PORT_MPI"])), timeout=10) as link:
                link.sendall(said)
                while link.recv(4096):
                    pass  # closed by the other side
        assert reach(env, "worker-0", "echo still there").stdout == "still there\n"
    assert list(tmp_path.iterdir()) == []


def test_a_host_of_another_task_is_not_known(env: dict[str, str]) -> None:
    done = reach(env, "elsewhere", "true")
    assert (done.returncode, done.stderr) == (255, "elsewhere is no instance of this task.\n")


@pytest.mark.covers("TRN-54")
def test_a_worker_whose_command_fails_ends_with_its_code(env: dict[str, str]) -> None:
    command = [sys.executable, "-P", "-m", "slipway.runtime.mpi.serve", "worker", "exit 4"]
    assert subprocess.run(command, env=env, timeout=30).returncode == 4


def test_what_was_started_ends_with_its_caller(env: dict[str, str], tmp_path: Path) -> None:
    with serving(env, "serve"):
        mark = tmp_path / "ended"
        command = f"trap 'touch {mark}; exit' TERM; echo up; while :; do sleep 0.05; done"
        caller = subprocess.Popen(
            [sys.executable, "-P", "-m", "slipway.runtime.mpi.reach", "worker-0", command],
            env=env, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert caller.stdout is not None
        assert caller.stdout.readline() == b"up\n"
        caller.kill()
        caller.wait()
        caller.stdout.close()
        deadline = time.monotonic() + 20
        while not mark.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["h", "orted", "-mca", "x"], ("h", "orted -mca x")),
        (["-x", "-o", "A=b", "root@h", "run"], ("h", "run")),
        (["-oA=b", "--", "h", "run -p 1"], ("h", "run -p 1")),
    ],
)
def test_ssh_options_are_passed_over(arguments: list[str], expected: tuple[str, str]) -> None:
    assert split(arguments) == expected
