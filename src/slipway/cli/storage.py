"""`slipway storage`: buckets, files and folders (addresses are bucket/path)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from slipway.cli.output import JsonOption, refusals, show_list, size
from slipway.cli.session import client

app = typer.Typer(
    help="Buckets, files and folders; addresses are bucket/path.", no_args_is_help=True
)


@app.command("buckets")
@refusals
def buckets(as_json: JsonOption = False) -> None:
    """The project's buckets."""
    show_list(
        client().storage.buckets(),
        as_json,
        [("NAME", lambda b: b.name), ("CREATED", lambda b: b.created_at)],
    )


@app.command("mb")
@refusals
def make_bucket(name: str) -> None:
    """Make a bucket."""
    typer.echo(client().storage.create_bucket(name).name)


@app.command("ls")
@refusals
def list_objects(
    address: str,
    recursive: Annotated[bool, typer.Option("--recursive", "-r", help="Everything below.")] = False,
    as_json: JsonOption = False,
) -> None:
    """What is at an address."""
    show_list(
        client().storage.list(address, recursive=recursive), as_json,
        [("KEY", lambda o: o.key), ("SIZE", lambda o: "" if o.kind == "folder" else size(o.size_bytes)),
         ("MODIFIED", lambda o: o.modified_at)],
    )  # fmt: skip


@app.command("put")
@refusals
def put(local: Path, address: str) -> None:
    """Upload a file, or everything in a folder."""
    count = client().storage.upload(local, address)
    typer.echo(f"Uploaded {count} file{'s' if count != 1 else ''} to {address}.")


@app.command("get")
@refusals
def get(address: str, local: Path) -> None:
    """Download a file, or a folder (end its address with /)."""
    count = client().storage.download(address, local)
    typer.echo(f"Downloaded {count} file{'s' if count != 1 else ''}.")


@app.command("mv")
@refusals
def move(source: str, target: str) -> None:
    """Move or rename within a bucket."""
    client().storage.move(source, target)
    typer.echo(f"Moved to {target}.")


@app.command("rm")
@refusals
def remove(
    address: str,
    recursive: Annotated[
        bool, typer.Option("--recursive", "-r", help="A folder and all that is in it.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete a file, or a folder with -r."""
    if recursive and not yes:
        typer.confirm(f"Delete everything below {address}?", abort=True)
    client().storage.delete(address, recursive=recursive)
    typer.echo(f"Deleted {address}.")
