"""`slipway train submit`: every field of the form as an option, or the whole task as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from slipway.cli.output import JsonOption, pairs, show
from slipway.cli.session import client
from slipway.cli.train_output import finish, show_task

_GIB = 2**30
_ROLE_FIELDS = {"count": int, "cpu_cores": float, "memory_gib": float, "gpus": float, "gpu_model": str, "command": str}  # fmt: skip


def submit(
    name: Annotated[str | None, typer.Argument(help="Left out, the file's.")] = None,
    command: Annotated[str, typer.Option("--command", "-c", help="Shell text to run.")] = "",
    template: Annotated[
        str | None, typer.Option(help="A fine-tuning template; see 'train templates'.")
    ] = None,
    environment: Annotated[
        str, typer.Option("--environment", "-e", help="See 'train environments'.")
    ] = "",
    mode: Annotated[
        str | None,
        typer.Option(help="single, ddp, mpi, horovod, ps or ray.", show_default="single"),
    ] = None,
    resource_group: Annotated[str | None, typer.Option(show_default="rsg-local")] = None,
    instances: Annotated[int | None, typer.Option(show_default="1")] = None,
    cpu: Annotated[
        float | None, typer.Option(help="CPU cores per instance.", show_default="1")
    ] = None,
    memory_gib: Annotated[
        float | None, typer.Option(help="Memory per instance.", show_default="2")
    ] = None,
    gpus: Annotated[float | None, typer.Option(help="GPUs per instance.", show_default="0")] = None,
    gpu_model: Annotated[str | None, typer.Option(help="Only cards of this model.")] = None,
    flavour: Annotated[
        str | None,
        typer.Option(help="A flavour of the group instead of amounts; see 'group flavours'."),
    ] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(
            help="Modes ps and ray: NAME:count=2;cpu_cores=1;memory_gib=2;gpus=0;command=...; may be repeated."
        ),
    ] = None,
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
    mount: Annotated[
        list[str] | None,
        typer.Option(help="KIND:SOURCE[:PATH[:PURPOSE]]; KIND is dataset, storage, model or path."),
    ] = None,
    hyperparameters: Annotated[str | None, typer.Option(help="JSON, or @file.")] = None,
    env: Annotated[list[str] | None, typer.Option(help="NAME=value; may be repeated.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="name=value; may be repeated.")] = None,
    description: Annotated[str | None, typer.Option()] = None,
    output: Annotated[str | None, typer.Option(help="Storage address for what it writes.")] = None,
    max_restarts: Annotated[int | None, typer.Option(show_default="0")] = None,
    max_reschedules: Annotated[
        int | None, typer.Option(help="Moves away from failed nodes.", show_default="0")
    ] = None,
    health_check: Annotated[
        float | None, typer.Option(help="Check the network first, for at most so many seconds.")
    ] = None,
    grace: Annotated[
        float | None, typer.Option(help="Seconds between stop and kill.", show_default="30")
    ] = None,
    hang: Annotated[
        float | None, typer.Option(help="Seconds without a sign of life that count as failed.")
    ] = None,
    max_run: Annotated[float | None, typer.Option(help="Longest run time, in seconds.")] = None,
    max_queue: Annotated[float | None, typer.Option(help="Longest wait, in seconds.")] = None,
    after: Annotated[
        list[str] | None,
        typer.Option(help="ID of a task that must have completed first; may be repeated."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", "-f", help="The whole task as YAML or JSON; options win over it."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what it would become; submit nothing.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="Follow it to its end; exit code 1 unless it completes.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Submit a task."""
    from slipway.cli.train_file import object_of, read_task  # YAML is not needed elsewhere

    form = read_task(file) if file else {}
    said = {
        "name": name, "command": command or None, "template": template, "environment": environment or None,
        "mode": mode, "resource_group": resource_group, "instances": instances, "cpu_cores": cpu, "gpus": gpus,
        "gpu_model": gpu_model, "flavour": flavour, "description": description, "output": output, "max_restarts": max_restarts,
        "max_reschedules": max_reschedules, "health_check_s": health_check, "grace_s": grace, "hang_s": hang,
        "max_run_s": max_run, "max_queue_s": max_queue, "after": after,
        "memory_bytes": int(memory_gib * _GIB) if memory_gib is not None else None,
        "roles": [_role(text) for text in role] if role else None,
    }  # fmt: skip
    form |= {field: value for field, value in said.items() if value is not None}
    form["mounts"] = form.get("mounts", []) + _mounts(dataset, code, model, mount)
    form["mounts"] += [_git(text) for text in git or ()]
    form["hyperparameters"] = form.get("hyperparameters", {}) | object_of(
        hyperparameters, "The hyper-parameters"
    )
    form["env"] = form.get("env", {}) | pairs(env, "A variable")
    form["tags"] = form.get("tags", {}) | pairs(tag, "A tag")
    if "name" not in form:
        raise typer.BadParameter("A task needs a name: as the argument, or in the file.")
    if dry_run:
        _show_plan(form, as_json)
        return
    _run(form, wait=wait, as_json=as_json)


def _run(form: dict[str, Any], *, wait: bool, as_json: bool) -> None:
    api = client().tasks
    task = api.create(**form)
    if not wait:
        show_task(task, as_json)
        return
    if not as_json:
        for line in api.follow(task.id):
            typer.echo(line["text"])
    finish(api.wait(task.id), as_json)


def _show_plan(form: dict[str, Any], as_json: bool) -> None:
    plan = client().tasks.plan(**form)
    hour = plan.per_hour
    show(
        plan, as_json,
        *((f"role {r.name}", f"{r.count} x {r.cpu_cores:g} cores, {r.memory_bytes / _GIB:.1f} GiB, {r.gpus:g} GPUs") for r in plan.roles),
        ("each hour", f"{hour.cpu_core_hours:g} core-hours, {hour.memory_gib_hours:.1f} GiB-hours, {hour.gpu_hours:g} GPU-hours"),
        *(("warning", words) for words in plan.warnings),
        ("problem", plan.problem or "none"),
    )  # fmt: skip
    if plan.problem:
        raise typer.Exit(1)


def _role(text: str) -> dict[str, Any]:
    name, _, rest = text.partition(":")
    role: dict[str, Any] = {"name": name}
    # The command comes last and may hold anything.
    rest, has_command, command = rest.partition("command=")
    for part in filter(None, (p.strip() for p in rest.split(";"))):
        field, equals, value = part.partition("=")
        if not equals or field not in _ROLE_FIELDS:
            raise typer.BadParameter(f"{part!r}: a role has {', '.join(_ROLE_FIELDS)}.")
        try:
            role[field] = _ROLE_FIELDS[field](value)
        except ValueError as error:
            raise typer.BadParameter(f"{part!r} is not a number.") from error
    if has_command:
        role["command"] = command
    if "memory_gib" in role:
        role["memory_bytes"] = int(role.pop("memory_gib") * _GIB)
    return role


def _mounts(
    datasets: list[str] | None, code: str | None, model: str | None, others: list[str] | None
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
    return mounts + [_mount(text) for text in others or ()]


def _git(text: str) -> dict[str, Any]:
    """ID[@ref][:path]."""
    source, _, target = text.partition(":")
    repository, _, ref = source.partition("@")
    return {"kind": "git", "source": repository, "version": ref or None, "target": target,
            "purpose": "other" if target else "code"}  # fmt: skip


def _mount(text: str) -> dict[str, Any]:
    kind, _, rest = text.partition(":")
    source, _, place = rest.partition(":")
    target, _, purpose = place.partition(":")
    if not source:
        raise typer.BadParameter(f"{text!r}: a mount is KIND:SOURCE[:PATH[:PURPOSE]].")
    return {"kind": kind, "source": source, "target": target, "purpose": purpose or "other"}
