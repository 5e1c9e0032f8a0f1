"""`slipway label`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slipway.cli.output import JsonOption, pairs, refusals, show, show_list
from slipway.cli.session import client

if TYPE_CHECKING:
    from slipway.sdk.types import LabelTaskView

app = typer.Typer(help="Labelling tasks over datasets.", no_args_is_help=True)


@app.command("list")
@refusals
def list_tasks(
    search: Annotated[str | None, typer.Option(help="Words; | between alternatives.")] = None,
    as_json: JsonOption = False,
) -> None:
    """The project's labelling tasks."""
    show_list(
        client().labelling.list(search=search), as_json,
        [("ID", lambda t: t.id), ("NAME", lambda t: t.name), ("KIND", lambda t: t.kind),
         ("DATASET", lambda t: f"{t.dataset_name} (v{t.dataset_version})"), ("STATE", lambda t: t.state),
         ("LABELLED", lambda t: f"{t.counts.done} / {t.counts.records}"), ("CREATED", lambda t: t.created_at)],
    )  # fmt: skip


@app.command("create")
@refusals
def create(
    name: str,
    dataset_id: str,
    label: Annotated[list[str] | None, typer.Option(help="A label value; may be repeated.")] = None,
    labeller: Annotated[
        list[str] | None, typer.Option(help="A user's name; may be repeated (none: everybody).")
    ] = None,
    schema: Annotated[
        Path | None, typer.Option(help="File with the YAML schema, for text records.")
    ] = None,
    people: Annotated[int, typer.Option(help="How many people label each record.")] = 1,
    split: Annotated[bool, typer.Option(help="Each labeller gets a part of equal size.")] = False,
    review: Annotated[bool, typer.Option(help="Labels count once somebody approved them.")] = False,
    structured: Annotated[
        bool, typer.Option(help="OCR: also which text is the key of which value.")
    ] = False,
    ocr_service: Annotated[
        str | None, typer.Option(help="OCR: the service that reads texts (none: built in).")
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(help="name=value; may be repeated.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Create a task over the newest version of a dataset."""
    api = client().labelling
    made = api.create(
        name, dataset_id, labels=label or [], labellers=labeller or [],
        schema_text=schema.read_text("utf-8") if schema else None,
        sharing="split" if split else "queue", needs_review=review, overlap=people,
        tags=pairs(tag, "A tag"), ocr_type="structured" if structured else None,
        ocr_service=ocr_service,
    )  # fmt: skip
    _show(api.wait(made.id), as_json)


@app.command("start")
@refusals
def start(
    dataset_id: str,
    schema: Annotated[
        Path | None, typer.Option(help="File with the YAML schema; left out, the dataset's own.")
    ] = None,
    safe: Annotated[
        bool, typer.Option(help="Leave the dataset's own files untouched; publish instead.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Label text records; each result goes into the dataset's own file at once, unless --safe."""
    api = client().labelling
    if schema is not None:
        api.set_schema(dataset_id, schema.read_text("utf-8"))
    made = api.start(dataset_id, mode="safe" if safe else "in_place")
    _show(api.wait(made.id), as_json)


@app.command("restore")
@refusals
def restore(task_id: str, as_json: JsonOption = False) -> None:
    """The dataset's own files as they were before the first label; the labels stay."""
    _show(client().labelling.restore_files(task_id), as_json)


@app.command("get")
@refusals
def get(task_id: str, as_json: JsonOption = False) -> None:
    """One task."""
    _show(client().labelling.get(task_id), as_json)


@app.command("work")
@refusals
def work(task_id: str, as_json: JsonOption = False) -> None:
    """What each person has done."""
    show_list(
        client().labelling.work(task_id), as_json,
        [("NAME", lambda w: w.user_name), ("LABELLED", lambda w: w.records),
         ("REVIEWED", lambda w: w.reviewed), ("SENT BACK", lambda w: w.sent_back),
         ("TIME (s)", lambda w: round(w.time_s))],
    )  # fmt: skip


@app.command("publish")
@refusals
def publish(
    task_id: str,
    label_format: Annotated[
        str | None,
        typer.Option(
            help="voc, coco, yolo, ti, folder, label_studio, cvat or manifest (left out: the task's)"
        ),
    ] = None,
    description: Annotated[str, typer.Option(help="Of the version.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Make the labels a new version of the dataset."""
    made = client().labelling.publish(task_id, label_format=label_format, description=description)
    _show(made, as_json)


@app.command("schema")
@refusals
def schema(dataset_id: str) -> None:
    """Print a schema made from the data, to begin with."""
    print(client().labelling.draft_schema(dataset_id), end="")


@app.command("delete")
@refusals
def delete(task_id: str) -> None:
    """Delete a task and its labels; what was published stays."""
    client().labelling.delete(task_id)


def _show(task: LabelTaskView, as_json: bool) -> None:
    published = task.publication
    show(
        task, as_json, ("id", task.id), ("name", task.name), ("kind", task.kind),
        ("dataset", f"{task.dataset_name} (v{task.dataset_version})"), ("state", task.state),
        ("reason", task.reason), ("labelled", f"{task.counts.done} / {task.counts.records}"),
        ("published", published and published.state),
        ("version", published and published.version),
    )  # fmt: skip
