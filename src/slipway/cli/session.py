"""`slipway login | logout | whoami`, and the client the other commands use."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from slipway.cli.output import JsonOption, refusals, show

if TYPE_CHECKING:
    from slipway.sdk.client import Client


def client() -> Client:
    from slipway.sdk.client import Client as Connected

    return Connected()


def add_to(app: typer.Typer) -> None:
    for command in (login, logout, whoami):
        app.command()(command)


@refusals
def login(
    url: Annotated[
        str, typer.Option(help="Address of the platform.", envvar="SLIPWAY_URL")
    ] = "http://127.0.0.1:8700",
    user: Annotated[str, typer.Option(help="User name.", prompt=True)] = "admin",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Sign in and keep a personal token for the commands that follow."""
    import socket

    from slipway.sdk import credentials
    from slipway.sdk.client import Client as Connected

    password = (
        sys.stdin.readline().rstrip("\n")
        if password_stdin
        else typer.prompt("Password", hide_input=True)
    )
    made = Connected.sign_in(
        url, user, password, key_name=f"CLI on {socket.gethostname()}"[:60], lasts_days=90
    )
    file = credentials.save(url, made.token)
    typer.echo(f"Signed in to {url} as {user}. Token saved in {file}.")


def logout() -> None:
    """Forget the saved token."""
    from slipway.sdk import credentials

    typer.echo("Signed out." if credentials.forget() else "You were not signed in.")


@refusals
def whoami(as_json: JsonOption = False) -> None:
    """Say who you are and where you may work."""
    me = client().me()
    projects = ", ".join(f"{p.name} ({p.role})" for p in me.projects)
    show(
        me,
        as_json,
        ("user", me.user.name),
        ("administrator", me.user.is_admin),
        ("projects", projects),
    )
