"""`slipway node`: the machines of resource groups."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from slipway.cli.output import JsonOption, refusals, show, show_list, size
from slipway.cli.session import client

if TYPE_CHECKING:
    from slipway.sdk.types import BatchView, NodeDetail

app = typer.Typer(help="Machines that run the work.", no_args_is_help=True)

GroupOption = Annotated[str | None, typer.Option(help="Only of this resource group.")]
ReasonOption = Annotated[str, typer.Option(help="Shown to everybody.")]
ConfirmOption = Annotated[
    bool, typer.Option("--confirm", help="What runs on it may be moved away.")
]


@app.command("list")
@refusals
def list_nodes(group: GroupOption = None, as_json: JsonOption = False) -> None:
    """Nodes that are in use."""
    show_list(
        client().resources.nodes.list(group=group), as_json,
        [("ID", lambda n: n.id), ("NAME", lambda n: n.name), ("GROUP", lambda n: n.group_name), ("ADDRESS", lambda n: n.host),
         ("STATE", lambda n: f"{n.state}, cordoned" if n.cordoned else n.state),
         ("CPU HELD", lambda n: f"{n.cpu_cores_held:g} of {n.cpu_cores:g}"),
         ("MEMORY HELD", lambda n: f"{size(n.memory_bytes_held)} of {size(n.memory_bytes)}"),
         ("CARDS HELD", lambda n: f"{sum(c.used for c in n.cards):g} of {len(n.cards)}")],
    )  # fmt: skip


@app.command("show")
@refusals
def show_node(node_id: str, as_json: JsonOption = False) -> None:
    """One node with its checks."""
    node = client().resources.nodes.get(node_id)
    checks = [(f"check {c.name}", f"{c.level}: {c.sentence}") for c in node.checks]
    show(
        node, as_json, ("id", node.id), ("name", node.name), ("group", f"{node.group_name} ({node.group_id})"), ("state", node.state),
        ("reason", node.reason or node.cordon_reason), ("address", node.host), ("in use since", node.joined_at),
        ("planned end", node.planned_end), *checks,
    )  # fmt: skip


@app.command("history")
@refusals
def history(group: GroupOption = None, as_json: JsonOption = False) -> None:
    """Nodes that could not be set up or have left."""
    show_list(
        client().resources.nodes.history(group=group), as_json,
        [("ID", lambda n: n.id), ("NAME", lambda n: n.name), ("STATE", lambda n: n.state), ("REASON", lambda n: n.reason),
         ("ENDED", lambda n: n.ended_at)],
    )  # fmt: skip


@app.command("move")
@refusals
def move(
    nodes: list[str],
    group: Annotated[str, typer.Option(help="The group to move to.")],
    confirm: ConfirmOption = False,
) -> None:
    """Move nodes to another group."""
    _report(client().resources.nodes.move(nodes, group, confirm=confirm), "moved")


@app.command("release")
@refusals
def release(nodes: list[str], confirm: ConfirmOption = False) -> None:
    """Nodes leave the platform; their machines stay."""
    _report(client().resources.nodes.release(nodes, confirm=confirm), "released")


@app.command("rejoin")
@refusals
def rejoin(node_id: str, group: Annotated[str, typer.Option(help="The group to join.")]) -> None:
    """A node of the history comes back."""
    _tell(client().resources.nodes.rejoin(node_id, group))


@app.command("cordon")
@refusals
def cordon(node_id: str, reason: ReasonOption = "") -> None:
    """No new work on the node; what runs goes on."""
    _tell(client().resources.nodes.cordon(node_id, reason))


@app.command("uncordon")
@refusals
def uncordon(node_id: str) -> None:
    """The node takes new work again."""
    _tell(client().resources.nodes.uncordon(node_id))


@app.command("place")
@refusals
def place(
    node_id: str,
    zone: Annotated[str | None, typer.Option(help="Where it stands.")] = None,
    rack: Annotated[str | None, typer.Option(help="Its rack in the zone.")] = None,
) -> None:
    """Where the node stands; runs of several instances are kept together."""
    given = {name: value for name, value in (("zone", zone), ("rack", rack)) if value is not None}
    _tell(client().resources.nodes.place(node_id, **given))


@app.command("drain")
@refusals
def drain(
    node_id: str,
    time_limit: Annotated[
        float, typer.Option(help="Seconds until what still runs is moved away.")
    ] = 0,
    reason: ReasonOption = "",
) -> None:
    """Empty the node: no new work, and what runs leaves within the limit."""
    _tell(client().resources.nodes.drain(node_id, time_limit_s=time_limit, reason=reason))


@app.command("join")
def join(
    url: Annotated[str | None, typer.Option(help="Address of the platform.")] = None,
    token: Annotated[
        str | None, typer.Option(help="One-time token; left out, this machine joins as before.")
    ] = None,
    ray_address: Annotated[
        str | None, typer.Option(help="host:port of Ray's head, if the platform does not know it.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the node; the host name.")] = None,
    zone: Annotated[
        str | None, typer.Option(help="Where it stands: a room, a building, a site.")
    ] = None,
    rack: Annotated[str | None, typer.Option(help="Its rack in the zone.")] = None,
    only_print: Annotated[
        bool, typer.Option("--print", help="Print the command that starts Ray, and do not run it.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask about the disks that are listed.")
    ] = False,
) -> None:
    """This machine joins the platform's Ray cluster: lists its disks, looks at its storage and ports, then starts Ray. No disk is formatted."""
    given = {
        "--url": url,
        "--token": token,
        "--ray-address": ray_address,
        "--name": name,
        "--zone": zone,
        "--rack": rack,
    }
    words = [word for option, value in given.items() if value for word in (option, value)]
    switches = [word for word, on in (("--print", only_print), ("--yes", yes)) if on]
    _run_join(*words, *switches)


@app.command("leave")
def leave(
    now: Annotated[
        bool, typer.Option("--now", help="Do not wait until what runs here has moved away.")
    ] = False,
) -> None:
    """This machine leaves: its work is moved away, then the Ray that `join` started here is stopped."""
    _run_join("--leave", *(["--now"] if now else []))


def _run_join(*words: str) -> None:
    command = [sys.executable, "-m", "slipway.compute.engines.ray.join", *words]
    raise typer.Exit(subprocess.run(command, check=False).returncode)


def _tell(node: NodeDetail) -> None:
    cordoned = ", takes no new work" if node.cordoned else ""
    typer.echo(f"{node.name} ({node.id}): {node.state}{cordoned}.")


def _report(done: BatchView, word: str) -> None:
    """A line a node; exit code 1 where one was refused."""
    for item in done.items:
        typer.echo(f"{item.node_id}: {word if item.done else item.problem}")
    if not all(item.done for item in done.items):
        raise typer.Exit(1)
