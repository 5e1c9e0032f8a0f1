"""`slipway queue`, `slipway policy` and `slipway quota`: what waits, why, and by which rules."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slipway.cli.output import JsonOption, refusals, show, show_list
from slipway.cli.session import client

if TYPE_CHECKING:
    from slipway.sdk.types import AskView, WorkloadName

app = typer.Typer(help="What waits for resources, and why.", no_args_is_help=True)
policy = typer.Typer(help="Scheduling policies of resource groups.", no_args_is_help=True)
quota = typer.Typer(help="Cards that projects are guaranteed and limited to.", no_args_is_help=True)

FileArgument = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="A policy document (JSON).")
]


@app.command("list")
@refusals
def list_queue(
    group: Annotated[str | None, typer.Option(help="Only of this resource group.")] = None,
    search: Annotated[str | None, typer.Option(help="Words with | between them.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="key:value; all must match.")] = None,
    as_json: JsonOption = False,
) -> None:
    """What waits, in the order of the queue."""
    show_list(
        client().queue.list(group=group, search=search, tag=tag), as_json,
        [("NO", lambda i: i.number), ("KIND", lambda i: i.kind), ("NAME", lambda i: i.name), ("ID", lambda i: i.owner_id),
         ("WORKLOAD", lambda i: i.workload_id), ("ASKS", lambda i: " + ".join(_asks(a) for a in i.asks)),
         ("PRIORITY", lambda i: f"P{i.priority}"), ("WAITING", lambda i: timedelta(seconds=int(i.waiting_s))),
         ("REASON", lambda i: i.reason)],
    )  # fmt: skip


@app.command("why")
@refusals
def why(workload_id: str, as_json: JsonOption = False) -> None:
    """Why one item waits: where it was tried, who is ahead, who could be displaced."""
    told = client().queue.why(workload_id)
    sentences = [("", sentence) for sentence in told.sentences]
    nodes = [(f"node {n.node_name}", "; ".join(n.missing) or "would fit") for n in told.nodes[:20]]
    show(
        told, as_json, ("item", f"{told.item.name} ({told.item.owner_id})"), ("number", told.item.number),
        ("priority", f"P{told.item.priority}"), *sentences,
        ("ahead", _names(told.ahead, told.ahead_first)), *nodes,
        ("could displace", _names(len(told.victims), told.victims)),
    )  # fmt: skip


@policy.command("check")
@refusals
def check(file: FileArgument, as_json: JsonOption = False) -> None:
    """Whether a document is a valid policy; names the line or the field that is not."""
    checked = client().queue.check_policy(file.read_text())
    show(checked.policy, as_json, ("policy", "valid"))


@policy.command("dry-run")
@refusals
def dry_run(group: str, file: FileArgument, as_json: JsonOption = False) -> None:
    """What a policy would change in a resource group. Saves nothing."""
    tried = client().queue.dry_run(group, file.read_text())
    show(
        tried, as_json, ("priorities changed", tried.priorities_changed), ("would start", tried.would_start),
        ("would be displaced", tried.would_be_evicted),
        *((f"{c.workload.name}", f"P{c.before} -> P{c.after}") for c in tried.priorities),
        *((w.name, "would start") for w in tried.starts),
        *((e.workload.name, f"would be displaced for {e.displaced_for}") for e in tried.evictions),
    )  # fmt: skip


@quota.command("list")
@refusals
def list_quotas(group: str, as_json: JsonOption = False) -> None:
    """Quotas of a resource group."""
    show_list(
        client().queue.quotas(group), as_json,
        [("PROJECT", lambda q: q.project_id), ("CARD", lambda q: q.card_model), ("GUARANTEED", lambda q: f"{q.guaranteed:g}"),
         ("MAXIMUM", lambda q: "-" if q.maximum is None else f"{q.maximum:g}"), ("USED", lambda q: f"{q.used:g}"),
         ("BORROWED", lambda q: f"{q.borrowed:g}")],
    )  # fmt: skip


@quota.command("set")
@refusals
def set_quota(
    group: str,
    project: str,
    card: str,
    guaranteed: Annotated[float, typer.Option(help="Cards it is sure of.")] = 0,
    maximum: Annotated[float | None, typer.Option(help="Cards at most.")] = None,
) -> None:
    """Guarantee and limit the cards of one type that a project gets in a group."""
    client().queue.set_quota(group, project, card, guaranteed=guaranteed, maximum=maximum)


@quota.command("delete")
@refusals
def delete_quota(group: str, project: str, card: str) -> None:
    """Back to no guarantee and no limit."""
    client().queue.delete_quota(group, project, card)


def _asks(ask: AskView) -> str:
    cards = f" {ask.gpus:g} {ask.gpu_model or 'GPU'}" if ask.gpus else ""
    return f"{ask.instances} x {ask.cpu_cores:g}C{ask.memory_bytes / 2**30:g}G{cards}"


def _names(count: int, first: list[WorkloadName]) -> str:
    if not count:
        return "nobody"
    return f"{count}: " + ", ".join(f"{w.name} (P{w.priority})" for w in first)
