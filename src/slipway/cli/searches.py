"""`slipway train search`: many tasks that differ in their hyper-parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from slipway.cli.output import JsonOption, refusals, show, show_list
from slipway.cli.session import client

app = typer.Typer(help="Hyper-parameter searches.", no_args_is_help=True)


@app.command("start")
@refusals
def start(
    name: Annotated[str | None, typer.Argument(help="Left out, the file's.")] = None,
    task: Annotated[
        str | None, typer.Option(help="ID of a task whose configuration the trials have.")
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter", "-p",
            help="NAME=a,b,c (a choice), NAME=1..8 (whole numbers), NAME=0.1..0.9, or "
            "NAME=log:1e-5..1e-1; '/5' behind a range is how many of it a grid tries. May be repeated.",
        ),
    ] = None,
    metric: Annotated[str | None, typer.Option(help="That the trials report.")] = None,
    maximize: Annotated[
        bool, typer.Option("--maximize", help="The highest value is the best, not the lowest.")
    ] = False,
    method: Annotated[
        str | None,
        typer.Option(help="grid, random, bayesian or halving.", show_default="random"),
    ] = None,
    trials: Annotated[int | None, typer.Option(help="At most.", show_default="20")] = None,
    parallel: Annotated[int | None, typer.Option(help="At once.", show_default="2")] = None,
    seed: Annotated[int | None, typer.Option(show_default="0")] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", "-f", help="The whole search as YAML or JSON; options win over it."),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Until it has ended; exit code 1 unless it completes.")
    ] = False,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Start a search; its trials are ordinary tasks."""
    from slipway.cli.train_file import read_object, task_form  # YAML is not needed elsewhere

    api = client()
    form = read_object(file, "the search") if file else {}
    said = {
        "name": name, "metric": metric, "direction": "maximize" if maximize else None, "method": method,
        "max_trials": trials, "parallel": parallel, "seed": seed,
        "space": [_parameter(text) for text in parameter] if parameter else None,
        "task": task_form(api.tasks.get(task).spec) if task else None,
    }  # fmt: skip
    form |= {field: value for field, value in said.items() if value is not None}
    for field, how in (("name", "the argument"), ("task", "--task"), ("space", "--parameter"), ("metric", "--metric")):  # fmt: skip
        if field not in form:
            raise typer.BadParameter(f"A search needs its {field}: by {how}, or in the file.")
    made = api.searches.start(**form)
    if not wait:
        show(made, as_json, ("id", made.id), ("state", made.state))
        return
    done = api.searches.wait(made.id)
    _show(done, as_json)
    if done.state != "Completed":
        raise typer.Exit(1)


@app.command("list")
@refusals
def list_searches(
    search: Annotated[str | None, typer.Option(help="Words; | between alternatives.")] = None,
    state: Annotated[
        list[str] | None, typer.Option(help="Only these states; may be repeated.")
    ] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only your own.")] = False,
    as_json: JsonOption = False,
) -> None:
    """The project's searches, newest first."""
    show_list(
        client().searches.list(search=search, state=state, mine=mine or None), as_json,
        [("ID", lambda s: s.id), ("NAME", lambda s: s.name), ("STATE", lambda s: s.state), ("METHOD", lambda s: s.method),
         ("TRIALS", lambda s: f"{sum(s.trials.values())} of {s.max_trials}"), ("METRIC", lambda s: s.metric),
         ("BEST", lambda s: s.best_value), ("CREATED", lambda s: s.created_at)],
    )  # fmt: skip


@app.command("get")
@refusals
def get(search_id: str, as_json: JsonOption = False) -> None:
    """One search and its best trial."""
    _show(client().searches.get(search_id), as_json)


@app.command("trials")
@refusals
def trials_of(search_id: str, as_json: JsonOption = False) -> None:
    """Its trials, the best first."""
    search = client().searches.get(search_id)
    sign = 1 if search.direction == "minimize" else -1
    found = sorted(search.trial_list, key=lambda t: (t.value is None, sign * (t.value or 0)))
    show_list(
        found, as_json,
        [("TRIAL", lambda t: t.number), (search.metric, lambda t: t.value), ("STATE", lambda t: t.state),
         *((one.name, lambda t, name=one.name: t.parameters.get(name)) for one in search.space),
         ("TASK", lambda t: t.task_id), ("REASON", lambda t: t.reason)],
    )  # fmt: skip


@app.command("stop")
@refusals
def stop(search_id: str) -> None:
    """Start no more trials, and stop those that run."""
    typer.echo(client().searches.stop(search_id).state)


@app.command("delete")
@refusals
def delete(
    search_id: str,
    with_tasks: Annotated[
        bool, typer.Option("--with-tasks", help="Also its trials' tasks and what they wrote.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete an ended search; the tasks of its trials stay unless asked otherwise."""
    if not yes:
        typer.confirm(
            f"Delete the search {search_id}{' with all its tasks and outputs' if with_tasks else ''}?",
            abort=True,
        )
    client().searches.delete(search_id, with_tasks=with_tasks)
    typer.echo(f"Deleted {search_id}.")


def _show(search: Any, as_json: bool) -> None:
    best = next((t for t in search.trial_list if t.number == search.best_number), None)
    show(
        search, as_json, ("id", search.id), ("name", search.name), ("state", search.state), ("reason", search.reason),
        ("trials", ", ".join(f"{count} {state}" for state, count in search.trials.items())),
        ("best", best and f"{search.metric} {best.value:g} in trial {best.number} ({best.task_id})"),
        *((one.name, best.parameters.get(one.name)) for one in search.space if best),
    )  # fmt: skip


def _parameter(text: str) -> dict[str, Any]:
    name, equals, rest = text.partition("=")
    if not equals or not name or not rest:
        raise typer.BadParameter(f"{text!r}: a parameter is NAME=a,b,c or NAME=1..8.")
    if ".." not in rest:
        values = [_value(part.strip()) for part in rest.split(",")]
        return {"name": name, "kind": "choice", "values": values}
    found: dict[str, Any] = {"name": name, "log": rest.startswith("log:")}
    rest, _, points = rest.removeprefix("log:").partition("/")
    low, _, high = rest.partition("..")
    try:
        found["low"], found["high"] = float(low), float(high)
        if points:
            found["points"] = int(points)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r}: the ends of a range are numbers.") from error
    whole = low.strip().lstrip("-").isdigit() and high.strip().lstrip("-").isdigit()
    return found | {"kind": "integer" if whole else "float"}


def _value(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
