"""`slipway service ...`: providers behind services, and what the gateway does with their calls."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from slipway.cli.output import JsonOption, refusals, show, show_list
from slipway.cli.session import client

app = typer.Typer()

KeyOption = Annotated[
    str, typer.Option(envvar="SLIPWAY_PROVIDER_KEY", help="Its key; better in the variable.")
]
ModelOption = Annotated[str, typer.Option(help="The model's name there; left out, as in the call.")]


@app.command("connect")
@refusals
def connect(
    name: str,
    url: Annotated[str, typer.Argument(help="Such as https://api.example.com/v1.")],
    model: ModelOption = "",
    served_name: Annotated[str, typer.Option(help="Model name in calls.")] = "",
    key: KeyOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make a provider's model a service."""
    made = client().services.connect(name, url, model=model, served_name=served_name, key=key)
    show(made, as_json, ("id", made["id"]), ("secret", made["key"]["secret"]))


@app.command("upstreams")
@refusals
def upstreams(service_id: str, as_json: JsonOption = False) -> None:
    """Other people's servers that answer for a service."""
    show_list(
        client().services.upstreams(service_id), as_json,
        [("ID", lambda u: u["id"]), ("NAME", lambda u: u["name"]), ("ADDRESS", lambda u: u["url"]),
         ("MODEL", lambda u: u["model"]), ("WEIGHT", lambda u: u["weight"]),
         ("ENABLED", lambda u: "yes" if u["enabled"] else "no")],
    )  # fmt: skip


@app.command("add-upstream")
@refusals
def add_upstream(
    service_id: str,
    name: str,
    url: str,
    model: ModelOption = "",
    key: KeyOption = "",
    weight: Annotated[int, typer.Option(help="0: only when nobody else can answer.")] = 100,
    as_json: JsonOption = False,
) -> None:
    """Let another OpenAI-compatible server answer for a service, too."""
    made = client().services.add_upstream(
        service_id, name, url, model=model, key=key, weight=weight
    )
    show(made, as_json, ("id", made["id"]), ("name", made["name"]))


@app.command("delete-upstream")
@refusals
def delete_upstream(service_id: str, upstream_id: str) -> None:
    """Take an upstream away, with its key."""
    client().services.delete_upstream(service_id, upstream_id)
    typer.echo(f"Deleted {upstream_id}.")


@app.command("policy")
@refusals
def policy(
    service_id: str,
    file: Annotated[
        Path | None, typer.Option("--set", help="JSON to change it with; what it names changes.")
    ] = None,
) -> None:
    """What the gateway does with a service's calls: rules, audit, retries, fallbacks, mirror."""
    services = client().services
    found: Any
    if file is None:
        found = services.call_policy(service_id)
    else:
        found = services.set_call_policy(service_id, **json.loads(file.read_text()))
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
