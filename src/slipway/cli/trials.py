"""`slipway train trial`: chat with a checkpoint before anything is published."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from slipway.cli.output import JsonOption, refusals, show, show_list
from slipway.cli.session import client

app = typer.Typer(help="Light trials of checkpoints.", no_args_is_help=True)


@app.command("start")
@refusals
def start(
    task_id: str,
    checkpoint: Annotated[str, typer.Argument(help="Its path; see 'train checkpoints'.")],
    group: Annotated[str | None, typer.Option(help="Resource group.")] = None,
    cpu: Annotated[float | None, typer.Option(help="CPU cores.", show_default="1")] = None,
    memory_gib: Annotated[float | None, typer.Option(show_default="2")] = None,
    gpus: Annotated[int | None, typer.Option(show_default="0")] = None,
    idle_minutes: Annotated[
        int | None, typer.Option(help="Stops itself when unused so long.", show_default="60")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Until it can be chatted with.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Serve a checkpoint for a while, also while the task is running."""
    asked = {
        "resource_group": group, "cpu_cores": cpu, "gpus": gpus,
        "memory_bytes": None if memory_gib is None else int(memory_gib * 2**30),
        "idle_s": None if idle_minutes is None else idle_minutes * 60,
    }  # fmt: skip
    own = client()
    made = own.trials.start(
        task_id, checkpoint, **{k: v for k, v in asked.items() if v is not None}
    )
    _show(own.trials.wait(made.id) if wait else made, as_json)


@app.command("list")
@refusals
def list_trials(
    task: Annotated[str | None, typer.Option(help="Only of this task.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Trials with their states, newest first."""
    show_list(
        client().trials.list(task),
        as_json,
        [
            ("ID", lambda t: t.id), ("TASK", lambda t: t.task_name),
            ("CHECKPOINT", lambda t: t.checkpoint), ("STATE", lambda t: t.state),
            ("REASON", lambda t: t.reason), ("STOPS", lambda t: t.idle_stop_at),
        ],
    )  # fmt: skip


@app.command("ask")
@refusals
def ask(
    trial_id: str,
    question: str,
    max_tokens: Annotated[int | None, typer.Option(help="Longest answer.")] = None,
) -> None:
    """Send one message and print the answer."""
    body = {} if max_tokens is None else {"max_tokens": max_tokens}
    typer.echo(client().trials.chat(trial_id, [{"role": "user", "content": question}], **body))


@app.command("stop")
@refusals
def stop(trial_id: str) -> None:
    """End a trial and give its resources back."""
    client().trials.stop(trial_id)
    typer.echo(f"Stopping {trial_id}.")


@app.command("delete")
@refusals
def delete(trial_id: str) -> None:
    """Delete the record of an ended trial. The checkpoint stays."""
    client().trials.delete(trial_id)
    typer.echo(f"Deleted {trial_id}.")


def _show(trial: Any, as_json: bool) -> None:
    show(
        trial, as_json, ("id", trial.id), ("checkpoint", trial.checkpoint), ("state", trial.state),
        ("reason", trial.reason), ("service", trial.service_id), ("stops", trial.idle_stop_at),
    )  # fmt: skip
