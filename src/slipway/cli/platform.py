"""`slipway up | down | status | doctor`: the platform on this machine."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="Where everything is kept.", show_default="~/.slipway")
]


def add_to(app: typer.Typer) -> None:
    for command in (up, down, status, doctor):
        app.command()(command)


def up(
    home: HomeOption = None,
    port: Annotated[
        int | None, typer.Option(help="Port of the API and console.", show_default="8700")
    ] = None,
    gateway_port: Annotated[
        int | None, typer.Option(help="Port of the gateway.", show_default="8701")
    ] = None,
    s3_port: Annotated[
        int | None, typer.Option(help="Port of the S3-compatible endpoint.", show_default="8703")
    ] = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")
    ] = None,
    gateway_host: Annotated[
        str | None, typer.Option(help="Address of the gateway.", show_default="127.0.0.1")
    ] = None,
    gateway_processes: Annotated[
        int | None, typer.Option(help="Gateway processes that share its port.", show_default="1")
    ] = None,
) -> None:
    """Start the platform in the foreground: API, console, loops and gateway."""
    gc.disable()  # until it serves: nothing of what is loaded here is ever garbage
    try:
        from pydantic import ValidationError

        from slipway.api.up import up as start
        from slipway.base.settings import Settings
    except ImportError as error:
        _fail(
            f"The server is not installed ({error.name} is missing). Run: pip install 'slipway[server]'"
        )
    given = {
        "home": home,
        "port": port,
        "gateway_port": gateway_port,
        "s3_port": s3_port,
        "host": host,
        "gateway_host": gateway_host,
        "gateway_processes": gateway_processes,
    }
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        _fail(f"{first['loc'][0]} is not usable: {first['msg']}.")
    raise typer.Exit(start(settings))


def down(
    home: HomeOption = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Also end the tasks and services that run.")
    ] = False,
) -> None:
    """Stop the platform. What runs goes on (and is found again by the next `up`), unless --all."""
    root = _root(home)
    running = _running(root)
    if running is None and not all_:
        _end_stray_gateway(root)
        typer.echo(f"Slipway does not run on {root}.")
        return
    if running is not None:
        os.kill(running["pid"], signal.SIGTERM)
        if not _wait_until(lambda: _running(root) is None, 30):
            _fail(f"Process {running['pid']} did not end within 30 seconds.")
    _end_stray_gateway(root)
    left = _runners(root)
    if all_ and left:
        _end(left)
        typer.echo(f"Stopped, with {len(left)} running instances.")
    elif left:
        typer.echo(
            f"Stopped. {len(left)} instances go on running; 'slipway down --all' ends them too."
        )
    else:
        typer.echo("Stopped.")


def status(
    home: HomeOption = None, as_json: Annotated[bool, typer.Option("--json")] = False
) -> None:
    """Say whether the platform runs on this machine, and where."""
    root = _root(home)
    running = _running(root)
    facts: dict[str, Any] = {
        "running": running is not None,
        "home": str(root),
        "instances": len(_runners(root)),
    }
    if running:
        facts |= {
            "pid": running["pid"],
            "url": running["url"],
            "gateway_url": running["gateway_url"],
            "s3_url": running["s3_url"],
        }
    if as_json:
        typer.echo(json.dumps(facts))
    else:
        for name, value in facts.items():
            typer.echo(f"{name:<12} {value}")
    raise typer.Exit(0 if running else 1)


def doctor(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Say what this machine offers, what is missing, and how to get it."""
    from slipway.cli.checks import checks

    found = checks()
    if as_json:
        typer.echo(
            json.dumps(
                [{"name": c.name, "ok": c.ok, "found": c.found, "advice": c.advice} for c in found]
            )
        )
    else:
        for check in found:
            typer.echo(f"{'ok  ' if check.ok else 'miss'}  {check.name:<22} {check.found}")
            if check.advice:
                typer.echo(f"      {check.advice}")
    raise typer.Exit(0 if all(check.ok for check in found if check.needed) else 1)


def _root(home: Path | None) -> Path:
    return Path(home or os.environ.get("SLIPWAY_HOME") or "~/.slipway").expanduser().absolute()


def _running(root: Path) -> dict[str, Any] | None:
    facts = _json(root / "run" / "up.json")
    return facts if facts and _ticks(facts["pid"]) == facts["start_ticks"] else None


def _runners(root: Path) -> list[dict[str, Any]]:
    """Runners of live instances, as their directories name them."""
    found = (_json(path) for path in (root / "instances").glob("*/runner.json"))
    return [r for r in found if r and _ticks(r["pid"]) == r["start_ticks"]]


def _end(runners: list[dict[str, Any]]) -> None:
    for runner in runners:
        with contextlib.suppress(ProcessLookupError):
            os.kill(runner["pid"], signal.SIGTERM)
    if not _wait_until(lambda: all(_ticks(r["pid"]) != r["start_ticks"] for r in runners), 60):
        _fail("Some instances did not end within 60 seconds; see 'slipway status'.")


def _end_stray_gateway(root: Path) -> None:
    """The control plane takes its gateways along; one that was killed could not."""
    found = (_json(path) for path in (root / "run").glob("gateway*.json"))
    for gateway in [g for g in found if g and "pid" in g and _ticks(g["pid"]) == g["start_ticks"]]:
        os.kill(gateway["pid"], signal.SIGTERM)
        if not _wait_until(lambda g=gateway: _ticks(g["pid"]) != g["start_ticks"], 40):
            _fail(f"The gateway (process {gateway['pid']}) did not end.")


def _wait_until(done: Any, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if done():
            return True
        time.sleep(0.05)
    return False


def _ticks(pid: int) -> int | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat[stat.rindex(")") + 2 :].split()
    return None if fields[0] in "ZX" else int(fields[19])


def _json(path: Path) -> dict[str, Any] | None:
    try:
        data: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return data


def _fail(message: str) -> Any:
    typer.echo(f"slipway: {message}", err=True)
    sys.exit(1)
