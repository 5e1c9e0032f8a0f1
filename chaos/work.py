"""The work that goes on while things are killed: tasks of several kinds, and a service that is called.

Every instance of a task notes `begun` and `done` in the task's output, so that what the platform
says can be compared with what the processes themselves saw.
"""

from __future__ import annotations

import random
import secrets
import sys
import threading
import time
from dataclasses import dataclass, field

import httpx

from slipway import Client
from slipway.sdk.errors import SlipwayError

LINES = 30
_PROGRAM = """
import os, time
out, rank = os.environ["ML_OUTPUT_DIR"], os.environ["INDEX"]
who = "%s %s %s" % (os.environ["SLIPWAY_ATTEMPT"], rank, os.getpid())
def note(name):
    while True:
        try:
            fd = os.open(os.path.join(out, name), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.write(fd, (who + chr(10)).encode())
            break
        except OSError:  # the disk is full
            time.sleep(0.1)
    os.fsync(fd)
note("begun")
for n in range({lines}):
    print("line", n, flush=True)
    time.sleep({pause_s})
note("done")
"""
_ECHO = """
import http.server, os
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        self.send_response(200); self.send_header("content-length", "2"); self.end_headers(); self.wfile.write(b"ok")
    def log_message(self, *a): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), H).serve_forever()
"""


@dataclass(frozen=True)
class Kind:
    """`instances` > 1 is a DDP task; `max_restarts` 0 means that a killed instance fails it."""

    name: str
    instances: int
    max_restarts: int


KINDS = (Kind("single", 1, 0), Kind("pair", 2, 0), Kind("restarts", 1, 10))


@dataclass
class Tasks:
    """Keeps `open_at_once` tasks wanted; more are wanted than fit, so that some always wait."""

    client: Client
    chance: random.Random
    group: str | None = None  # where they run; None: on this machine's own processes
    open_at_once: int = 8
    mark: str = field(
        default_factory=lambda: secrets.token_hex(6)
    )  # in every process's environment
    names: list[str] = field(default_factory=list)

    def top_up(self) -> None:
        open_now = [t for t in self.client.tasks.list() if t.state not in FINAL]
        for _ in range(self.open_at_once - len(open_now)):
            self._submit()

    def _submit(self) -> None:
        kind = self.chance.choice(KINDS)
        name = f"{kind.name}-{len(self.names)}"
        self.names.append(name)
        program = _PROGRAM.format(lines=LINES, pause_s=round(self.chance.uniform(0.02, 0.2), 3))
        form = {
            "environment": "python", "cpu_cores": 0.5, "memory_bytes": 64 << 20, "instances": kind.instances,
            "mode": "ddp" if kind.instances > 1 else "single", "max_restarts": kind.max_restarts,
            "env": {"CHAOS_RUN": self.mark},
            **({"resource_group": self.group} if self.group else {}),
        }  # fmt: skip
        while True:
            try:
                self.client.tasks.create(name, f"exec python -S -c '{program}'", **form)
                return
            except SlipwayError as refusal:
                if refusal.code == "name_taken":
                    return  # the answer to the first try was lost, the task was not
                if refusal.code not in ("unreachable", "storage_full"):
                    raise
                time.sleep(0.1)


FINAL = ("Completed", "Abnormal", "Stopped")


class Caller(threading.Thread):
    """Calls the service all the time and counts the answers."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._ending = threading.Event()
        self.answered: list[float] = []  # when each good answer had arrived
        self.unanswered = 0

    def run(self) -> None:
        with httpx.Client(timeout=20) as http:
            while not self._ending.wait(0.02):
                try:
                    good = http.get(self._url).status_code == 200
                except httpx.TransportError:
                    good = False
                if good:
                    self.answered.append(time.monotonic())
                else:
                    self.unanswered += 1

    def end(self) -> None:
        self._ending.set()
        self.join()


def start_service(client: Client) -> str:
    made = client.services.create(
        "echo", "custom", command=f"exec {sys.executable} -S -c '{_ECHO}'", cpu_cores=0.2,
        memory_bytes=128 << 20,
    )  # fmt: skip
    return client.services.wait(made.id, timeout_s=60).id
