"""`slipway group`: resource groups."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from slipway.cli.output import JsonOption, pairs, refusals, show, show_list, size
from slipway.cli.session import client

app = typer.Typer(help="Resource groups: machines shared by a policy.", no_args_is_help=True)

TagOption = Annotated[list[str] | None, typer.Option("--tag", help="key=value, several times.")]
PolicyOption = Annotated[
    Path | None, typer.Option(help="File with the scheduling policy (JSON).", exists=True)
]
PresetOption = Annotated[
    bool | None,
    typer.Option("--preset-by-gpu/--no-preset-by-gpu", help="CPU and memory follow the cards."),
]


@app.command("list")
@refusals
def list_groups(
    search: Annotated[str | None, typer.Option(help="Words of the id or name, a|b.")] = None,
    as_json: JsonOption = False,
) -> None:
    """The groups, with what is free in them."""
    show_list(
        client().resources.groups.list(search=search), as_json,
        [("ID", lambda g: g.id), ("NAME", lambda g: g.name), ("NODES", lambda g: f"{g.nodes_usable}/{g.nodes}"),
         ("CPU FREE", lambda g: _of(g.amounts.cpu_cores_free, g.amounts.cpu_cores)),
         ("MEMORY FREE", lambda g: f"{size(g.amounts.memory_bytes_free)} of {size(g.amounts.memory_bytes)}"),
         ("CARDS FREE", lambda g: _of(g.amounts.cards_free, g.amounts.cards)), ("TAGS", lambda g: g.tags)],
    )  # fmt: skip


@app.command("show")
@refusals
def show_group(group_id: str, as_json: JsonOption = False) -> None:
    """One group and its policy."""
    found = client().resources.groups.get(group_id)
    show(
        found, as_json, ("id", found.id), ("name", found.name), ("engine", found.engine), ("nodes", f"{found.nodes_usable}/{found.nodes}"),
        ("cpu free", _of(found.amounts.cpu_cores_free, found.amounts.cpu_cores)),
        ("cards free", _of(found.amounts.cards_free, found.amounts.cards)), ("policy", found.policy),
    )  # fmt: skip


@app.command("create")
@refusals
def create(
    name: str,
    engine: Annotated[str, typer.Option(help="process (this machine) or ray.")] = "process",
    tag: TagOption = None,
    policy: PolicyOption = None,
    preset_by_gpu: PresetOption = None,
    accept_risk: Annotated[
        bool, typer.Option(help="Machines are not changed by hand after they joined.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make an empty group."""
    made = client().resources.groups.create(
        name, engine=engine, risk_accepted=accept_risk, tags=pairs(tag, "A tag"),
        **_given(policy=_text(policy), preset_by_gpu=preset_by_gpu),
    )  # fmt: skip
    show(made, as_json, ("id", made.id), ("name", made.name))


@app.command("edit")
@refusals
def edit(
    group_id: str,
    name: Annotated[str | None, typer.Option()] = None,
    tag: TagOption = None,
    policy: PolicyOption = None,
    preset_by_gpu: PresetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change name, tags or policy."""
    changes = _given(
        name=name, tags=pairs(tag, "A tag") if tag is not None else None, policy=_text(policy),
        preset_by_gpu=preset_by_gpu,
    )  # fmt: skip
    made = client().resources.groups.update(group_id, **changes)
    show(made, as_json, ("id", made.id), ("name", made.name))


@app.command("delete")
@refusals
def delete(
    group_id: str,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete a group none of whose nodes is in use."""
    if not yes:
        typer.confirm(f"Delete the resource group {group_id}?", abort=True)
    client().resources.groups.delete(group_id)
    typer.echo(f"Deleted {group_id}.")


@app.command("free")
@refusals
def free(group_id: str, as_json: JsonOption = False) -> None:
    """Free cards by type: in all, on fully free machines, on partly used ones."""
    found = client().resources.groups.free(group_id)
    if as_json:
        show(found, True)
        return
    show_list(
        found.cards, False,
        [("CARD", lambda c: c.model), ("TOTAL", lambda c: c.total), ("FREE", lambda c: c.free),
         ("WHOLE MACHINE", lambda c: c.whole), ("PARTLY USED", lambda c: c.fragments), ("SHARES", lambda c: "yes" if c.shares else "no")],
    )  # fmt: skip


@app.command("holding")
@refusals
def holding(
    group_id: str,
    node: Annotated[str | None, typer.Option(help="Only on this node.")] = None,
    as_json: JsonOption = False,
) -> None:
    """What holds resources of a group."""
    show_list(
        client().resources.groups.holding(group_id, node=node), as_json,
        [("TYPE", lambda h: h.kind), ("ID", lambda h: h.owner_id), ("NAME", lambda h: h.name or "(another project)"),
         ("HOLDS", lambda h: h.words), ("RUN TIME", lambda h: f"{h.run_time_s:.0f} s" if h.run_time_s is not None else None)],
    )  # fmt: skip


def _of(free_amount: float, total: float) -> str:
    return f"{free_amount:g} of {total:g}"


def _text(policy: Path | None) -> str | None:
    return policy.read_text() if policy is not None else None


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


@app.command("flavours")
@refusals
def flavours(group_id: str, as_json: JsonOption = False) -> None:
    """What tasks of the group may ask for by name."""
    show_list(
        client().resources.groups.flavours(group_id), as_json,
        [("ID", lambda f: f.id), ("NAME", lambda f: f.name), ("CPU", lambda f: f"{f.cpu_cores:g}"), ("MEMORY", lambda f: size(f.memory_bytes)),
         ("CARDS", lambda f: f"{f.gpus:g}"), ("CARD", lambda f: f.gpu_model or ""), ("FIT NOW", lambda f: f.free_instances)],
    )  # fmt: skip


@app.command("add-flavour")
@refusals
def add_flavour(
    group_id: str,
    name: str,
    cpu: Annotated[float, typer.Option(help="Cores; 0 where the group gives them.")] = 0,
    memory_gib: Annotated[float, typer.Option(help="Memory; 0 where the group gives it.")] = 0,
    gpus: Annotated[float, typer.Option(help="Cards, or a share of one.")] = 0,
    gpu_model: Annotated[str | None, typer.Option(help="Only cards of this model.")] = None,
    as_json: JsonOption = False,
) -> None:
    """A size of one instance that tasks may ask for by name."""
    made = client().resources.groups.create_flavour(
        group_id, name, cpu_cores=cpu, memory_bytes=int(memory_gib * 2**30), gpus=gpus, gpu_model=gpu_model
    )  # fmt: skip
    show(made, as_json, ("id", made.id), ("name", made.name))


@app.command("delete-flavour")
@refusals
def delete_flavour(group_id: str, flavour_id: str) -> None:
    """The group offers it no more; what was submitted with it goes on."""
    client().resources.groups.delete_flavour(group_id, flavour_id)
    typer.echo(f"Deleted {flavour_id}.")
