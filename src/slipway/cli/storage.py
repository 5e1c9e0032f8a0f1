"""`slipway storage`: buckets, files and folders (addresses are bucket/path)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from slipway.cli.output import JsonOption, refusals, show, show_list, size
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
    address: Annotated[str | None, typer.Argument(help="Left out: the buckets.")] = None,
    recursive: Annotated[bool, typer.Option("--recursive", "-r", help="Everything below.")] = False,
    as_json: JsonOption = False,
) -> None:
    """What is at an address."""
    if address is None:
        buckets(as_json)
        return
    show_list(
        client().storage.list(_address(address) or address, recursive=recursive), as_json,
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


@app.command("cp")
@refusals
def copy(
    source: str,
    target: str,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")] = False,
) -> None:
    """Copy between here and storage, or within it. Addresses in storage begin with s3://."""
    far, to = _address(source), _address(target)
    storage = client().storage
    if far is not None and to is not None:
        storage.copy(far, to, overwrite=overwrite)
        typer.echo(f"Copied to {target}.")
    elif to is not None:
        count = storage.upload(source, to)
        typer.echo(f"Uploaded {count} file{'s' if count != 1 else ''}.")
    elif far is not None:
        count = storage.download(far, target)
        typer.echo(f"Downloaded {count} file{'s' if count != 1 else ''}.")
    else:
        raise typer.BadParameter("One of both is an address in storage: s3://bucket/path.")


@app.command("sync")
@refusals
def sync(
    source: str,
    target: str,
    delete: Annotated[
        bool, typer.Option("--delete", help="Remove from the target what the source has not.")
    ] = False,
) -> None:
    """Make a folder in storage like one here, or the reverse; only what differs moves."""
    from slipway.sdk.sync import sync_down, sync_up

    far, to = _address(source), _address(target)
    if (far is None) == (to is None):
        raise typer.BadParameter("One of both is an address in storage: s3://bucket/path.")
    storage = client().storage
    if to is not None:
        done = sync_up(storage, Path(source), to, delete=delete)
    else:
        done = sync_down(storage, far or "", Path(target), delete=delete)
    typer.echo(f"{done.sent} sent, {done.deleted} deleted, {done.unchanged} unchanged.")


@app.command("share")
@refusals
def share(
    address: str,
    hours: Annotated[float, typer.Option(help="Hours it is open, at most 168.")] = 24,
    as_json: JsonOption = False,
) -> None:
    """Make a link at which anybody can download a file."""
    made = client().storage.share(_address(address) or address, round(hours * 3600))
    show(made, as_json, ("id", made.id), ("expires", made.expires_at), ("url", made.url))


@app.command("links")
@refusals
def links(bucket: str, as_json: JsonOption = False) -> None:
    """The open share links of a bucket."""
    show_list(
        client().storage.links(bucket), as_json,
        [("ID", lambda k: k.id), ("FILE", lambda k: k.key), ("EXPIRES", lambda k: k.expires_at)],
    )  # fmt: skip


@app.command("unshare")
@refusals
def unshare(bucket: str, link_id: str) -> None:
    """Take a share link back."""
    client().storage.unshare(bucket, link_id)
    typer.echo(f"Took back {link_id}.")


@app.command("quota")
@refusals
def quota(
    bucket: str,
    gib: Annotated[
        float | None, typer.Option(help="Most GiB it may hold; left out, no limit.")
    ] = None,
) -> None:
    """Set how much a bucket may hold."""
    client().storage.set_quota(bucket, None if gib is None else round(gib * 2**30))
    typer.echo(f"{bucket} may hold {'any amount' if gib is None else f'{gib:g} GiB'}.")


@app.command("rb")
@refusals
def remove_bucket(name: str) -> None:
    """Delete an empty bucket."""
    client().storage.delete_bucket(name)
    typer.echo(f"Deleted {name}.")


@app.command("mv")
@refusals
def move(source: str, target: str) -> None:
    """Move or rename within the project's storage."""
    source, target = _address(source) or source, _address(target) or target
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
    client().storage.delete(_address(address) or address, recursive=recursive)
    typer.echo(f"Deleted {address}.")


def _address(text: str) -> str | None:
    """bucket/path of s3://bucket/path; None: a place here."""
    return text.removeprefix("s3://") if text.startswith("s3://") else None
