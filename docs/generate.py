"""Writes the parts of the documentation that the code knows best.

A page holds them between `<!-- generated: NAME -->` and `<!-- end of generated -->`; everything
around is written by hand. `python docs/generate.py` writes them anew, `make docs` does so first,
and a test fails where a page is not current.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
_BLOCK = re.compile(
    r"(<!-- generated: (?P<name>[a-z-]+) -->\n).*?(<!-- end of generated -->)", re.DOTALL
)


def render(text: str) -> str:
    """The page with every generated part as the code is now."""
    return _BLOCK.sub(lambda found: f"{found[1]}\n{BLOCKS[found['name']]()}\n{found[3]}", text)


def pages() -> Iterator[Path]:
    """Every page with a generated part."""
    for page in sorted(DOCS.rglob("*.md")):
        if _BLOCK.search(page.read_text(encoding="utf-8")):
            yield page


def write() -> list[Path]:
    """Bring all pages up to date; returns those that changed."""
    changed = []
    for page in pages():
        text = page.read_text(encoding="utf-8")
        if (current := render(text)) != text:
            page.write_text(current, encoding="utf-8")
            changed.append(page)
    return changed


def on_pre_build(config: Any) -> None:
    """Called by mkdocs (see `hooks` in mkdocs.yml)."""
    write()


# --- settings ------------------------------------------------------------------------------------


def settings() -> str:
    from slipway.base.settings import Settings

    rows = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        rows.append((f"`SLIPWAY_{name.upper()}`", default, field.description or ""))
    return _table(("Environment variable", "Default", "Meaning"), rows)


# --- command line --------------------------------------------------------------------------------


def cli() -> str:
    from typer.main import get_command

    from slipway.cli.main import app

    return "\n".join(_commands(get_command(app), "slipway"))


def _commands(command: Any, path: str) -> Iterator[str]:
    for name, sub in command.commands.items():
        full = f"{path} {name}"
        if hasattr(sub, "commands"):
            yield f"## {full}\n\n{_sentence(sub.help)}\n"
            yield from _commands(sub, full)
        else:
            yield from _command(sub, full)


def _command(command: Any, path: str) -> Iterator[str]:
    level = "##" if path.count(" ") == 1 else "###"
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    words = [path, *(f"<{p.name}>" for p in arguments), *(["[options]"] if options else [])]
    yield f"{level} {path}\n\n{_sentence(command.help)}\n\n```text\n{' '.join(words)}\n```\n"
    told = [(f"`<{p.name}>`", p.help) for p in arguments if getattr(p, "help", None)]
    if told:
        yield _table(("Argument", "Meaning"), told) + "\n"
    if options:
        yield _table(("Option", "Default", "Meaning"), [_option(p) for p in options]) + "\n"


def _option(param: Any) -> tuple[str, str, str]:
    names = ", ".join(f"`{name}`" for name in (*param.opts, *param.secondary_opts))
    default = "required" if param.required else ""
    if param.default not in (None, "", False, ()) and not callable(param.default):
        default = f"`{_shown(param.default)}`"
    return names, default, param.help or ""


def _shown(default: Any) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


# --- permissions ---------------------------------------------------------------------------------


def roles() -> str:
    from slipway.iam.roles import Role, grants_of

    rows = [(f"**{role.value}**", ", ".join(f"`{g}`" for g in grants_of(role))) for role in Role]
    return _table(("Role", "May do"), rows)


def endpoints() -> str:
    from slipway.iam.http import Allow, Anyone
    from slipway.iam.roles import Role, may

    rows: list[tuple[str, ...]] = []
    for method, path, guard in _guarded():
        where = f"`{method} {path}`"
        if isinstance(guard, Allow):
            marks = tuple("yes" if may(role, guard.action) else "" for role in Role)
            rows.append((where, f"`{guard.action}`", *marks))
        elif isinstance(guard, Anyone):
            rows.append((where, f"no sign-in: {guard.reason}", *("yes" for _ in Role)))
        else:
            raise LookupError(f"{method} {path} declares no permission.")
    head = ("Endpoint (below `/api/v1`)", "Action", *(role.value for role in Role))
    return _table(head, rows)


def _guarded() -> Iterator[tuple[str, str, Any]]:
    """(method, path, what guards it) of every endpoint, sorted by path."""
    from fastapi.routing import iter_route_contexts

    from slipway.api.app import create_app
    from slipway.api.rooms import PREFIX
    from slipway.base.crypto import Sealer
    from slipway.base.database import Database
    from slipway.base.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        about = Settings(home=Path(folder))
        app = create_app(about, Database(about.sqlalchemy_url), Sealer.open(Path(folder) / "key"))
    app.state.rooms.open_all()
    found = [
        (method, context.path.removeprefix(PREFIX), _guard(context.dependant))
        for context in iter_route_contexts(app.routes)
        if context.path and context.path.startswith(PREFIX) and getattr(context, "dependant", None)
        for method in sorted(context.methods or ())
    ]
    yield from sorted(found, key=lambda item: (item[1], item[0]))


def _guard(dependant: Any) -> Any:
    from slipway.iam.http import Allow, Anyone

    for needed in dependant.dependencies:
        if isinstance(needed.call, Allow | Anyone):
            return needed.call
        if (found := _guard(needed)) is not None:
            return found
    return None


# --- gateway -------------------------------------------------------------------------------------

_WHY = {
    "invalid_key": "The key is missing, unknown, or belongs to another service.",
    "key_expired": "The key's time is over.",
    "key_disabled": "The key is switched off.",
    "group_disabled": "The key's service group is switched off.",
    "key_banned": "An administrator has banned the key.",
    "bad_request": "Not HTTP, or a call whose JSON is not one.",
    "unknown_service": "No service has this id.",
    "unknown_path": "There is nothing at this path below `/v1`.",
    "unknown_model": "No service that the key may call serves this model name.",
    "method_not_allowed": "GET for pages, POST for calls.",
    "request_timeout": "The request did not arrive in time.",
    "body_too_large": "The body is larger than the limit.",
    "headers_too_large": "The headers are larger than the limit.",
    "rate_limited": "The service's requests a second are used up.",
    "too_many_concurrent": "Every replica handles as many requests as its limit allows.",
    "service_stopped": "The service is stopped. Start it.",
    "too_many_waiting": "The service is waking, and as many calls wait for it as may.",
    "no_ready_instance": "No replica is ready yet (or any more).",
    "instance_unreachable": "The replica refused the connection or broke it off.",
    "too_many_connections": "The caller's address holds as many connections as it may.",
    "audit_failed": "The audit itself failed, and the service refuses then.",
    "audit_not_passed": "A text to embed, a picture's prompt and the like did not pass the audit.",
    "audit_question": "The question did not pass the audit.",
    "audit_answer": "The answer did not pass the audit.",
    "answer_not_json": "JSON was asked for, and the model's answer is none.",
    "bad_upstream_answer": "The replica's answer was not HTTP.",
    "upstream_timeout": "The replica was silent for too long.",
    "internal_error": "A defect of the gateway.",
    "rpm": "The key's requests a minute are used up.",
    "tpm": "The key's tokens a minute are used up.",
    "tpd": "The key's tokens a day are used up.",
    "ipm": "The key's images a minute are used up.",
    "concurrency": "The key has as many calls under way as it may.",
    "tokens_month": "The key's tokens of the month are used up.",
    "cost_day": "The key's budget of the day is used up.",
    "cost_month": "The key's budget of the month is used up.",
    "model_rpm": "The model's requests a minute are used up.",
    "model_tpm": "The model's tokens a minute are used up.",
    "model_ipm": "The model's images a minute are used up.",
    "free_trial_used_up": "The project's free trial of the model is used up.",
    "address_not_allowed": "The key may not be used from this address.",
}


def gateway_errors() -> str:
    from slipway.gateway import errors

    faults = [f for f in vars(errors).values() if isinstance(f, errors.Fault)]
    faults += [*errors.KEY_LIMIT.values(), *errors.MODEL_LIMIT.values()]
    rows = []
    for fault in faults:
        status = str(fault.status)
        if fault.model_status != fault.status:
            status += f" ({fault.model_status} at `/v1`)"
        rows.append(
            (status, f"`{fault.name}`", f"`{fault.code}`", f"`{fault.type}`", _WHY[fault.name])
        )
    head = ("Status", "Code, plain service", "Code, LLM call", "Type, LLM call", "When")
    return _table(head, sorted(rows))


def gateway_limits() -> str:
    from slipway.gateway.main import _TUNABLE
    from slipway.gateway.settings import Settings

    defaults = Settings(Path(), "")
    rows = [
        (f"`--{name.replace('_', '-')}`", f"`{getattr(defaults, name)}`", meaning)
        for name, meaning in _TUNABLE.items()
    ]
    return _table(("Option", "Default", "Meaning"), rows)


BLOCKS: dict[str, Callable[[], str]] = {
    "settings": settings,
    "cli": cli,
    "roles": roles,
    "endpoints": endpoints,
    "gateway-errors": gateway_errors,
    "gateway-limits": gateway_limits,
}


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [_row(head), _row(["---"] * len(head)), *(_row(row) for row in rows)]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _sentence(text: str | None) -> str:
    return " ".join((text or "").split())


if __name__ == "__main__":
    for written in write():
        sys.stdout.write(f"{written.relative_to(DOCS.parent)}\n")
