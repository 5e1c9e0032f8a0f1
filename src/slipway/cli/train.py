"""`slipway train`: training tasks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from slipway.cli import searches, trials
from slipway.cli.output import JsonOption, refusals, show, show_list, size
from slipway.cli.session import client
from slipway.cli.shell import InstanceOption, attach
from slipway.cli.train_output import finish, show_task
from slipway.cli.train_submit import submit

app = typer.Typer(help="Training tasks.", no_args_is_help=True)
app.add_typer(trials.app, name="trial")
app.add_typer(searches.app, name="search")
app.command("submit")(refusals(submit))
app.command("create", help="The same as submit.")(refusals(submit))

_COLUMNS = [
    ("ID", lambda t: t.id), ("NAME", lambda t: t.name), ("STATE", lambda t: t.state), ("ENVIRONMENT", lambda t: t.environment),
    ("MODE", lambda t: f"{t.mode} x {t.instances}"), ("RUN TIME", lambda t: f"{t.run_time_s:.0f} s" if t.run_time_s else None),
    ("CREATOR", lambda t: t.creator), ("CREATED", lambda t: t.created_at),
]  # fmt: skip


@app.command("list")
@refusals
def list_tasks(
    search: Annotated[str | None, typer.Option(help="Words; | between alternatives.")] = None,
    state: Annotated[
        list[str] | None, typer.Option(help="Only these states; may be repeated.")
    ] = None,
    site: Annotated[
        list[str] | None, typer.Option(help="Only tasks of this site; may be repeated.")
    ] = None,
    mine: Annotated[bool, typer.Option("--mine", help="Only your own.")] = False,
    as_json: JsonOption = False,
) -> None:
    """The project's tasks, newest first."""
    found = client().tasks.list(search=search, state=state, site=site, mine=mine or None)
    show_list(found, as_json, _COLUMNS)


@app.command("get")
@refusals
def get(task_id: str, as_json: JsonOption = False) -> None:
    """One task."""
    show_task(client().tasks.get(task_id), as_json)


@app.command("export")
@refusals
def export(task_id: str) -> None:
    """A task's whole configuration as YAML; 'train submit --file' takes it back."""
    from slipway.cli.train_file import as_yaml  # YAML is not needed elsewhere

    typer.echo(as_yaml(client().tasks.get(task_id).spec), nl=False)


@app.command("attempts")
@refusals
def attempts(task_id: str, as_json: JsonOption = False) -> None:
    """Every attempt of a task, newest first, and why it ended."""
    show_list(
        client().tasks.attempts(task_id), as_json,
        [("ATTEMPT", lambda a: a.number), ("ENDED", lambda a: a.ending or "going on"), ("INSTANCES", lambda a: len(a.instances)),
         ("NODES", lambda a: ", ".join(sorted({i.node for i in a.instances}))), ("STARTED", lambda a: a.started_at),
         ("REASON", lambda a: a.reason)],
    )  # fmt: skip


@app.command("record")
@refusals
def record(
    task_id: str,
    changes: Annotated[
        bool, typer.Option("--changes", help="Print what was not committed, as a patch.")
    ] = False,
    packages: Annotated[
        bool, typer.Option("--packages", help="Print what the environment held.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """What a task's last start depended on, and whether that is still to be had."""
    found = client().tasks.reproduction(task_id)
    if changes:
        typer.echo("".join(one.changes for one in found.changes), nl=False)
    elif packages:
        typer.echo("\n".join(found.packages))
    elif as_json:
        show(found, True)
    else:
        _show_checks(found.checks)


@app.command("rerun")
@refusals
def rerun(
    task_id: str,
    name: Annotated[str, typer.Argument(help="Of the new task.")],
    as_json: JsonOption = False,
) -> None:
    """Run a task again exactly: the same versions, commits and values; tells what is not the same."""
    made = client().tasks.rerun(task_id, name)
    if as_json:
        show(made, True)
        return
    show_task(made.task, False)
    _show_checks(made.checks)


def _show_checks(checks: Sequence[Any]) -> None:
    show_list(
        checks, False,
        [("PART", lambda c: c.part), ("NAME", lambda c: c.name), ("WAS", lambda c: c.was),
         ("NOW", lambda c: c.sameness), ("WHY", lambda c: c.reason)],
    )  # fmt: skip


@app.command("wait")
@refusals
def wait_for(
    task_id: str,
    timeout: Annotated[float | None, typer.Option(help="Seconds.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Wait until a task has ended; exit code 1 unless it completed."""
    finish(client().tasks.wait(task_id, timeout_s=timeout), as_json)


@app.command("logs")
@refusals
def logs(
    task_id: str,
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on until the task has ended.")
    ] = False,
    instance: Annotated[
        str | None, typer.Option(help="Only this instance; * and ? allowed.")
    ] = None,
    search: Annotated[str | None, typer.Option(help="Only lines with these words.")] = None,
    lines: Annotated[int, typer.Option("--lines", "-n", help="The last so many.")] = 100,
    timestamps: Annotated[bool, typer.Option("--timestamps", "-t")] = False,
    as_json: JsonOption = False,
) -> None:
    """A task's log."""
    api = client().tasks
    if follow:
        for line in api.follow(task_id, instance):
            typer.echo(
                json.dumps(line, ensure_ascii=False)
                if as_json
                else _line(line["time"], line["text"], timestamps)
            )
        return
    found = list(api.log_lines(task_id, lines, instance=instance, search=search))
    for entry in reversed(found):
        shown = {
            "time": entry.time,
            "instance_id": entry.instance_id,
            "category": entry.category,
            "text": entry.text,
        }
        typer.echo(
            json.dumps(shown, ensure_ascii=False)
            if as_json
            else _line(entry.time, entry.text, timestamps)
        )


@app.command("metrics")
@refusals
def metrics(task_id: str, as_json: JsonOption = False) -> None:
    """The last value of every metric a task reported."""
    show_list(
        client().tasks.metrics(task_id), as_json,
        [("METRIC", lambda s: s.name), ("LAST", lambda s: s.value[-1]), ("STEP", lambda s: s.step[-1]),
         ("POINTS", lambda s: len(s.value)), ("INSTANCE", lambda s: s.instance_id)],
    )  # fmt: skip


@app.command("instances")
@refusals
def instances_of(task_id: str, as_json: JsonOption = False) -> None:
    """A task's instances."""
    show_list(
        client().tasks.instances(task_id), as_json,
        [("ID", lambda i: i.id), ("ROLE", lambda i: i.role), ("STATE", lambda i: i.state), ("NODE", lambda i: i.node),
         ("EXIT", lambda i: i.exit_code), ("REASON", lambda i: i.reason)],
    )  # fmt: skip


@app.command("shell")
@refusals
def shell(task_id: str, instance: InstanceOption = None) -> None:
    """A terminal inside a running instance; Ctrl-] leaves it, its exit code becomes this command's."""
    tasks = client().tasks
    attach(lambda columns, rows: tasks.shell(task_id, instance, columns=columns, rows=rows))


@app.command("profile")
@refusals
def profile(
    task_id: str,
    instance: InstanceOption = None,
    seconds: Annotated[int, typer.Option(help="1 to 60.")] = 10,
    idle: Annotated[bool, typer.Option("--idle", help="With the time in which it waits.")] = False,
    out: Annotated[
        Path, typer.Option(help="Folder for one speedscope file a process.", show_default="here")
    ] = Path(),
) -> None:
    """Sample a running instance, without a restart, into files for https://www.speedscope.app."""
    found = client().tasks.profile(task_id, instance, seconds=seconds, idle=idle)
    for process in found.processes:
        file = out / f"{task_id}-{process.pid}.speedscope.json"
        file.write_text(json.dumps(process.speedscope))
        typer.echo(f"{file}  {process.command}")


@app.command("checkpoints")
@refusals
def checkpoints(task_id: str, as_json: JsonOption = False) -> None:
    """A task's checkpoints, newest first."""
    show_list(
        client().tasks.checkpoints(task_id), as_json,
        [("PATH", lambda c: c.path), ("STEP", lambda c: c.step), ("EPOCH", lambda c: c.epoch), ("LOSS", lambda c: c.loss),
         ("SIZE", lambda c: size(c.size_bytes))],
    )  # fmt: skip


@app.command("stop")
@refusals
def stop(task_id: str) -> None:
    """Stop a task."""
    typer.echo(client().tasks.stop(task_id).state)


@app.command("start")
@refusals
def start(task_id: str) -> None:
    """Start a stopped or failed task again."""
    typer.echo(client().tasks.start(task_id).state)


@app.command("publish")
@refusals
def publish(
    task_id: str,
    name: Annotated[str | None, typer.Option(help="Name of a new model.")] = None,
    model_id: Annotated[
        str | None, typer.Option("--model", help="An existing model: its next version.")
    ] = None,
    model_format: Annotated[str, typer.Option("--format")] = "PyTorch",
    checkpoint: Annotated[
        str | None, typer.Option(help="Path of a checkpoint instead of the final model.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Publish a completed task's model to the repository."""
    api = client()
    made = api.tasks.publish(
        task_id, name=name, model_id=model_id, format=model_format, checkpoint=checkpoint
    )
    done = api.models.wait(made.id)
    show(
        done,
        as_json,
        ("model", done.model_id),
        ("version", f"{done.id} ({done.version})"),
        ("state", done.state),
    )


@app.command("delete")
@refusals
def delete(
    task_id: str,
    with_outputs: Annotated[
        bool, typer.Option("--with-outputs", help="Also delete what it wrote.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete an ended task's record; outputs stay unless asked otherwise."""
    if not yes:
        typer.confirm(
            f"Delete the task {task_id}{' with its outputs' if with_outputs else ''}?", abort=True
        )
    client().tasks.delete(task_id, with_outputs=with_outputs)
    typer.echo(f"Deleted {task_id}.")


@app.command("environments")
@refusals
def environments(as_json: JsonOption = False) -> None:
    """What a task can run in."""
    show_list(
        client().tasks.environments(),
        as_json,
        [
            ("ID", lambda e: e.id),
            ("NAME", lambda e: e.name),
            ("MODES", lambda e: ", ".join(e.modes)),
            ("MISSING", lambda e: e.unavailable),
        ],
    )


@app.command("templates")
@refusals
def templates(as_json: JsonOption = False) -> None:
    """Fine-tuning templates."""
    show_list(
        client().tasks.templates(),
        as_json,
        [
            ("ID", lambda t: t.id),
            ("NAME", lambda t: t.name["en"]),
            ("ABOUT", lambda t: t.description["en"]),
        ],
    )


def _line(time: str, content: str, timestamps: bool) -> str:
    return f"{time} {content}" if timestamps else content
