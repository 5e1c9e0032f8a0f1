"""`slipway dataset`."""

from __future__ import annotations

from typing import Annotated

import typer

from slipway.cli.output import JsonOption, pairs, refusals, show, show_list, size
from slipway.cli.session import client

app = typer.Typer(help="Datasets and their versions.", no_args_is_help=True)


@app.command("list")
@refusals
def list_datasets(
    search: Annotated[str | None, typer.Option(help="Words; | between alternatives.")] = None,
    as_json: JsonOption = False,
) -> None:
    """The project's datasets."""
    show_list(
        client().datasets.list(search=search), as_json,
        [("ID", lambda d: d.id), ("NAME", lambda d: d.name), ("KIND", lambda d: d.kind), ("STATE", lambda d: d.state),
         ("SAMPLES", lambda d: f"{d.sample_count} {d.unit}"), ("LABELLED", lambda d: d.labelled_count),
         ("CREATED", lambda d: d.created_at)],
    )  # fmt: skip


@app.command("create")
@refusals
def create(
    name: str,
    kind: Annotated[
        str, typer.Option(help="llm, image_classification, object_detection, table, other, ...")
    ],
    address: Annotated[str, typer.Option(help="Where the files are: bucket/path.")],
    label_format: Annotated[
        str | None, typer.Option(help="folder, voc or coco (left out: none)")
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(help="name=value; may be repeated.")] = None,
    wait: Annotated[bool, typer.Option(help="Wait for the import to end.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Register what lies at an address as a dataset."""
    api = client().datasets
    form = {"tags": pairs(tag, "A tag")} | ({"label_format": label_format} if label_format else {})
    made = api.create(name, kind, address, **form)
    if wait:
        made = api.wait(made.id)
    show(
        made,
        as_json,
        ("id", made.id),
        ("state", made.state),
        ("samples", made.sample_count),
        ("size", size(made.size_bytes)),
    )


@app.command("get")
@refusals
def get(dataset_id: str, as_json: JsonOption = False) -> None:
    """One dataset."""
    d = client().datasets.get(dataset_id)
    show(
        d, as_json, ("id", d.id), ("name", d.name), ("kind", d.kind), ("state", d.state), ("reason", d.reason),
        ("samples", f"{d.sample_count} {d.unit}"), ("labelled", d.labelled_count), ("size", size(d.size_bytes)),
        ("address", d.address), ("version", d.latest_version),
    )  # fmt: skip


@app.command("versions")
@refusals
def versions(dataset_id: str, as_json: JsonOption = False) -> None:
    """A dataset's versions."""
    show_list(
        client().datasets.versions(dataset_id), as_json,
        [("VERSION", lambda v: v.name), ("STATE", lambda v: v.state), ("SAMPLES", lambda v: v.sample_count),
         ("HASH", lambda v: (v.content_hash or "")[:12]), ("CREATED", lambda v: v.created_at)],
    )  # fmt: skip


@app.command("publish")
@refusals
def publish(dataset_id: str, description: str = "") -> None:
    """Freeze what is at the dataset's address now as its next version."""
    typer.echo(client().datasets.publish(dataset_id, description).name)


@app.command("delete")
@refusals
def delete(
    dataset_id: str, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False
) -> None:
    """Delete a dataset's record; the files at its address stay."""
    if not yes:
        typer.confirm(f"Delete the dataset {dataset_id}?", abort=True)
    client().datasets.delete(dataset_id, confirm=yes)
    typer.echo(f"Deleted {dataset_id}.")
