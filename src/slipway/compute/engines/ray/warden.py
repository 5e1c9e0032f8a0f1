"""The warden of a machine: ends what nobody looks after any more.

`python -m slipway.compute.engines.ray.warden ROOT SECONDS`, started by the keeper and made to
outlive it. While a keeper holds the lease it sleeps. When the keeper has died (its machine left the
cluster, Ray was stopped, it was killed) the next keeper has SECONDS to take the lease, and finds
the instances running. If none comes, nobody can reach them: the platform will call them lost after
a longer time, and by then they must have ended. So they are ended, at once and without grace.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from slipway.compute.engines.identity import is_alive
from slipway.compute.engines.left import read_json
from slipway.compute.engines.ray.lease import Lease

_LOOK_AGAIN_S = 0.5
_ENDS_WITHIN_S = 20.0


def main(arguments: list[str]) -> int:
    root, adopt_within_s = Path(arguments[0]), float(arguments[1])
    if os.fork():
        return 0  # so that the keeper is not the parent: Ray ends a worker's children with it
    os.setsid()
    if not Lease(root / "warden.lock").take(adopt_within_s):
        return 0  # another one is on guard
    _guard(Lease(root / "keeper.lock"), root / "instances", adopt_within_s)
    _end_all(root / "instances")
    return 0


def _guard(lease: Lease, instances: Path, adopt_within_s: float) -> None:
    """Until there has been no keeper for that long, or nothing is left to guard."""
    while True:
        lease.wait()
        lease.release()
        if not any(map(_alive, _runners(instances))):
            return  # the next keeper brings a warden of its own
        deadline = time.monotonic() + adopt_within_s
        while time.monotonic() < deadline:
            time.sleep(_LOOK_AGAIN_S)
            if not lease.try_take():
                break
            lease.release()
        else:
            if lease.try_take():
                return


def _end_all(instances: Path) -> None:
    runners = _runners(instances)
    _signal(runners, signal.SIGINT)
    deadline = time.monotonic() + _ENDS_WITHIN_S
    while any(map(_alive, runners)) and time.monotonic() < deadline:
        time.sleep(0.05)
    _signal(runners, signal.SIGKILL)


def _runners(instances: Path) -> list[dict[str, Any]]:
    return [r for r in map(read_json, instances.glob("*/runner.json")) if r is not None]


def _signal(runners: list[dict[str, Any]], number: signal.Signals) -> None:
    for runner in filter(_alive, runners):
        with contextlib.suppress(ProcessLookupError):
            os.kill(runner["pid"], number)


def _alive(runner: dict[str, Any]) -> bool:
    return is_alive(runner["pid"], runner["start_ticks"], runner["boot_id"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
