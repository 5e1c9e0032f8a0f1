"""`slipway service`: online services."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from slipway.cli.output import JsonOption, pairs, refusals, show, show_list
from slipway.cli.services_calls import app as calls
from slipway.cli.services_versions import app as versions
from slipway.cli.session import client
from slipway.cli.shell import InstanceOption, attach

app = typer.Typer(help="Online services.", no_args_is_help=True)
app.add_typer(calls)  # its commands stand beside these
app.add_typer(versions)


@app.command("list")
@refusals
def list_services(
    search: Annotated[str | None, typer.Option(help="Words; | between alternatives.")] = None,
    as_json: JsonOption = False,
) -> None:
    """The project's services."""
    show_list(
        client().services.list(search=search), as_json,
        [("ID", lambda s: s.id), ("NAME", lambda s: s.name), ("STATE", lambda s: s.state),
         ("REPLICAS", lambda s: f"{s.running}/{s.replicas}"), ("CREATED", lambda s: s.created_at)],
    )  # fmt: skip


@app.command("create")
@refusals
def create(
    name: str,
    runtime: Annotated[
        str, typer.Option(help="package (model_service.py), llm (OpenAI-compatible) or custom.")
    ] = "package",
    model: Annotated[
        str | None, typer.Option(help="A model version (mv-...) or a storage address.")
    ] = None,
    command: Annotated[
        str, typer.Option("--command", "-c", help="Start command; listen on $PORT.")
    ] = "",
    replicas: int = 1,
    cpu: float = 1.0,
    memory_gib: float = 1.0,
    gpus: float = 0,
    engine: Annotated[str, typer.Option(help="Of an llm; `engines` lists them.")] = "auto",
    environment: Annotated[str, typer.Option(help="One of the project's (env-...).")] = "",
    auth: Annotated[bool, typer.Option("--auth", help="Every call needs a key.")] = False,
    env: Annotated[list[str] | None, typer.Option(help="NAME=value; may be repeated.")] = None,
    wait: Annotated[bool, typer.Option(help="Wait until it answers.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Deploy a model."""
    api = client().services
    form: dict[str, Any] = {
        "command": command, "replicas": replicas, "cpu_cores": cpu, "memory_bytes": int(memory_gib * 2**30), "gpus": gpus,
        "auth": auth, "env": pairs(env, "A variable"), "engine": engine,
        "environment": environment,
    }  # fmt: skip
    if model:
        form["model"] = {"kind": "registry" if model.startswith("mv-") else "storage", "ref": model}
    made = api.create(name, runtime, **form)
    if wait:
        made = api.wait(made.id)
    _show(made, as_json)
    if auth and not as_json:
        typer.echo(f"Calls need a key: slipway service key {made.id} --name NAME makes one.")


@app.command("get")
@refusals
def get(service_id: str, as_json: JsonOption = False) -> None:
    """One service."""
    _show(client().services.get(service_id), as_json)


@app.command("call")
@refusals
def call_info(service_id: str, as_json: JsonOption = False) -> None:
    """How to call it: address and samples."""
    info = client().services.call_info(service_id)
    show(
        info,
        as_json,
        *((str(name), value) for name, value in info.items() if isinstance(value, str)),
    )


@app.command("logs")
@refusals
def logs(
    service_id: str,
    search: str | None = None,
    lines: Annotated[int, typer.Option("--lines", "-n")] = 100,
) -> None:
    """The last log lines of its instances."""
    found = list(client().services.logs(service_id, search=search, limit=lines))
    for line in reversed(found):
        typer.echo(line.text)


@app.command("shell")
@refusals
def shell(service_id: str, instance: InstanceOption = None) -> None:
    """A terminal inside a running instance; Ctrl-] leaves it, its exit code becomes this command's."""
    services = client().services
    attach(lambda columns, rows: services.shell(service_id, instance, columns=columns, rows=rows))


@app.command("stop")
@refusals
def stop(service_id: str) -> None:
    """Stop every version of a service."""
    client().services.stop_all(service_id)
    typer.echo("Stopping.")


@app.command("start")
@refusals
def start(version_id: str) -> None:
    """Start a version (ms-...-1)."""
    client().services.start(version_id)
    typer.echo("Starting.")


@app.command("scale")
@refusals
def scale(version_id: str, replicas: int) -> None:
    """Set a version's replica count."""
    client().services.scale(version_id, replicas)
    typer.echo(f"Scaling to {replicas}.")


@app.command("key")
@refusals
def create_key(service_id: str, name: str = "", as_json: JsonOption = False) -> None:
    """Make another key for calling a service."""
    made = client().services.create_key(service_id, name)
    show(made, as_json, ("id", made["id"]), ("secret", made["secret"]))


@app.command("rules")
@refusals
def rules(
    service_id: str,
    alias: Annotated[
        list[str] | None, typer.Option(help="Another name to call it by; may be repeated.")
    ] = None,
    rpm: Annotated[int | None, typer.Option(help="Requests a minute, over all keys.")] = None,
    tpm: Annotated[int | None, typer.Option(help="Tokens a minute, over all keys.")] = None,
    ipm: Annotated[int | None, typer.Option(help="Images a minute, over all keys.")] = None,
    preset: Annotated[bool, typer.Option("--preset", help="Every project may call it.")] = False,
    free_tokens: Annotated[int | None, typer.Option(help="A project's free trial.")] = None,
    prompt_price: Annotated[str | None, typer.Option(help="For a million tokens.")] = None,
    completion_price: Annotated[str | None, typer.Option(help="For a million tokens.")] = None,
    image_price: Annotated[str | None, typer.Option(help="For an image.")] = None,
    as_json: JsonOption = False,
) -> None:
    """What holds for its model whoever calls it, set anew; without options, shown."""
    api = client().service_groups
    prices = {"prompt": prompt_price, "completion": completion_price, "image": image_price}
    given: dict[str, Any] = {
        "aliases": alias, "rpm": rpm, "tpm": tpm, "ipm": ipm, "preset": preset,
        "free_tokens": free_tokens, "prices": {n: p for n, p in prices.items() if p is not None},
    }  # fmt: skip
    asked = {name: value for name, value in given.items() if value}
    if free_tokens == 0:
        asked["free_tokens"] = 0
    found = api.set_model_rules(service_id, **asked) if asked else api.model_rules(service_id)
    show(
        found, as_json, ("aliases", ", ".join(found.aliases or [])), ("rpm", found.rpm),
        ("tpm", found.tpm), ("ipm", found.ipm), ("preset", found.preset),
        ("free tokens", found.free_tokens), ("prompt price", found.prices.prompt),
        ("completion price", found.prices.completion), ("image price", found.prices.image),
    )  # fmt: skip


@app.command("delete")
@refusals
def delete(
    service_id: str, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False
) -> None:
    """Delete a stopped service with its keys."""
    if not yes:
        typer.confirm(f"Delete the service {service_id}?", abort=True)
    client().services.delete(service_id)
    typer.echo(f"Deleted {service_id}.")


def _show(service: Any, as_json: bool) -> None:
    show(
        service, as_json, ("id", service.id), ("name", service.name), ("state", service.state), ("reason", service.reason),
        ("replicas", f"{service.running}/{service.replicas}"),
    )  # fmt: skip
