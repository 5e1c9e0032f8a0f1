"""`slipway key`: personal tokens and access keys."""

from __future__ import annotations

from typing import Annotated

import typer

from slipway.cli.output import JsonOption, refusals, show, show_list
from slipway.cli.session import client

app = typer.Typer(help="Personal tokens and access keys.", no_args_is_help=True)


@app.command("create")
@refusals
def create(
    kind: Annotated[
        str, typer.Option(help="token (for the API) or access (ID + secret for signed protocols).")
    ] = "token",
    name: Annotated[str, typer.Option(help="What it is for.")] = "",
    days: Annotated[
        float | None, typer.Option(help="Days until it ends; left out, it does not.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key. Its secret is printed this once."""
    made = client().keys.create(kind, name, days)
    show(made, as_json, ("id", made.id), ("secret", made.secret))


@app.command("list")
@refusals
def list_keys(as_json: JsonOption = False) -> None:
    """Your keys."""
    show_list(
        client().keys.list(), as_json,
        [("ID", lambda k: k.id), ("KIND", lambda k: k.kind), ("NAME", lambda k: k.name), ("ON", lambda k: "yes" if k.enabled else "no"), ("CREATED", lambda k: k.created_at),
         ("LAST USED", lambda k: k.last_used_at), ("EXPIRES", lambda k: k.expires_at)],
    )  # fmt: skip


@app.command("disable")
@refusals
def disable(key_id: str) -> None:
    """Switch a key off; whoever uses it is refused until it is switched on again."""
    client().keys.switch(key_id, enabled=False)
    typer.echo(f"Switched off {key_id}.")


@app.command("enable")
@refusals
def enable(key_id: str) -> None:
    """Switch a key on again."""
    client().keys.switch(key_id, enabled=True)
    typer.echo(f"Switched on {key_id}.")


@app.command("delete")
@refusals
def delete(key_id: str) -> None:
    """Delete a key; whoever uses it is refused from now on."""
    client().keys.delete(key_id)
    typer.echo(f"Deleted {key_id}.")
