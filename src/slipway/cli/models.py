"""`slipway model`: the model repository."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from slipway.cli.output import JsonOption, pairs, refusals, show, show_list, size
from slipway.cli.session import client

app = typer.Typer(help="The model repository.", no_args_is_help=True)


@app.command("list")
@refusals
def list_models(
    search: Annotated[str | None, typer.Option(help="Words; | between alternatives.")] = None,
    as_json: JsonOption = False,
) -> None:
    """The project's models."""
    show_list(
        client().models.list(search=search),
        as_json,
        [("ID", lambda m: m.id), ("NAME", lambda m: m.name), ("CREATED", lambda m: m.created_at)],
    )


@app.command("versions")
@refusals
def versions(model_id: str, as_json: JsonOption = False) -> None:
    """A model's versions."""
    show_list(
        client().models.versions(model_id), as_json,
        [("ID", lambda v: v.id), ("VERSION", lambda v: v.version), ("STATE", lambda v: v.state), ("FORMAT", lambda v: v.format),
         ("METRICS", lambda v: v.metrics), ("SIZE", lambda v: size(v.size_bytes)), ("CREATED", lambda v: v.created_at)],
    )  # fmt: skip


@app.command("import")
@refusals
def import_model(
    source: Annotated[
        str, typer.Argument(help="Storage address of the model's folder: bucket/path/.")
    ],
    name: Annotated[str | None, typer.Option(help="Name of a new model.")] = None,
    model_id: Annotated[
        str | None, typer.Option("--model", help="An existing model: its next version.")
    ] = None,
    model_format: Annotated[str, typer.Option("--format")] = "PyTorch",
    tag: Annotated[list[str] | None, typer.Option(help="name=value; may be repeated.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring a model in from storage."""
    api = client().models
    made = api.wait(
        api.import_model(
            source, model_format, name=name, model_id=model_id, tags=pairs(tag, "A tag")
        ).id
    )
    show(
        made,
        as_json,
        ("model", made.model_id),
        ("version", f"{made.id} ({made.version})"),
        ("state", made.state),
    )


@app.command("download")
@refusals
def download(version_id: str, archive: Path) -> None:
    """A whole version as a zip file."""
    client().models.download(version_id, archive)
    typer.echo(f"Saved {archive}.")


@app.command("delete")
@refusals
def delete(
    target: Annotated[str, typer.Argument(help="A model (m-...) or a version (mv-...).")],
    yes: Annotated[bool, typer.Option("--yes", "-y")] = False,
) -> None:
    """Delete a model with all its versions, or one version."""
    if not yes:
        typer.confirm(f"Delete {target}? This cannot be undone.", abort=True)
    api = client().models
    (api.delete_version if target.startswith("mv-") else api.delete)(target)
    typer.echo(f"Deleted {target}.")
