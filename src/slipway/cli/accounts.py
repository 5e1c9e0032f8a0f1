"""`slipway user` and `slipway project`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from slipway.cli.output import JsonOption, refusals, show, show_list
from slipway.cli.session import client

users = typer.Typer(help="Users (administrators only).", no_args_is_help=True)
projects = typer.Typer(help="Projects and their members.", no_args_is_help=True)


@users.command("list")
@refusals
def list_users(as_json: JsonOption = False) -> None:
    """Everybody."""
    show_list(
        client().accounts.users(), as_json,
        [("ID", lambda u: u.id), ("NAME", lambda u: u.name), ("ADMIN", lambda u: u.is_admin), ("ENABLED", lambda u: u.enabled),
         ("LAST SIGN-IN", lambda u: u.last_login_at)],
    )  # fmt: skip


@users.command("create")
@refusals
def create_user(
    name: str,
    admin: Annotated[bool, typer.Option("--admin", help="May do everything.")] = False,
    password_stdin: Annotated[bool, typer.Option("--password-stdin")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a user."""
    password = (
        sys.stdin.readline().rstrip("\n")
        if password_stdin
        else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    )
    made = client().accounts.create_user(name, password, is_admin=admin)
    show(made, as_json, ("id", made.id), ("name", made.name))


@projects.command("list")
@refusals
def list_projects(as_json: JsonOption = False) -> None:
    """The projects you see."""
    show_list(
        client().accounts.projects(),
        as_json,
        [("ID", lambda p: p.id), ("NAME", lambda p: p.name), ("CREATED", lambda p: p.created_at)],
    )


@projects.command("create")
@refusals
def create_project(name: str, description: str = "", as_json: JsonOption = False) -> None:
    """Make a project."""
    made = client().accounts.create_project(name, description)
    show(made, as_json, ("id", made.id), ("name", made.name))


@projects.command("add")
@refusals
def add_member(
    project_id: str,
    user: str,
    role: Annotated[str, typer.Option(help="admin, developer, annotator or viewer.")] = "developer",
) -> None:
    """Add a member, or change a member's role."""
    client().accounts.set_member(project_id, user, role)
    typer.echo(f"{user} is {role} now.")
