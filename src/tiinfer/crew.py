"""One generation of a model: imports the package, starts the processes, keeps them alive.

A child of the front, which it talks to over a socket: the plan goes out as a line of JSON, "go"
comes when the front listens for the processes, "stop" (or the front's end) ends everything.
Statuses: 0 told to stop, 1 the package or its processes cannot serve.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import socket
import sys
import time
from multiprocessing import connection, get_context
from typing import Any

from tiinfer import logs, settings
from tiinfer.loading import enter_package, import_package
from tiinfer.plan import Plan, make_plan
from tiinfer.stages import PackageError

logger = logging.getLogger("tiinfer")

LOOK_EVERY_S = 0.5
PROCESSES_END_WITHIN_S = 5.0


def main() -> int:
    arguments = _parser().parse_args()
    # mosec reads sys.argv while it is imported and would take our options for its own.
    sys.argv[1:] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the front decides when to end
    with socket.socket(fileno=arguments.control) as control:
        try:
            logs.prepare_logging()
            enter_package()
            plan = make_plan(import_package())
            logs.set_up_logging()
            settings.log_settings()
        except PackageError as error:
            sys.stdout.flush()
            sys.stderr.write(f"tiinfer: {error}\n")
            return 1
        return Crew(plan, arguments.sockets, arguments.timeout / 1000, control).run()


class Crew:
    def __init__(self, plan: Plan, sockets: str, timeout_s: float, control: socket.socket) -> None:
        from tiinfer.processes import StageProcesses

        context = get_context("spawn")
        self._shutdown, self._notify = context.Event(), context.Event()
        self._plan = plan
        self._control = control
        self._stages = [
            StageProcesses(stage, at, sockets, timeout_s, self._shutdown, self._notify)
            for at, stage in enumerate(plan.stages, 1)
        ]

    def run(self) -> int:
        told = self._plan.as_json([stage.name for stage in self._stages])
        self._control.sendall(json.dumps(told).encode() + b"\n")
        if self._control.recv(16) != b"go\n":
            return 0
        for stage in self._stages:
            logger.info("stage %s x %d", stage.stage.worker.__name__, stage.stage.num)
            stage.keep(first=True)
        try:
            return self._watch()
        finally:
            self._end()

    def _watch(self) -> int:
        while True:
            sentinels: list[Any] = [s for stage in self._stages for s in stage.sentinels()]
            ready = connection.wait([self._control, *sentinels], LOOK_EVERY_S)
            if self._control in ready:
                self._notify.set()
                return 0
            for stage in self._stages:
                if not stage.keep(first=False):
                    logger.error("stopping: all the %s workers exited", stage.name)
                    return 1

    def _end(self) -> None:
        self._notify.set()
        self._shutdown.set()
        deadline = time.monotonic() + PROCESSES_END_WITHIN_S
        for stage in self._stages:
            stage.end(deadline)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tiinfer.crew", description=__doc__)
    parser.add_argument("--control", type=int, required=True, help="the socket to the front")
    parser.add_argument("--sockets", required=True, help="folder of the stages' sockets")
    parser.add_argument("--timeout", type=int, required=True, metavar="MS")
    return parser


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # Daemonic processes are ended already; the interpreter's own tidying costs start-stop time.
    os._exit(code)
