"""The gateway with key check, RPM and TPM limits, metering and access log on, one core.

Beside it in the same run, turn and turn about: the bare upstream, nginx as a bare proxy (the lower
bound: it does none of these), and LiteLLM's proxy with a key and the same limits in memory.
Needs `wrk` and `nginx` (apt install wrk nginx-light) and two cores.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import httpx
from tests.gateway.control_plane import ControlPlane, key

from bench.figure import Figure, median
from bench.gateway import load, rolling, targets
from bench.gateway.load import Calls, Streams
from bench.gateway.targets import Target
from bench.process import pss_bytes, rss_bytes, tree

RUNS = 3
SECONDS = 3
IDLE_STREAMS = 10_000
CALLERS, ALLOWED, PROCESSES = 50, 10, 3
MIB = 2**20
MUST_WORK = ("upstream", "Slipway")
Run = TypeVar("Run", Calls, Streams)


def figures() -> list[Figure]:
    missing = [name for name in ("wrk", "nginx", "taskset") if shutil.which(name) is None]
    if missing:
        print(
            f"gateway: left out, no {' and no '.join(missing)} here (apt install wrk nginx-light)."
        )
        return []
    # The gateway has a socket each way for each of them.
    streams = min(IDLE_STREAMS, _open_files(2 * IDLE_STREAMS + 500) // 2 - 200)
    if (busy := os.getloadavg()[0]) > 1:
        print(f"gateway: other work is on this machine (load {busy:.1f}): read the ratios.")
    with tempfile.TemporaryDirectory(prefix="slipway-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        up = stack.enter_context(targets.upstreams(folder))
        slipway, control = stack.enter_context(targets.ours(folder, up))
        known = [targets.direct(up), slipway, stack.enter_context(targets.nginx_proxy(folder, up))]
        idle_pss = {slipway.name: _pss_mb(slipway)}
        try:
            known.append(stack.enter_context(targets.litellm(folder, up)))
            idle_pss["LiteLLM"] = _pss_mb(known[-1])
        except (subprocess.CalledProcessError, TimeoutError, OSError) as cause:
            why = getattr(cause, "stderr", None) or cause
            print(f"gateway: LiteLLM left out, it could not be installed or started: {why}")
        return [
            *_calls(known, folder, control),
            *_streams(known, control),
            _compared("gateway.idle_pss_mb", "MB", idle_pss, "LiteLLM"),
            _compared("gateway.start_s", "s", {t.name: t.started_s for t in known}, "LiteLLM"),
            _idle_streams(slipway, streams),
            *rolling.figures(),
            *_processes(folder, up, slipway),
        ]


def _processes(folder: Path, up: targets.Upstreams, alone: Target) -> list[Figure]:
    """How two processes compare with one on the same cores, and whether three count exactly.

    The load needs a core of its own, so the factor says something from four cores on.
    """
    cores = os.cpu_count() or 1
    found = []
    if cores >= 4:
        with targets.several(folder / "two", up, 2) as (two, _control):
            target = replace(two[0], pid=None)
            load.calls(target, 64, 1, folder)
            runs = [
                (load.calls(alone, 64, SECONDS, folder), load.calls(target, 64, SECONDS, folder))
                for _ in range(RUNS)
            ]
        factor = median([both.per_s / one.per_s for one, both in runs])
        found.append(Figure("gateway.scale_2proc", "x", factor))
    else:
        print(f"gateway: scale_2proc left out, it needs four cores and here are {cores}.")
    with targets.several(folder / "three", up, PROCESSES) as (three, control):
        error = _limit_error(three[0], control)
        found.append(Figure("gateway.limit_error", "calls", error))
    return found


def _calls(known: list[Target], folder: Path, control: ControlPlane) -> list[Figure]:
    for target in known:
        load.calls(target, 16, 1, folder)  # warm
    one = _in_turn(known, lambda target: load.calls(target, 1, SECONDS, folder), control)
    many = _in_turn(known, lambda target: load.calls(target, 64, SECONDS, folder), control)
    added50, added99 = (
        _added(one, lambda run: run.p50_ms), _added(one, lambda run: run.p99_ms)
    )  # fmt: skip
    per_core = {
        n: median([run.per_core_s for run in runs]) for n, runs in many.items() if n != "upstream"
    }
    cost_us = {name: 1e6 / per_s for name, per_s in per_core.items()}
    found = []
    for peer, mark in (("LiteLLM", ""), ("nginx", "_to_nginx")):
        found += [
            _compared(f"gateway.rps_core_c64{mark}", "1/s", per_core, peer),
            _compared(f"gateway.rps_c64{mark}", "1/s", _median(many, lambda run: run.per_s), peer),
            _compared(f"gateway.rps_c1{mark}", "1/s", _median(one, lambda run: run.per_s), peer),
            _compared(
                f"gateway.p50_ms_c64{mark}", "ms", _median(many, lambda run: run.p50_ms), peer
            ),
            _compared(
                f"gateway.p99_ms_c64{mark}", "ms", _median(many, lambda run: run.p99_ms), peer
            ),
            _compared(f"gateway.added_p50_ms_c1{mark}", "ms", added50, peer),
            _compared(f"gateway.added_p99_ms_c1{mark}", "ms", added99, peer),
            _compared(f"gateway.cpu_us_per_request{mark}", "us", cost_us, peer),
        ]
    return found


def _streams(known: list[Target], control: ControlPlane) -> list[Figure]:
    """64 callers of 100 events, 10 ms apart: the case of many readers at a usual speed."""
    seen = _in_turn(known, lambda target: load.streams(target, 64, SECONDS), control)
    per_core = {
        name: median([run.events / run.busy_s for run in runs])
        for name, runs in seen.items()
        if name != "upstream"
    }
    found = []
    for peer, mark in (("LiteLLM", ""), ("nginx", "_to_nginx")):
        found += [
            _compared(f"gateway.sse_events_per_core_s{mark}", "1/s", per_core, peer),
            _compared(f"gateway.sse_ttft_added_ms_c64{mark}", "ms", _added(seen, lambda run: run.ttft_p50_ms), peer),
            _compared(f"gateway.sse_ttft_added_p99_ms_c64{mark}", "ms", _added(seen, lambda run: run.ttft_p99_ms), peer),
        ]  # fmt: skip
    return found


def _in_turn(
    known: list[Target], measure: Callable[[Target], Run], control: ControlPlane
) -> dict[str, list[Run]]:
    """Each target in each round, so that a disturbance of the machine meets all of them.

    A peer that fails calls is left out from then on: what it did would not compare.
    """
    runs: dict[str, list[Run]] = defaultdict(list)
    for _ in range(RUNS):
        for target in list(known):
            try:
                runs[target.name].append(measure(target))
            except load.Failed as cause:
                if target.name in MUST_WORK:
                    raise
                print(f"gateway: no more of {cause}")
                known.remove(target)
                runs.pop(target.name, None)
        control.batches.clear()  # booked; kept any longer it would only fill memory
    return runs


def _limit_error(slipway: Target, control: ControlPlane) -> float:
    """How far from the limit's number the calls are that pass, of many at once; the worst of the runs."""
    errors = []
    for run in range(RUNS):
        secret = f"sk-limited-{run}"
        version = control.put("key", key(secret, secret, "ms-m1", limits={"rpm": ALLOWED}))
        url = f"http://127.0.0.1:{slipway.port}"
        known = 0  # every question may meet another process: many in a row are all of them
        while known < 20 * PROCESSES:
            is_current = httpx.get(f"{url}/healthz").json()["version"] >= version
            known = known + 1 if is_current else 0
        passed = asyncio.run(_at_once(f"{url}{targets.CHAT}", secret))
        errors.append(abs(passed - ALLOWED))
    return max(errors)


async def _at_once(url: str, secret: str) -> int:
    body = {"model": "m1", "messages": [{"role": "user", "content": "hi"}]}
    limits = httpx.Limits(max_connections=CALLERS)
    async with httpx.AsyncClient(limits=limits, trust_env=False, timeout=10) as http:
        headers = {"authorization": f"Bearer {secret}"}
        calls = [http.post(url, json=body, headers=headers) for _ in range(CALLERS)]
        return sum(answer.status_code == 200 for answer in await asyncio.gather(*calls))


def _idle_streams(slipway: Target, count: int) -> Figure:
    """The gateway's memory while it holds streams that say nothing."""
    client = load.hold(slipway, count)
    try:
        assert slipway.pid is not None
        memory = rss_bytes(tree(slipway.pid)) / MIB
    finally:
        client.kill()
        client.wait()
    if count == IDLE_STREAMS:
        return Figure("gateway.rss_10k_streams_mb", "MB", memory)
    print(f"gateway: {count} idle streams, the limit of open files allows no more (ulimit -n).")
    return Figure(f"gateway.rss_{count}_streams_mb", "MB", memory)


def _open_files(wanted: int) -> int:
    """How many files the next gateway may open: `wanted`, or fewer where we may not raise the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for limits in ((wanted, max(wanted, hard)), (hard, hard)):
        with contextlib.suppress(ValueError, OSError):
            if soft < wanted:
                resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            break
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _pss_mb(target: Target) -> float:
    assert target.pid is not None
    return pss_bytes(tree(target.pid)) / MIB


def _median(runs: dict[str, list[Run]], what: Callable[[Run], float]) -> dict[str, float]:
    return {name: median([what(run) for run in found]) for name, found in runs.items()}


def _added(runs: dict[str, list[Run]], what: Callable[[Run], float]) -> dict[str, float]:
    """Over the bare upstream, from the medians."""
    found = _median(runs, what)
    return {name: value - found["upstream"] for name, value in found.items()}


def _compared(name: str, unit: str, values: dict[str, float], peer: str) -> Figure:
    if peer not in values:
        return Figure(name, unit, values["Slipway"])
    return Figure(name, unit, values["Slipway"], peer, values[peer])
