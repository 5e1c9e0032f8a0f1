"""`slipway serve`: model packages on this machine; no platform is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Model packages on this machine.", no_args_is_help=True)


@app.callback()
def serve() -> None:
    """A group of its own, even while it has one command."""


@app.command("check")
def check_package(
    package: Annotated[Path, typer.Argument(help="Directory with model_service.py.")],
    no_run: Annotated[bool, typer.Option("--no-run", help="Look at the files only.")] = False,
    timeout_s: Annotated[float, typer.Option(help="Seconds that it gets to be ready.")] = 300.0,
) -> None:
    """Try a model package as it would be deployed: files, requirements, start, test.json, latency, memory."""
    from slipway.runtime.serve.check import check

    failed = False
    for finding in check(package.absolute(), timeout_s=timeout_s, run=not no_run):
        typer.echo(str(finding))
        failed |= finding.level == "failed"
    if failed:
        raise typer.Exit(1)
