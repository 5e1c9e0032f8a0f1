"""`slipway train`: training tasks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slipway.cli import trials
from slipway.cli.output import JsonOption, pairs, refusals, show, show_list, size
from slipway.cli.session import client

if TYPE_CHECKING:
    from slipway.sdk.types import TaskView

app = typer.Typer(help="Training tasks.", no_args_is_help=True)
app.add_typer(trials.app, name="trial")

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
    mine: Annotated[bool, typer.Option("--mine", help="Only your own.")] = False,
    as_json: JsonOption = False,
) -> None:
    """The project's tasks, newest first."""
    show_list(client().tasks.list(search=search, state=state, mine=mine or None), as_json, _COLUMNS)


@app.command("create")
@refusals
def create(
    name: str,
    command: Annotated[str, typer.Option("--command", "-c", help="Shell text to run.")] = "",
    template: Annotated[
        str | None, typer.Option(help="A fine-tuning template; see 'train templates'.")
    ] = None,
    environment: Annotated[
        str, typer.Option("--environment", "-e", help="See 'train environments'.")
    ] = "",
    mode: Annotated[str | None, typer.Option(help="single or ddp.", show_default="single")] = None,
    instances: Annotated[int | None, typer.Option(show_default="1")] = None,
    cpu: Annotated[
        float | None, typer.Option(help="CPU cores per instance.", show_default="1")
    ] = None,
    memory_gib: Annotated[
        float | None, typer.Option(help="Memory per instance.", show_default="2")
    ] = None,
    gpus: Annotated[float | None, typer.Option(help="GPUs per instance.", show_default="0")] = None,
    dataset: Annotated[
        list[str] | None, typer.Option(help="ID[:path]; training data, at /opt/ml/input/data.")
    ] = None,
    code: Annotated[
        str | None, typer.Option(help="Storage address of the code, at /opt/ml/code.")
    ] = None,
    git: Annotated[
        list[str] | None,
        typer.Option(help="ID[@ref][:path] of a repository; without a path, at /opt/ml/code."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Model version to start from, at /opt/ml/input/model.")
    ] = None,
    hyperparameters: Annotated[str | None, typer.Option(help="JSON, or @file.")] = None,
    env: Annotated[list[str] | None, typer.Option(help="NAME=value; may be repeated.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="name=value; may be repeated.")] = None,
    max_restarts: Annotated[int | None, typer.Option(show_default="0")] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", "-f", help="The whole task as JSON; options win over it."),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Follow it to its end; exit code 1 unless it completes.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Submit a task."""
    form = _object(f"@{file}", "The task") if file else {}
    said = {
        "command": command or None, "template": template, "environment": environment or None, "mode": mode,
        "instances": instances, "cpu_cores": cpu, "gpus": gpus, "max_restarts": max_restarts,
        "memory_bytes": int(memory_gib * 2**30) if memory_gib is not None else None,
    }  # fmt: skip
    form |= {field: value for field, value in said.items() if value is not None}
    form["mounts"] = form.get("mounts", []) + _mounts(dataset, code, model)
    form["mounts"] += [_git(text) for text in git or ()]
    form["hyperparameters"] = form.get("hyperparameters", {}) | _object(hyperparameters)
    form["env"] = form.get("env", {}) | pairs(env, "A variable")
    form["tags"] = form.get("tags", {}) | pairs(tag, "A tag")
    api = client().tasks
    task = api.create(name, **{k: v for k, v in form.items() if k != "name"})
    if not wait:
        _show(task, as_json)
        return
    if not as_json:
        for line in api.follow(task.id):
            typer.echo(line["text"])
    _finish(api.wait(task.id), as_json)


@app.command("get")
@refusals
def get(task_id: str, as_json: JsonOption = False) -> None:
    """One task."""
    _show(client().tasks.get(task_id), as_json)


@app.command("wait")
@refusals
def wait_for(
    task_id: str,
    timeout: Annotated[float | None, typer.Option(help="Seconds.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Wait until a task has ended; exit code 1 unless it completed."""
    _finish(client().tasks.wait(task_id, timeout_s=timeout), as_json)


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


def _git(text: str) -> dict[str, Any]:
    """ID[@ref][:path]."""
    source, _, target = text.partition(":")
    repository, _, ref = source.partition("@")
    return {"kind": "git", "source": repository, "version": ref or None, "target": target,
            "purpose": "other" if target else "code"}  # fmt: skip


def _mounts(
    datasets: list[str] | None, code: str | None, model: str | None
) -> list[dict[str, Any]]:
    mounts: list[dict[str, Any]] = []
    for item in datasets or ():
        dataset_id, _, target = item.partition(":")
        mounts.append(
            {"kind": "dataset", "source": dataset_id, "target": target, "purpose": "training_data"}
        )
    if code:
        mounts.append({"kind": "storage", "source": code, "purpose": "code"})
    if model:
        mounts.append({"kind": "model", "source": model, "purpose": "own_model"})
    return mounts


def _object(given: str | None, what: str = "The hyper-parameters") -> dict[str, Any]:
    """A JSON object, or the one in the file after an `@`."""
    if given is None:
        return {}
    try:
        data = json.loads(Path(given[1:]).read_text() if given.startswith("@") else given)
    except OSError as error:
        raise typer.BadParameter(f"{given[1:]} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise typer.BadParameter(f"{what} must be JSON: {error}") from error
    if not isinstance(data, dict):
        raise typer.BadParameter(f"{what} must be a JSON object.")
    return data


def _line(time: str, content: str, timestamps: bool) -> str:
    return f"{time} {content}" if timestamps else content


def _show(task: Any, as_json: bool) -> None:
    show(
        task, as_json, ("id", task.id), ("name", task.name), ("state", task.state), ("reason", task.reason),
        ("environment", task.environment), ("instances", task.instances), ("output", task.output), ("created", task.created_at),
    )  # fmt: skip


def _finish(task: TaskView, as_json: bool) -> None:
    _show(task, as_json)
    if task.state != "Completed":
        raise typer.Exit(1)
