"""`python -m slipway.runtime.load --config FILE --keys FILE`: one step for each number of callers.

Writes a line for each second and each finished step into SLIPWAY_METRICS_FILE, where the platform
reads them. A signal ends the step that is running, which counts for the time that it ran.

Statuses: 0 done or told to stop; 1 not a single answer came (the reason is the last line).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from slipway.runtime.load.connection import Caller, Target, target
from slipway.runtime.load.measures import Measures


def main() -> int:
    parser = argparse.ArgumentParser(prog="slipway.runtime.load", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--keys", type=Path, help="JSON with the key to call with, if any")
    arguments = parser.parse_args()
    config = json.loads(arguments.config.read_bytes())
    with contextlib.suppress(ImportError):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    to = target(
        config["url"], config["method"], _headers(config, arguments.keys), config["body"].encode(),
        config["timeout_s"],
    )  # fmt: skip
    return asyncio.run(run(to, config["steps"], config["seconds"]))


async def run(to: Target, steps: list[int], seconds: float) -> int:
    stop = asyncio.Event()
    for told in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(told, stop.set)
    answered, failures = 0, Counter[str]()
    for number, concurrency in enumerate(steps):
        measures = await run_step(to, number, concurrency, seconds, stop)
        answered += len(measures.took_s)
        failures += measures.failures
        _tell(number, measures.summary() | {f"failed_{k}": v for k, v in measures.failures.items()})
        _print(measures)
        if stop.is_set():
            print("stopped", flush=True)
            return 0
    if not answered:
        why = failures.most_common(1)[0][0] if failures else "nothing was sent"
        print(f"No request succeeded: {why}.", file=sys.stderr)
        return 1
    return 0


async def run_step(
    to: Target, number: int, concurrency: int, seconds: float, stop: asyncio.Event
) -> Measures:
    measures = Measures(concurrency)
    began = time.monotonic()
    until = began + seconds
    callers = [asyncio.create_task(Caller(to, measures.add).run(until)) for _ in range(concurrency)]
    waits: set[asyncio.Future[Any]] = {
        everybody := asyncio.ensure_future(asyncio.gather(*callers)),
        stopping := asyncio.ensure_future(stop.wait()),
    }
    told = began
    while not everybody.done() and not stop.is_set():
        await asyncio.wait(waits, timeout=1, return_when=asyncio.FIRST_COMPLETED)
        now = time.monotonic()
        if now - told >= 0.5:
            _tell(number, measures.lately(now - told))
            told = now
    measures.seconds = time.monotonic() - began
    stopping.cancel()
    for caller in callers:
        caller.cancel()
    await asyncio.gather(*callers, return_exceptions=True)
    with contextlib.suppress(asyncio.CancelledError):
        await everybody
    return measures


def _headers(config: dict[str, Any], keys: Path | None) -> dict[str, str]:
    headers = {"content-type": config["content_type"], "user-agent": "slipway-load"}
    if keys is not None and keys.is_file():
        secret = json.loads(keys.read_bytes()).get("0")
        if secret:
            headers["authorization"] = f"Bearer {secret}"
    return headers


def _tell(step: int, metrics: dict[str, float]) -> None:
    path = os.environ.get("SLIPWAY_METRICS_FILE")
    if not path:
        return
    line = json.dumps({"t": time.time(), "step": step, "metrics": metrics}) + "\n"
    with open(path, "a", encoding="utf-8") as file:
        file.write(line)


def _print(measures: Measures) -> None:
    found = measures.summary()
    print(
        f"{measures.concurrency} callers: {found['rps']:.1f} answers/s, "
        f"p50 {found.get('p50_ms', float('nan')):.1f} ms, "
        f"p99 {found.get('p99_ms', float('nan')):.1f} ms, {found['failed']:.0f} failed",
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main())
