"""`slipway env`: the project's own environments."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slipway.cli.output import JsonOption, pairs, refusals, show, show_list, size
from slipway.cli.session import client

if TYPE_CHECKING:
    from slipway.sdk.types import CustomEnvironmentDetail

app = typer.Typer(help="Environments of the project's own.", no_args_is_help=True)


@app.command("list")
@refusals
def list_environments(
    search: Annotated[str | None, typer.Option(help="Words; | between alternatives.")] = None,
    state: Annotated[list[str] | None, typer.Option(help="building, ready or failed.")] = None,
    as_json: JsonOption = False,
) -> None:
    """The project's environments, newest first."""
    show_list(
        client().environments.list(search=search, state=state), as_json,
        [("ID", lambda e: e.id), ("NAME", lambda e: f"{e.name} v{e.version}"), ("STATE", lambda e: e.state),
         ("FRAMEWORK", lambda e: e.framework), ("PYTHON", lambda e: e.python), ("SIZE", lambda e: size(e.size_bytes)),
         ("CREATED", lambda e: e.created_at)],
    )  # fmt: skip


@app.command("presets")
@refusals
def presets(as_json: JsonOption = False) -> None:
    """Inference environments that can be built: create NAME --preset ID."""
    show_list(
        client().environments.presets(), as_json,
        [("ID", lambda p: p.id), ("NAME", lambda p: p.name), ("HARDWARE", lambda p: ", ".join(p.hardware)),
         ("FORMATS", lambda p: ", ".join(p.formats)), ("ALSO KNOWN AS", lambda p: ", ".join(p.aliases))],
    )  # fmt: skip


@app.command("create")
@refusals
def create(
    name: Annotated[str, typer.Argument(help="A name, or with --next the id to follow.")],
    requirements: Annotated[
        Path | None, typer.Option("--requirements", "-r", help="requirements.txt or a lock.")
    ] = None,
    constraints: Annotated[Path | None, typer.Option(help="Constraints file for pip.")] = None,
    preset: Annotated[
        str | None, typer.Option(help="An inference environment, by its id or the manual's name.")
    ] = None,
    image: Annotated[str | None, typer.Option(help="A container image instead.")] = None,
    python: Annotated[str, typer.Option(help="Version such as 3.11.")] = "",
    framework: Annotated[str, typer.Option(help="Decides the modes.")] = "python",
    mode: Annotated[list[str] | None, typer.Option(help="Only these; may be repeated.")] = None,
    purpose: Annotated[
        list[str] | None,
        typer.Option(help="training or serving; may be repeated.", show_default="training"),
    ] = None,
    on_platform: Annotated[
        bool, typer.Option("--on-platform", help="On top of the platform's own packages.")
    ] = False,
    index_url: Annotated[str, typer.Option(help="Package index.")] = "",
    user: Annotated[str, typer.Option(help="Of the index or the registry.")] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    description: Annotated[str, typer.Option()] = "",
    tag: Annotated[list[str] | None, typer.Option(help="name=value; may be repeated.")] = None,
    next_version: Annotated[
        bool, typer.Option("--next", help="The next version of the environment NAME (an id).")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Follow the build to its end.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Build an environment."""
    form: dict[str, Any] = {
        "requirements": _text(requirements), "constraints": _text(constraints), "python": python,
        "kind": "image" if image else "python", "image": image or "", "framework": framework,
        "modes": mode or [], "purposes": purpose or ["training"], "on_platform": on_platform,
        "index_url": index_url, "user": user, "description": description,
        "password": sys.stdin.readline().rstrip("\n") if password_stdin else "",
        "tags": pairs(tag, "A tag"),
    }  # fmt: skip
    api = client().environments
    if preset is not None:
        form |= _of_preset(preset)
    made = api.create_version(name, **form) if next_version else api.create(name, **form)
    if wait:
        if not as_json:
            for line in api.follow(made.id):
                typer.echo(line["text"])
        made = api.wait(made.id)
    _show(made, as_json)


def _of_preset(name: str) -> dict[str, Any]:
    known = client().environments.presets()
    found = next((p for p in known if name == p.id or name in p.aliases), None)
    if found is None:
        raise typer.BadParameter(
            f"There is no preset {name}: {', '.join(p.id for p in known)}.", param_hint="--preset"
        )
    return {
        "requirements": found.requirements, "purposes": ["serving"], "on_platform": True,
        "framework": "other",
    }  # fmt: skip


@app.command("get")
@refusals
def get(environment_id: str, as_json: JsonOption = False) -> None:
    """One environment."""
    _show(client().environments.get(environment_id), as_json)


@app.command("build")
@refusals
def build(
    environment_id: str,
    wait: Annotated[bool, typer.Option("--wait", help="Until it is built.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Build its content again; what runs keeps the build it has."""
    api = client().environments
    made = api.rebuild(environment_id)
    _show(api.wait(environment_id) if wait else made, as_json)


@app.command("cancel")
@refusals
def cancel(environment_id: str, as_json: JsonOption = False) -> None:
    """Stop the build."""
    _show(client().environments.cancel(environment_id), as_json)


@app.command("logs")
@refusals
def logs(
    environment_id: str,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Until the build ends.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", help="The last so many.")] = 100,
) -> None:
    """The newest build's log."""
    api = client().environments
    if follow:
        for line in api.follow(environment_id):
            typer.echo(line["text"])
        return
    for entry in reversed(api.logs(environment_id, limit=lines).items):
        typer.echo(entry.text)


@app.command("delete")
@refusals
def delete(environment_id: str, yes: Annotated[bool, typer.Option("--yes", "-y")] = False) -> None:
    """Delete one that nothing runs in."""
    if not yes:
        typer.confirm(f"Delete {environment_id}? This cannot be undone.", abort=True)
    client().environments.delete(environment_id)
    typer.echo(f"Deleted {environment_id}.")


def _text(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path} cannot be read: {error}.") from error


def _show(e: CustomEnvironmentDetail, as_json: bool) -> None:
    show(
        e, as_json, ("environment", f"{e.id} ({e.name} v{e.version})"), ("state", e.state),
        ("reason", e.reason), ("framework", f"{e.framework}: {', '.join(e.modes)}"),
        ("for", ", ".join(e.purposes)), ("python", e.python), ("image", e.image),
        ("size", size(e.size_bytes)), ("packages", len(e.build.packages) if e.build else 0),
    )  # fmt: skip
