"""`slipway eval`: objective evaluations."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from slipway.cli.output import JsonOption, refusals, show, show_list
from slipway.cli.session import client

app = typer.Typer(help="Objective evaluations of language models.", no_args_is_help=True)


@app.command("list")
@refusals
def list_evaluations(as_json: JsonOption = False) -> None:
    """The project's evaluations."""
    show_list(
        client().evaluations.list(), as_json,
        [("ID", lambda e: e.id), ("NAME", lambda e: e.name), ("STATE", lambda e: e.state), ("DONE", lambda e: f"{e.percent:.0f} %"),
         ("MODELS", lambda e: ", ".join(e.models)), ("SETS", lambda e: ", ".join(e.sets)), ("CREATED", lambda e: e.created_at)],
    )  # fmt: skip


@app.command("create")
@refusals
def create(
    name: str,
    model: Annotated[
        list[str],
        typer.Option(help="A service (ms-...), a model version (mv-...) or a storage address."),
    ],
    dataset: Annotated[list[str], typer.Option(help="A dataset (ds-...) or a storage address.")],
    wait: Annotated[bool, typer.Option(help="Wait for the results.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Ask every question of the sets and score the answers."""
    api = client().evaluations
    made = api.create(name, [_model(ref) for ref in model], [_set(ref) for ref in dataset])
    if not wait:
        show(made, as_json, ("id", made.id), ("state", made.state))
        return
    api.wait(made.id)
    _results(made.id, as_json)


@app.command("results")
@refusals
def results(evaluation_id: str, as_json: JsonOption = False) -> None:
    """Scores by model and set."""
    _results(evaluation_id, as_json)


@app.command("stop")
@refusals
def stop(evaluation_id: str) -> None:
    """Stop an evaluation; what was answered is kept."""
    client().evaluations.stop(evaluation_id)
    typer.echo("Stopping.")


@app.command("delete")
@refusals
def delete(
    evaluation_id: str,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete an evaluation and its results."""
    if not yes:
        typer.confirm(f"Delete the evaluation {evaluation_id}?", abort=True)
    client().evaluations.delete(evaluation_id)
    typer.echo(f"Deleted {evaluation_id}.")


def _results(evaluation_id: str, as_json: bool) -> None:
    found = client().evaluations.results(evaluation_id)
    rows = [
        {"model": m.name, "state": m.state, "set": r.set, **r.metrics}
        for m in found.models
        for r in m.results
    ]
    names = sorted({name for row in rows for name in row} - {"model", "state", "set"})
    columns: list[tuple[str, Any]] = [("MODEL", lambda r: r["model"]), ("SET", lambda r: r["set"])]
    columns += [(name.upper(), lambda r, name=name: r.get(name)) for name in names]
    show_list(rows, as_json, columns)


def _model(ref: str) -> dict[str, str]:
    kinds = {"ms-": "service", "mv-": "model_version"}
    return {
        "kind": next((kind for prefix, kind in kinds.items() if ref.startswith(prefix)), "storage"),
        "ref": ref,
    }


def _set(ref: str) -> dict[str, str]:
    return {"kind": "dataset" if ref.startswith("ds-") else "storage", "ref": ref}
