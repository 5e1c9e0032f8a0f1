"""`slipway service`: versions, their traffic, counts, updates and instances; alarms."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from slipway.cli.output import JsonOption, pairs, refusals, show, show_list
from slipway.cli.session import client

app = typer.Typer()


@app.command("versions")
@refusals
def list_versions(service_id: str, as_json: JsonOption = False) -> None:
    """A service's versions and their shares of the traffic."""
    show_list(
        client().services.versions(service_id), as_json,
        [("ID", lambda v: v["id"]), ("STATE", lambda v: v["state"]),
         ("REPLICAS", lambda v: f"{v['running']}/{v['replicas']}"),
         ("TRAFFIC", lambda v: f"{v['weight']} %"), ("REVISION", lambda v: v["revision"]),
         ("CREATED", lambda v: v["created_at"])],
    )  # fmt: skip


@app.command("add-version")
@refusals
def add_version(
    service_id: str,
    runtime: Annotated[str, typer.Option(help="package, llm or custom.")] = "package",
    model: Annotated[
        str | None, typer.Option(help="A model version (mv-...) or a storage address.")
    ] = None,
    command: Annotated[str, typer.Option("--command", "-c", help="Start command.")] = "",
    replicas: int = 1,
    cpu: float = 1.0,
    memory_gib: float = 1.0,
    gpus: float = 0,
    env: Annotated[list[str] | None, typer.Option(help="NAME=value; may be repeated.")] = None,
    as_json: JsonOption = False,
) -> None:
    """One more version; `weights` or `rollout` give it traffic."""
    form: dict[str, Any] = {
        "command": command, "replicas": replicas, "cpu_cores": cpu, "gpus": gpus,
        "memory_bytes": int(memory_gib * 2**30), "env": pairs(env, "A variable"),
    }  # fmt: skip
    if model:
        form["model"] = {"kind": "registry" if model.startswith("mv-") else "storage", "ref": model}
    made = client().services.add_version(service_id, runtime, **form)
    show(made, as_json, ("id", made.id), ("state", made.state), ("traffic", f"{made.weight} %"))


@app.command("weights")
@refusals
def set_weights(
    service_id: str,
    shares: Annotated[list[str], typer.Argument(help="VERSION=PERCENT ..., together 100.")],
) -> None:
    """Split the traffic between versions."""
    weights = {name: int(value) for name, value in pairs(shares, "A share").items()}
    client().services.set_weights(service_id, weights)
    typer.echo(", ".join(f"{name} {weight} %" for name, weight in weights.items()))


@app.command("rollout")
@refusals
def rollout(
    service_id: str,
    version: Annotated[str | None, typer.Option(help="Start: traffic moves to it.")] = None,
    step: Annotated[
        list[str] | None, typer.Option(help="PERCENT:SECONDS; may be repeated, the last is 100.")
    ] = None,
    error_pct: Annotated[float, typer.Option(help="Go back above this rate of errors.")] = 1.0,
    p95_ms: Annotated[float | None, typer.Option(help="Go back above this latency.")] = None,
    min_calls: Annotated[int, typer.Option(help="Calls that are needed to judge a step.")] = 20,
    cancel: Annotated[bool, typer.Option("--cancel", help="Traffic goes back.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Move traffic to a version in steps, with checks; without options, how it stands."""
    api = client().services
    if cancel:
        api.cancel_rollout(service_id)
    if version is not None:
        checks = {"error_pct": error_pct, "p95_ms": p95_ms, "min_calls": min_calls}
        steps = [_step(text) for text in step] if step else None
        api.start_rollout(service_id, version, steps=steps, checks=checks)
    found = api.rollout(service_id)
    if found is None:
        typer.echo("There was no rollout of this service.")
        return
    show(
        found, as_json, ("version", found.version_id), ("state", found.state),
        ("traffic", f"{found.weight} %"), ("step", f"{found.at + 1} of {len(found.steps)}"),
        ("reason", found.reason),
    )  # fmt: skip


def _step(text: str) -> dict[str, int]:
    weight, _, hold = text.partition(":")
    try:
        return {"weight": int(weight), "hold_s": int(hold or 0)}
    except ValueError as error:
        raise typer.BadParameter(f"{text} is no step such as 25:300.") from error


@app.command("autoscale")
@refusals
def autoscale(
    version_id: str,
    at: Annotated[
        list[str] | None,
        typer.Option("--at", help="'CRON=COUNT', such as '0 8 * * *=2'; may be repeated."),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(help="NAME=THRESHOLD, such as cpu-util=70; may be repeated."),
    ] = None,
    low: Annotated[int, typer.Option("--min", help="Fewest replicas, with --metric.")] = 1,
    high: Annotated[int, typer.Option("--max", help="Most replicas, with --metric.")] = 1,
    idle_s: Annotated[int | None, typer.Option(help="Sleep after so long without a call.")] = None,
    policy: Annotated[str | None, typer.Option(help="The whole policy as JSON.")] = None,
    off: Annotated[bool, typer.Option("--off", help="Back to a fixed count.")] = False,
    as_json: JsonOption = False,
) -> None:
    """How the count follows time or load; without options, shown with what its metrics say now."""
    api = client().services
    wanted: dict[str, Any] | None = None
    if policy is not None:
        wanted = json.loads(policy)
    elif off:
        wanted = {"strategy": "manual"}
    elif at or metric or idle_s is not None:
        wanted = _policy(at or [], metric or [], low, high, idle_s)
    if wanted is not None:
        api.scale(version_id, scaling=wanted)
    found = api.scaling(version_id)
    show(
        found, as_json, ("strategy", found.scaling.strategy), ("replicas", found.replicas),
        *((f"metric {s.metric}", f"{s.value} of {s.threshold}") for s in found.signals),
        *((f"at {rule.time}", rule.replicas) for rule in found.scaling.rules or []),
    )  # fmt: skip


def _policy(
    at: list[str], metric: list[str], low: int, high: int, idle_s: int | None
) -> dict[str, Any]:
    rules = [{"time": time, "replicas": int(n)} for time, n in pairs(at, "A rule").items()]
    targets = [
        {"metric": name, "threshold": float(n)} for name, n in pairs(metric, "A metric").items()
    ]
    strategy = "hpa" if targets else "time" if rules else "manual"
    hpa = {"min_replicas": low, "max_replicas": high, "targets": targets} if targets else None
    return {"strategy": strategy, "rules": rules, "hpa": hpa, "idle_s": idle_s}


@app.command("restart")
@refusals
def restart(version_id: str) -> None:
    """Replace every instance by the rolling policy, with the same configuration."""
    client().services.restart(version_id)
    typer.echo("Restarting.")


@app.command("updates")
@refusals
def updates(version_id: str, as_json: JsonOption = False) -> None:
    """What was changed, newest first; `revert` goes back to one."""
    show_list(
        client().services.updates(version_id), as_json,
        [("ID", lambda u: u.id), ("REVISION", lambda u: u.revision), ("KIND", lambda u: u.kind),
         ("CHANGED", lambda u: ", ".join(u.changes)), ("RESULT", lambda u: u.result),
         ("BY", lambda u: u.actor), ("TIME", lambda u: u.created_at)],
    )  # fmt: skip


@app.command("revert")
@refusals
def revert(version_id: str, update_id: str) -> None:
    """Back to the configuration and count of an update record (upd-...)."""
    found = client().services.revert(version_id, update_id)
    typer.echo(f"Going back: {found.id}, revision {found.revision}.")


@app.command("instances")
@refusals
def instances(
    version_id: str,
    ended: Annotated[bool, typer.Option("--ended", help="Also those that are gone.")] = False,
    as_json: JsonOption = False,
) -> None:
    """A version's instances."""
    show_list(
        client().services.instances(version_id, ended=ended), as_json,
        [("ID", lambda r: r.id), ("STATE", lambda r: r.state),
         ("ADDRESS", lambda r: f"{r.host}:{r.port}" if r.host else "-"),
         ("NODE", lambda r: r.node or "-"), ("CREATED", lambda r: r.created_at)],
    )  # fmt: skip


@app.command("isolate")
@refusals
def isolate(version_id: str, instance: str) -> None:
    """Send an instance nothing new; it goes on running for diagnosis."""
    client().services.isolate(version_id, instance)
    typer.echo(f"{instance} gets no new calls. release sends it calls again.")


@app.command("release")
@refusals
def release(version_id: str, instance: str) -> None:
    """Send an isolated instance calls again."""
    client().services.release(version_id, instance)
    typer.echo(f"{instance} gets calls again.")


@app.command("rebuild")
@refusals
def rebuild(version_id: str, instance: str) -> None:
    """Replace one instance by a new one."""
    client().services.rebuild(version_id, instance)
    typer.echo(f"{instance} is being replaced.")


@app.command("engines")
@refusals
def engines(as_json: JsonOption = False) -> None:
    """What an LLM service can run on, and what is missing here."""
    show_list(
        client().services.engines(), as_json,
        [("ENGINE", lambda e: e.name), ("NEEDS", lambda e: e.needs),
         ("MISSING HERE", lambda e: e.missing or "-")],
    )  # fmt: skip


@app.command("alarms")
@refusals
def alarms(service_id: str, as_json: JsonOption = False) -> None:
    """Thresholds on the service's figures, and how they stand."""
    show_list(
        client().services.alarms(service_id), as_json,
        [("ID", lambda a: a.id), ("NAME", lambda a: a.name),
         ("RULE", lambda a: f"{a.metric} {a.comparison} {a.threshold:g} for {a.minutes} min"),
         ("STATE", lambda a: "firing" if a.firing else "quiet" if a.enabled else "off"),
         ("LAST", lambda a: "-" if a.value is None else f"{a.value:.4g}")],
    )  # fmt: skip


@app.command("alarm")
@refusals
def create_alarm(
    service_id: str,
    name: str,
    metric: Annotated[str, typer.Option(help="Such as error-pct, p95-ms, cpu-util.")],
    threshold: Annotated[float, typer.Option()],
    comparison: Annotated[str, typer.Option(help=">, >=, < or <=.")] = ">",
    minutes: Annotated[int, typer.Option(help="In a row.")] = 3,
    severity: Annotated[str, typer.Option(help="info, warning or critical.")] = "warning",
    target: Annotated[
        list[str] | None, typer.Option(help="Id of an alert target; may be repeated.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Tell somebody when a figure of the service crosses a threshold."""
    made = client().services.create_alarm(
        service_id, name, metric, threshold, comparison=comparison, minutes=minutes,
        severity=severity, targets=target or [],
    )  # fmt: skip
    show(made, as_json, ("id", made.id), ("name", made.name))
