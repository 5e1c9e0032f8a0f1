"""How commands speak: a table for people, JSON for programs, one sentence on stderr when refused."""

from __future__ import annotations

import dataclasses
import functools
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, ParamSpec, TypeVar

import typer

from slipway.sdk.errors import SlipwayError

P = ParamSpec("P")
R = TypeVar("R")

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def refusals(command: Callable[P, R]) -> Callable[P, R]:
    """Turn what the platform refuses into one sentence and exit code 1."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except SlipwayError as error:
            typer.echo(f"slipway: {error.message}", err=True)
            raise typer.Exit(1) from error
        except BrokenPipeError:
            sys.stderr.close()
            raise typer.Exit(0) from None

    return run


def show(item: Any, as_json: bool, *lines: tuple[str, Any]) -> None:
    """One object: its JSON, or labelled lines."""
    if as_json:
        typer.echo(json.dumps(plain(item), ensure_ascii=False, indent=2))
        return
    width = max((len(label) for label, _ in lines), default=0)
    for label, value in lines:
        typer.echo(f"{label:<{width}}  {text(value)}")


def show_list(
    items: Iterable[Any], as_json: bool, columns: Sequence[tuple[str, Callable[[Any], Any]]]
) -> None:
    """A table with one row an item, or a JSON array."""
    found = list(items)
    if as_json:
        typer.echo(json.dumps([plain(item) for item in found], ensure_ascii=False, indent=2))
        return
    if not found:
        typer.echo("Nothing here yet.")
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(*(name for name, _ in columns), box=box.SIMPLE_HEAD, pad_edge=False)
    for item in found:
        table.add_row(*(text(value(item)) for _, value in columns))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def text(value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return ", ".join(f"{key}={item}" for key, item in value.items()) or "-"
    return str(value)


def size(size_bytes: int) -> str:
    amount = float(size_bytes)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TiB"


def pairs(given: Sequence[str] | None, what: str) -> dict[str, str]:
    """`["a=1"]` to `{"a": "1"}`."""
    found = {}
    for item in given or ():
        name, equals, value = item.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{what} has the form name=value; got {item!r}.")
        found[name] = value
    return found
