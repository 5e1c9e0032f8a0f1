"""`slipway service-group` and `slipway calls`: AppKeys for several services, and what they called."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slipway.cli.output import JsonOption, refusals, show, show_list
from slipway.cli.session import client

if TYPE_CHECKING:
    from slipway.sdk.types import ServiceGroupView

app = typer.Typer(help="Service groups: one AppKey for several services.", no_args_is_help=True)

Services = Annotated[
    list[str] | None, typer.Option("--service", help="Id of a running service; may be repeated.")
]
Rpm = Annotated[int | None, typer.Option(help="Requests a minute.")]
Tpm = Annotated[int | None, typer.Option(help="Tokens a minute.")]
Tpd = Annotated[int | None, typer.Option(help="Tokens a day.")]
Ipm = Annotated[int | None, typer.Option(help="Images a minute.")]
AtOnce = Annotated[int | None, typer.Option(help="Calls at once.")]
TokensMonth = Annotated[int | None, typer.Option(help="Tokens a calendar month.")]
CostDay = Annotated[str | None, typer.Option(help="Money a day.")]
CostMonth = Annotated[str | None, typer.Option(help="Money a calendar month.")]
Expires = Annotated[datetime | None, typer.Option(help="Refused from then on (local time).")]
Addresses = Annotated[
    list[str] | None, typer.Option("--address", help="Address or network that may call; repeat.")
]
Models = Annotated[list[str] | None, typer.Option("--model", help="Model it may call; repeat.")]


@app.command("list")
@refusals
def list_groups(search: str | None = None, as_json: JsonOption = False) -> None:
    """The project's service groups."""
    show_list(
        client().service_groups.list(search=search), as_json,
        [("ID", lambda g: g.id), ("NAME", lambda g: g.name), ("STATE", lambda g: g.state),
         ("KEY", lambda g: g.key.hint), ("SERVICES", lambda g: len(g.services)),
         ("CREATED", lambda g: g.created_at)],
    )  # fmt: skip


@app.command("create")
@refusals
def create(
    name: str, service: Services = None, description: str = "", rpm: Rpm = None, tpm: Tpm = None,
    tpd: Tpd = None, ipm: Ipm = None, concurrency: AtOnce = None, tokens_month: TokensMonth = None,
    cost_day: CostDay = None, cost_month: CostMonth = None, expires: Expires = None,
    address: Addresses = None, model: Models = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Make a group and its AppKey."""
    rules = _rules(
        rpm=rpm, tpm=tpm, tpd=tpd, ipm=ipm, concurrency=concurrency, tokens_month=tokens_month,
        cost_day=cost_day, cost_month=cost_month, expires_at=expires, addresses=address,
        models=model,
    )  # fmt: skip
    made = client().service_groups.create(name, service or [], description=description, **rules)
    show(made, as_json, ("id", made.id), ("base_url", made.address), ("secret", made.secret))


@app.command("get")
@refusals
def get(group_id: str, as_json: JsonOption = False) -> None:
    """One group with its services and rules."""
    _show(client().service_groups.get(group_id), as_json)


@app.command("edit")
@refusals
def edit(
    group_id: str, name: str | None = None, description: str | None = None,
    service: Services = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Change name, description or services; the key stays."""
    given = {"name": name, "description": description, "services": service or None}
    changes = {field: value for field, value in given.items() if value is not None}
    _show(client().service_groups.edit(group_id, **changes), as_json)


@app.command("limit")
@refusals
def limit(
    group_id: str, rpm: Rpm = None, tpm: Tpm = None, tpd: Tpd = None, ipm: Ipm = None,
    concurrency: AtOnce = None, tokens_month: TokensMonth = None, cost_day: CostDay = None,
    cost_month: CostMonth = None, expires: Expires = None, address: Addresses = None,
    model: Models = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Set the key's rules anew; what is left out is no rule any more."""
    rules = _rules(
        rpm=rpm, tpm=tpm, tpd=tpd, ipm=ipm, concurrency=concurrency, tokens_month=tokens_month,
        cost_day=cost_day, cost_month=cost_month, expires_at=expires, addresses=address,
        models=model,
    )  # fmt: skip
    _show(client().service_groups.edit(group_id, rules=rules), as_json)


@app.command("key")
@refusals
def key(group_id: str) -> None:
    """Print the AppKey. That you looked is recorded."""
    typer.echo(client().service_groups.key(group_id))


@app.command("reset-key")
@refusals
def reset_key(
    group_id: str,
    overlap_s: Annotated[int, typer.Option(help="Seconds in which the old key still works.")] = 0,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Make a new AppKey and print it."""
    if not overlap_s and not yes:
        typer.confirm("The old key is refused at once. Go on?", abort=True)
    typer.echo(client().service_groups.reset_key(group_id, overlap_s=overlap_s))


@app.command("enable")
@refusals
def enable(group_id: str) -> None:
    """Let the key call again."""
    client().service_groups.enable(group_id)
    typer.echo("Enabled.")


@app.command("disable")
@refusals
def disable(group_id: str) -> None:
    """Refuse every call until it is enabled."""
    client().service_groups.disable(group_id)
    typer.echo("Disabled.")


@app.command("ban")
@refusals
def ban(group_id: str, reason: str) -> None:
    """Ban the key (administrators of the platform)."""
    client().service_groups.ban(group_id, reason)
    typer.echo("Banned.")


@app.command("unban")
@refusals
def unban(group_id: str) -> None:
    """Lift a ban."""
    client().service_groups.unban(group_id)
    typer.echo("The ban is lifted.")


@app.command("delete")
@refusals
def delete(
    group_id: str, yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False
) -> None:
    """Delete a group and its key; past calls stay under its name."""
    if not yes:
        typer.confirm("The key stops working at once. Go on?", abort=True)
    client().service_groups.delete(group_id)
    typer.echo("Deleted.")


@app.command("presets")
@refusals
def presets(as_json: JsonOption = False) -> None:
    """Services that every project may link, with what is left of the free trial."""
    show_list(
        client().service_groups.presets(), as_json,
        [("ID", lambda s: s.id), ("NAME", lambda s: s.name), ("STATE", lambda s: s.state),
         ("MODELS", lambda s: ", ".join(s.models)),
         ("FREE TOKENS LEFT", lambda s: s.free_tokens_left)],
    )  # fmt: skip


Range = Annotated[str, typer.Option("--range", help="1h, today, yesterday, 7d or 15d.")]


@refusals
def calls(
    range_: Range = "1h",
    group: Annotated[str | None, typer.Option(help="Only calls with this group's key.")] = None,
    service: Annotated[str | None, typer.Option(help="Only calls of this service.")] = None,
    model: Annotated[str | None, typer.Option(help="Only calls that named this model.")] = None,
    export: Annotated[
        Path | None, typer.Option(help="Write a file instead: NAME.csv or NAME.xlsx; - is CSV.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """What was called: by model, group and service, and what failed."""
    asked = {"range": range_, "group": group, "service": service, "model": model}
    api = client().calls
    if export is not None:
        data = api.export("xlsx" if export.suffix == ".xlsx" else "csv", **asked)
        sys.stdout.buffer.write(data) if str(export) == "-" else export.write_bytes(data)
        return
    found = api.report(**asked)
    if as_json:
        show(found, True)
        return
    total = found.total
    show(
        found, False, ("calls", total.calls), ("failed", total.failed), ("tokens", total.tokens),
        ("images", total.images), ("cost", total.cost),
    )  # fmt: skip
    typer.echo()
    show_list(
        found.shares, False,
        [("MODEL", lambda s: s.model), ("GROUP", lambda s: s.group_name),
         ("SERVICE", lambda s: s.service_name), ("CALLS", lambda s: s.calls),
         ("FAILED", lambda s: s.failed), ("TOKENS", lambda s: s.tokens)],
    )  # fmt: skip
    if found.failures:
        show_list(
            found.failures, False,
            [("CODE", lambda f: f.code), ("CALLS", lambda f: f.calls),
             ("SHARE", lambda f: f"{f.share:.0%}")],
        )  # fmt: skip


def _rules(**given: Any) -> dict[str, Any]:
    rules = {name: value for name, value in given.items() if value is not None and value != []}
    if "expires_at" in rules:
        rules["expires_at"] = rules["expires_at"].astimezone().isoformat()
    return rules


def _show(group: ServiceGroupView, as_json: bool) -> None:
    rules = {
        name: value
        for name in type(group.rules).__slots__
        if (value := getattr(group.rules, name)) is not None
    }
    show(
        group, as_json, ("id", group.id), ("name", group.name), ("state", group.state),
        ("key", group.key.hint), ("base_url", group.address),
        ("services", ", ".join(f"{s.name} ({s.id})" for s in group.services)),
        *rules.items(),
    )  # fmt: skip
