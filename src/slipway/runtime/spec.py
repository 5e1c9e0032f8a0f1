"""The instance spec: what the control plane asks a runner to run (`spec.json`)."""

import json
import os
from typing import Any, NamedTuple

Argv = tuple[str, ...]

_NOT_A_TARGET = ("/", "/proc", "/sys", "/dev")


class BadSpec(Exception):
    """The spec cannot be run; the message is a sentence for the user."""


class Mount(NamedTuple):
    source: str
    target: str
    read_only: bool
    env: str | None


class TextFile(NamedTuple):
    target: str
    text: str
    env: str | None


class Image(NamedTuple):
    reference: str  # by digest, so that it names one image for ever
    engine: str  # the client to run: docker or podman, by path or name


class Limits(NamedTuple):
    cpu_cores: float | None
    memory_bytes: int | None
    pids: int | None


class HealthCheck(NamedTuple):
    """A program of the platform's own that runs before the command, for at most `limit_s`."""

    argv: Argv
    env: dict[str, str]
    limit_s: float


class Spec(NamedTuple):
    instance_id: str
    argv: Argv
    env: dict[str, str]
    workdir: str
    mounts: tuple[Mount, ...]
    files: tuple[TextFile, ...]
    hide: tuple[str, ...]
    limits: Limits
    gpus: tuple[int, ...]
    gpu_share: float | None  # of the one card; None: whole cards
    grace_s: float
    pre_stop: tuple[Argv, ...]
    pre_start: Argv | None
    sample_interval_s: float
    isolate: bool
    image: Image | None = None  # the command runs in a container of it
    health_check: HealthCheck | None = None
    checkpoints: str | None = None  # path in the command's view
    hang_s: float | None = None


def load_spec(path: str) -> Spec:
    """Read and check the spec. Raises BadSpec."""
    try:
        with open(path, "rb") as file:
            raw = json.loads(file.read())
    except OSError as error:
        raise BadSpec(f"could not read {path}: {error.strerror}") from error
    except ValueError as error:
        raise BadSpec(f"{path} is not valid JSON: {error}") from error
    if not isinstance(raw, dict):
        raise BadSpec(f"{path} does not hold a JSON object")
    try:
        return _parse(raw)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadSpec(f"{path} is not an instance spec: {error!r}") from error


def shell(text: str) -> Argv:
    """Shell text as an argument list; starting it falls back to sh where there is no bash."""
    return ("bash", "-c", text)


def _parse(raw: dict[str, Any]) -> Spec:
    isolate = raw.get("isolate", "auto")
    if isolate not in ("auto", "off"):
        raise BadSpec(f'isolate must be "auto" or "off", not {isolate!r}')
    pre_start = raw.get("pre_start")
    return Spec(
        instance_id=str(raw["instance_id"]),
        argv=_command(raw),
        env=_env(raw.get("env") or {}),
        workdir=str(raw.get("workdir") or "/tmp"),
        mounts=tuple(_mount(item) for item in raw.get("mounts") or ()),
        files=tuple(_file(item) for item in raw.get("files") or ()),
        hide=tuple(_absolute(item) for item in raw.get("hide") or ()),
        limits=_limits(raw.get("limits") or {}),
        gpus=tuple(int(index) for index in raw.get("gpus") or ()),
        gpu_share=_share(raw.get("gpu_share")),
        grace_s=max(0.0, float(_or(raw.get("grace_s"), 30))),
        pre_stop=_hooks(raw.get("pre_stop")),
        pre_start=shell(pre_start) if pre_start else None,
        sample_interval_s=max(0.1, float(_or(raw.get("sample_interval_s"), 5))),
        isolate=isolate == "auto",
        image=_image(raw.get("image")),
        health_check=_health_check(raw.get("health_check")),
        checkpoints=_absolute(raw["checkpoints"]) if raw.get("checkpoints") else None,
        hang_s=float(raw["hang_s"]) if raw.get("hang_s") else None,
    )


def _share(value: Any) -> float | None:
    if value is None:
        return None
    share = float(value)
    if not 0 < share < 1:
        raise BadSpec(f"gpu_share must be between 0 and 1, not {value!r}")
    return share


def _health_check(raw: dict[str, Any] | None) -> HealthCheck | None:
    if raw is None:
        return None
    return HealthCheck(_argv(raw["argv"]), _env(raw.get("env") or {}), float(raw["limit_s"]))


def _command(raw: dict[str, Any]) -> Argv:
    argv = raw.get("argv")
    if argv:
        return _argv(argv)
    if not raw.get("command"):
        raise BadSpec("the spec has neither a command nor argv")
    return shell(_text(raw["command"]))


def _argv(value: Any) -> Argv:
    if not isinstance(value, list) or not value:
        raise BadSpec(f"an argument list is expected, not {value!r}")
    return tuple(_text(item) for item in value)


def _hooks(value: Any) -> tuple[Argv, ...]:
    """One argument list, or a list of them, or shell text."""
    if not value:
        return ()
    if isinstance(value, str):
        return (shell(_text(value)),)
    if isinstance(value[0], list):
        return tuple(_argv(item) for item in value)
    return (_argv(value),)


def _env(value: dict[str, Any]) -> dict[str, str]:
    env = {_text(name): _text(item) for name, item in value.items()}
    for name in env:
        if not name or "=" in name:
            raise BadSpec(f"{name!r} cannot be the name of an environment variable")
    return env


def _mount(raw: dict[str, Any]) -> Mount:
    return Mount(
        source=_absolute(raw["source"]),
        target=_target(raw["target"]),
        read_only=bool(raw.get("read_only")),
        env=raw.get("env") or None,
    )


def _file(raw: dict[str, Any]) -> TextFile:
    return TextFile(
        target=_target(raw["target"]), text=str(raw["text"]), env=raw.get("env") or None
    )


def _image(raw: dict[str, Any] | None) -> Image | None:
    if not raw:
        return None
    image = Image(_text(raw["reference"]), _text(raw["engine"]))
    if image.reference.startswith("-") or not image.reference:
        raise BadSpec(f"{image.reference!r} is not the name of an image")
    return image


def _limits(raw: dict[str, Any]) -> Limits:
    cpu, memory, pids = raw.get("cpu_cores"), raw.get("memory_bytes"), raw.get("pids")
    return Limits(
        cpu_cores=float(cpu) if cpu else None,
        memory_bytes=int(memory) if memory else None,
        pids=int(pids) if pids else None,
    )


def _target(value: Any) -> str:
    path = _absolute(value)
    if path in _NOT_A_TARGET or path.startswith(("/proc/", "/sys/")):
        raise BadSpec(f"nothing can be mounted at {path}")
    return path


def _absolute(value: Any) -> str:
    text = _text(value)
    if not text.startswith("/") or ".." in text.split("/"):
        raise BadSpec(f"an absolute path without '..' is expected, not {text!r}")
    # normpath keeps a leading "//".
    return "/" + os.path.normpath(text).lstrip("/")


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadSpec(f"text is expected, not {value!r}")
    if "\0" in str(value):
        raise BadSpec("a text of the spec holds a zero byte")
    return str(value)


def _or(value: Any, default: float) -> Any:
    return default if value is None else value
