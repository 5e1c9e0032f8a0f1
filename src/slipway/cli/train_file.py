"""A task as a file: YAML (and so also JSON), the same fields as the API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer
import yaml

_NOT_OF_A_FORM = ("priority",)  # set by the platform's rules


def read_task(path: Path) -> dict[str, Any]:
    return read_object(path, "the task")


def read_object(path: Path, what: str) -> dict[str, Any]:
    return _object(_read(path), f"{path}: {what}")


def task_form(spec: dict[str, Any]) -> dict[str, Any]:
    """The configuration of a task that is there, as a form to submit."""
    return {name: value for name, value in spec.items() if name not in _NOT_OF_A_FORM}


def object_of(given: str | None, what: str) -> dict[str, Any]:
    """A JSON object, or the one in the file after an `@`."""
    if given is None:
        return {}
    if given.startswith("@"):
        return _object(_read(Path(given[1:])), what)
    try:
        return _object(json.loads(given), what)
    except ValueError as error:
        raise typer.BadParameter(f"{what} must be JSON: {error}") from error


def as_yaml(spec: dict[str, Any]) -> str:
    text: str = yaml.dump(
        task_form(spec),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
    )
    return text


class _Dumper(yaml.SafeDumper):
    """Commands of several lines stay readable."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def _read(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise typer.BadParameter(f"{path} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path} is no YAML or JSON: {error}") from error


def _object(data: Any, what: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise typer.BadParameter(f"{what} must be a JSON object.")
    return data
