"""Ray on this machine, as `slipway node join` started it: known by its identity, ended as a whole."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from slipway.compute.engines.identity import boot_id, is_alive, start_ticks

_STARTED = "Ray runtime started"
_STARTS_WITHIN_S = 120.0
_ENDS_WITHIN_S = 30.0


class DidNotStart(Exception):
    """The message is what Ray said."""


def start(command: Sequence[str], log: Path) -> dict[str, Any]:
    """Ray in the background; who it is, once it runs. Raises DidNotStart.

    `ray start --block` in a session of its own: it stays as the one process that knows what it has
    started, and ends all of it when it is ended or one of them dies.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--block"], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    who = {"pid": process.pid, "start_ticks": start_ticks(process.pid), "boot_id": boot_id()}
    deadline = time.monotonic() + _STARTS_WITHIN_S
    while _STARTED not in (said := log.read_text(errors="replace")):
        if process.poll() is not None or time.monotonic() > deadline:
            stop(who)
            raise DidNotStart(said.strip()[-2000:])
        time.sleep(0.1)
    return who


def runs(who: dict[str, Any] | None) -> bool:
    return who is not None and is_alive(who["pid"], who["start_ticks"], who["boot_id"])


def stop(who: dict[str, Any]) -> None:
    """Nothing of it is left when this returns; what the platform runs here is not Ray's and goes on."""
    _signal(who, signal.SIGTERM)
    deadline = time.monotonic() + _ENDS_WITHIN_S
    while runs(who) and time.monotonic() < deadline:
        time.sleep(0.1)
    _signal(who, signal.SIGKILL)


def _signal(who: dict[str, Any], number: signal.Signals) -> None:
    if runs(who):
        with contextlib.suppress(ProcessLookupError):
            os.kill(who["pid"], number)
