"""Runs in every instance of an MPI or Horovod task: takes what the launcher sends, and the command.

    python -m slipway.runtime.mpi.serve launcher COMMAND   the command's end is the instance's
    python -m slipway.runtime.mpi.serve worker COMMAND     the same if it fails; else until the launcher ends
    python -m slipway.runtime.mpi.serve serve              until the platform ends it

The platform's own end of the instance kills whatever is left; nothing is cleaned up here.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from slipway.runtime.mpi import wire
from slipway.runtime.mpi.peers import peer

_SHELLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin")
_RETRY_S = 0.1


def main(arguments: list[str]) -> int:
    role, command = arguments[0], arguments[1] if len(arguments) > 1 else None
    server = socket.create_server(("", int(os.environ["PORT_MPI"])), reuse_port=False, backlog=128)
    threading.Thread(target=_serve, args=(server,), daemon=True).start()
    if command is None:
        threading.Event().wait()
    code = _run(command or "")
    if role == "worker" and code == 0:
        _wait_for_launcher()
    return code


def _run(command: str) -> int:
    """The user's command, in this instance's own process group so that a stop reaches it."""
    child = subprocess.Popen(["bash", "-c", command], env=_environment())
    signal.signal(signal.SIGTERM, lambda *_: None)  # the group gets it: the command decides
    code = child.wait()
    return 128 - code if code < 0 else code


def _environment() -> dict[str, str]:
    """Programs that insist on a remote shell (horovodrun, DeepSpeed) find ours as `ssh`."""
    env = dict(os.environ)
    env["PATH"] = os.pathsep.join([_SHELLS, env.get("PATH", os.defpath)])
    env["SLIPWAY_PYTHON"] = sys.executable
    return env


def _wait_for_launcher() -> None:
    """A connection that the launcher holds open for as long as it lives."""
    address = peer(os.environ["SLIPWAY_MPI_LAUNCHER"])
    print("The command has ended; serving the launcher.", flush=True)
    while True:
        try:
            link = wire.connect(address, {"op": "stay"}, wire.secret())
            break
        except (OSError, wire.NotProven):
            time.sleep(_RETRY_S)  # not up yet; the platform ends this instance if it never is
    with link, contextlib.suppress(OSError):
        while link.recv(4096):
            pass


def _serve(server: socket.socket) -> None:
    while True:
        link, _ = server.accept()
        threading.Thread(target=_answer, args=(link,), daemon=True).start()


def _answer(link: socket.socket) -> None:
    with link:
        try:
            request = wire.accept(link, wire.secret())
        except (OSError, wire.NotProven):
            return
        with contextlib.suppress(OSError):
            if request.get("op") == "run":
                _run_for(link, str(request["command"]))
            else:
                while link.recv(4096):  # `stay`: until one of us ends
                    pass


def _run_for(link: socket.socket, command: str) -> None:
    """Output and exit code go back; when the caller goes away the program is ended."""
    child = subprocess.Popen(
        ["bash", "-c", command], env=_environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    assert child.stdout is not None
    threading.Thread(target=_end_with_caller, args=(link, child), daemon=True).start()
    while data := os.read(child.stdout.fileno(), 65536):
        wire.send(link, wire.OUTPUT, data)
    code = child.wait()
    wire.send(link, wire.EXIT, str(128 - code if code < 0 else code).encode())
    link.shutdown(socket.SHUT_RDWR)


def _end_with_caller(link: socket.socket, child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        while link.recv(4096):
            pass
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
