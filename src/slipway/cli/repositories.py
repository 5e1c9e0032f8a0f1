"""`slipway repo`: registered Git repositories."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slipway.cli.output import JsonOption, pairs, refusals, show, show_list
from slipway.cli.session import client

if TYPE_CHECKING:
    from slipway.sdk.types import RepositoryView

app = typer.Typer(help="Registered Git repositories.", no_args_is_help=True)


@app.command("list")
@refusals
def list_repositories(
    search: Annotated[str | None, typer.Option(help="Words; | between alternatives.")] = None,
    as_json: JsonOption = False,
) -> None:
    """The project's repositories."""
    show_list(
        client().repositories.list(search=search), as_json,
        [("ID", lambda r: r.id), ("NAME", lambda r: r.name), ("URL", lambda r: r.url), ("REF", lambda r: r.ref),
         ("CREDENTIAL", lambda r: r.credential), ("CREATED", lambda r: r.created_at)],
    )  # fmt: skip


@app.command("create")
@refusals
def create(
    name: str,
    url: str,
    ref: Annotated[str, typer.Option(help="Branch, tag or commit.")] = "",
    user: Annotated[str, typer.Option(help="Of https.")] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read password or token from standard input.")
    ] = False,
    ssh_key: Annotated[Path | None, typer.Option(help="File of a private key.")] = None,
    description: Annotated[str, typer.Option()] = "",
    tag: Annotated[list[str] | None, typer.Option(help="name=value; may be repeated.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Register a repository."""
    credentials = {
        "user": user,
        "password": sys.stdin.readline().rstrip("\n") if password_stdin else "",
        "ssh_key": ssh_key.read_text() if ssh_key else "",
    }
    _show(
        client().repositories.create(
            name, url, ref=ref, description=description, tags=pairs(tag, "A tag"),
            credentials=credentials,
        ),
        as_json,
    )  # fmt: skip


@app.command("test")
@refusals
def test_connection(repository_id: str, as_json: JsonOption = False) -> None:
    """Ask the server for the commit; exit code 1 where it refuses."""
    found = client().repositories.test(repository_id)
    _show(found, as_json)
    if found.probe is None or not found.probe.ok:
        raise typer.Exit(1)


@app.command("delete")
@refusals
def delete(repository_id: str, yes: Annotated[bool, typer.Option("--yes", "-y")] = False) -> None:
    """Forget a repository; its server is not touched."""
    if not yes:
        typer.confirm(f"Delete {repository_id}? This cannot be undone.", abort=True)
    client().repositories.delete(repository_id)
    typer.echo(f"Deleted {repository_id}.")


def _show(r: RepositoryView, as_json: bool) -> None:
    probe = (r.probe.commit or r.probe.reason) if r.probe else None
    show(
        r, as_json, ("repository", f"{r.id} ({r.name})"), ("url", r.url), ("ref", r.ref),
        ("credential", r.credential), ("last test", probe),
    )  # fmt: skip
