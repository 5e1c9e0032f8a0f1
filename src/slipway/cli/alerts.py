"""`slipway alert` and `slipway inbox`: rules over events, where they go, what was sent."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from slipway.cli.output import JsonOption, refusals, show, show_list
from slipway.cli.session import client

app = typer.Typer(
    help="Alerts: rules over events, targets, and what was sent.", no_args_is_help=True
)
rule = typer.Typer(help="Rules: which events are told to whom.", no_args_is_help=True)
target = typer.Typer(help="Targets: webhooks, e-mail, in-app inboxes.", no_args_is_help=True)
app.add_typer(rule, name="rule")
app.add_typer(target, name="target")

PatternFile = Annotated[
    Path | None, typer.Option("--pattern", help="File with a matching pattern in JSON; - reads it from standard input.")
]  # fmt: skip
Service = Annotated[str, typer.Option(help="Whose events, where no pattern is given.")]
Types = Annotated[
    list[str] | None, typer.Option("--event", help="Event name, such as taskCompleted; may be repeated.")
]  # fmt: skip
Subjects = Annotated[
    list[str] | None, typer.Option("--of", help="Id of a task and so on; left out, all. May be repeated.")
]  # fmt: skip
TagSets = Annotated[
    list[str] | None, typer.Option("--tag", help="key:value, several joined by commas must all be there; repeated: any.")
]  # fmt: skip
Creator = Annotated[str, typer.Option(help="User id of the creator.")]


@rule.command("list")
@refusals
def list_rules(search: str | None = None, as_json: JsonOption = False) -> None:
    """The project's rules, and your own notices."""
    show_list(
        client().alerts.rules(search=search), as_json,
        [("ID", lambda r: r.id), ("NAME", lambda r: r.name), ("ENABLED", lambda r: r.enabled),
         ("SERVICE", lambda r: r.service), ("TARGETS", lambda r: ", ".join(r.target_names)),
         ("CREATED", lambda r: r.created_at)],
    )  # fmt: skip


@rule.command("create")
@refusals
def create_rule(
    name: str,
    to: Annotated[list[str], typer.Option("--target", help="Id of a target; may be repeated.")],
    pattern: PatternFile = None, service: Service = "training", event: Types = None, of: Subjects = None,
    tag: TagSets = None, creator: Creator = "", description: str = "",
    disabled: Annotated[bool, typer.Option("--disabled", help="Save it switched off.")] = False,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Tell targets about events from now on."""
    made = client().alerts.create_rule(
        name, to, description=description, enabled=not disabled,
        **_condition(pattern, service, event, of, tag, creator),
    )  # fmt: skip
    show(made, as_json, ("id", made.id), ("enabled", made.enabled), ("pattern", made.pattern))


@rule.command("test")
@refusals
def test_rule(
    rule_id: Annotated[str | None, typer.Argument(help="A saved rule; or give a condition.")] = None,
    pattern: PatternFile = None, service: Service = "training", event: Types = None, of: Subjects = None,
    tag: TagSets = None, creator: Creator = "",
    recent: Annotated[int, typer.Option(help="How many of the newest real events to try.")] = 20,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Try a condition on the sample event and on real ones. Exit code 1 where it is wrong."""
    api = client().alerts
    condition = (
        {"pattern": api.rule(rule_id).pattern}
        if rule_id
        else _condition(pattern, service, event, of, tag, creator)
    )
    result = api.test(recent=recent, **condition)
    if result.fault:
        fault = result.fault
        typer.echo(f"slipway: Line {fault.line}, column {fault.column}: {fault.message}", err=True)
        raise typer.Exit(1)
    if as_json:
        show(result, True)
        return
    tried = [result.sample, *result.recent] if result.sample else list(result.recent)
    show_list(
        tried, False,
        [("MATCHES", lambda t: "yes" if t.matches else "no"), ("TIME", lambda t: t.event["time"]),
         ("TYPE", lambda t: t.event["type"]), ("SUBJECT", lambda t: t.event.get("subject"))],
    )  # fmt: skip


@rule.command("enable")
@refusals
def enable(rule_id: str) -> None:
    """Switch a rule on; it sees events from now on."""
    client().alerts.set_enabled(rule_id, True)
    typer.echo(f"Enabled {rule_id}.")


@rule.command("disable")
@refusals
def disable(rule_id: str) -> None:
    """Switch a rule off."""
    client().alerts.set_enabled(rule_id, False)
    typer.echo(f"Disabled {rule_id}.")


@rule.command("delete")
@refusals
def delete_rule(rule_id: str, yes: Annotated[bool, typer.Option("--yes", "-y")] = False) -> None:
    """Delete a rule."""
    _delete(rule_id, yes, client().alerts.delete_rule)


@target.command("list")
@refusals
def list_targets(as_json: JsonOption = False) -> None:
    """Where alerts can go."""
    show_list(
        client().alerts.targets(), as_json,
        [("ID", lambda t: t.id), ("NAME", lambda t: t.name), ("KIND", lambda t: t.kind), ("TO", lambda t: t.shown),
         ("LAST ERROR", lambda t: t.last_error)],
    )  # fmt: skip


@target.command("create")
@refusals
def create_target(
    name: str,
    webhook: Annotated[str | None, typer.Option(help="Address that gets a signed POST.")] = None,
    email: Annotated[list[str] | None, typer.Option(help="E-mail address; may be repeated.")] = None,
    user: Annotated[list[str] | None, typer.Option(help="User id, in-app; may be repeated.")] = None,
    members: Annotated[bool, typer.Option("--members", help="In-app: all members.")] = False,
    creator: Annotated[bool, typer.Option("--creator", help="In-app: who made the object.")] = False,
    language: Annotated[str, typer.Option(help="en or zh.")] = "en",
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Make a target. A webhook's signing secret is printed this once."""
    given = [bool(webhook), bool(email), bool(user or members or creator)]
    if sum(given) != 1:
        raise typer.BadParameter("Give --webhook, --email, or in-app receivers: one of the three.")
    kind = ("webhook", "email", "inbox")[given.index(True)]
    made = client().alerts.create_target(
        name, kind, language=language, url=webhook, addresses=email or [], users=user or [], members=members,
        creator=creator,
    )  # fmt: skip
    secret = [("secret", made.secret)] if made.secret else []
    show(made, as_json, ("id", made.id), ("to", made.shown), *secret)


@target.command("test")
@refusals
def test_target(target_id: str, as_json: JsonOption = False) -> None:
    """Send a test message now. Exit code 1 where it does not arrive."""
    sent = client().alerts.test_target(target_id)
    show(sent, as_json, ("state", sent.state), ("error", sent.last_error))
    if sent.state != "Delivered":
        raise typer.Exit(1)


@target.command("delete")
@refusals
def delete_target(
    target_id: str, yes: Annotated[bool, typer.Option("--yes", "-y")] = False
) -> None:
    """Delete a target that no rule uses."""
    _delete(target_id, yes, client().alerts.delete_target)


@app.command("log")
@refusals
def log(
    rule_id: Annotated[str | None, typer.Option("--rule", help="Of one rule.")] = None,
    target_id: Annotated[str | None, typer.Option("--target", help="Of one target.")] = None,
    state: Annotated[
        str | None, typer.Option(help="Pending, Retrying, Delivered or Failed.")
    ] = None,
    limit: Annotated[int, typer.Option(help="How many of the newest.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """What was sent, newest first."""
    found = client().alerts.deliveries(rule=rule_id, target=target_id, state=state)
    show_list(
        islice(found, limit), as_json,
        [("ID", lambda d: d.id), ("TIME", lambda d: d.created_at), ("STATE", lambda d: d.state),
         ("RULE", lambda d: d.rule_name), ("TARGET", lambda d: d.target_name), ("EVENT", lambda d: d.event_type),
         ("OF", lambda d: d.subject_name), ("TRIES", lambda d: d.attempts), ("ERROR", lambda d: d.last_error)],
    )  # fmt: skip


@app.command("resend")
@refusals
def resend(delivery_id: str) -> None:
    """Send a delivery again, under its old id."""
    client().alerts.resend(delivery_id)
    typer.echo(f"Sending {delivery_id} again.")


@refusals
def inbox(
    unread: Annotated[bool, typer.Option("--unread", help="Only those not read.")] = False,
    read_all: Annotated[bool, typer.Option("--read-all", help="Mark all as read.")] = False,
    limit: Annotated[int, typer.Option(help="How many of the newest.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """Your messages."""
    api = client().inbox
    found = list(islice(api.list(unread=unread), limit))
    if read_all:
        api.mark_all_read()
    show_list(
        found, as_json,
        [("", lambda m: "" if m.read_at else "new"), ("TIME", lambda m: m.created_at), ("MESSAGE", lambda m: m.title),
         ("LINK", lambda m: m.link)],
    )  # fmt: skip


def _condition(
    pattern: Path | None, service: str, event: list[str] | None, of: list[str] | None,
    tag: list[str] | None, creator: str,
) -> dict[str, Any]:  # fmt: skip
    if pattern is not None:
        try:
            written = sys.stdin.read() if pattern == Path("-") else pattern.read_text("utf-8")
            return {"pattern": written}
        except (OSError, UnicodeDecodeError) as error:
            raise typer.BadParameter(f"{pattern} cannot be read: {error}.") from error
    groups = [[part.strip() for part in group.split(",")] for group in tag or []]
    form = {
        "service": service, "types": event or [], "subjects": of or [], "creator": creator, "tags": groups,
    }  # fmt: skip
    return {"form": form}


def _delete(item: str, yes: bool, delete: Callable[[str], None]) -> None:
    if not yes:
        typer.confirm(f"Delete {item}? This cannot be undone.", abort=True)
    delete(item)
    typer.echo(f"Deleted {item}.")
