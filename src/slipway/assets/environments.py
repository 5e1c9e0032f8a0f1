"""Environments: what a command finds installed. The built-in ones are declared here, in one place.

Each is the platform's own Python with a set of packages that must be importable; one whose packages
are missing is listed with the reason and how to get them.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from slipway.base.errors import Invalid


@dataclass(frozen=True, slots=True)
class Environment:
    id: str
    name: str
    framework: str
    modes: tuple[str, ...]
    purposes: tuple[str, ...]  # training, serving
    packages: tuple[str, ...]
    extra: str = "llm"

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(package for package in self.packages if not _installed(package))

    @property
    def unavailable_reason(self) -> str | None:
        if not self.missing:
            return None
        return f"Missing here: {', '.join(self.missing)}. Install with: pip install 'slipway[{self.extra}]'."


BUILT_IN = (
    Environment("python", "Python", "python", ("single", "ddp", "mpi", "ps", "ray"), ("training", "serving"), ()),
    Environment("pytorch", "PyTorch 2.13", "pytorch", ("single", "ddp", "mpi", "ps", "ray"), ("training", "serving"), ("torch", "numpy")),
    Environment(
        "llm", "LLM fine-tuning (Transformers, TRL, PEFT)", "transformers", ("single", "ddp", "mpi", "ray"), ("training", "serving"),
        ("torch", "transformers", "trl", "peft"),
    ),
    Environment(
        "horovod", "Horovod", "horovod", ("single", "horovod", "mpi"), ("training",), ("horovod",), extra="horovod"
    ),
    Environment("tiinfer", "tiinfer (mosec, PyTorch)", "tiinfer", (), ("serving",), ("mosec",)),
)  # fmt: skip


def get_environment(environment_id: str, *, purpose: str) -> Environment:
    """The environment, if it exists, serves `purpose` and is installed here."""
    known = [e for e in BUILT_IN if purpose in e.purposes]
    if not environment_id:
        raise Invalid(
            f"Choose an environment: {', '.join(e.id for e in known)}.",
            field="environment",
            code="no_environment",
        )
    for environment in known:
        if environment.id == environment_id:
            if reason := environment.unavailable_reason:
                raise Invalid(reason, field="environment", code="environment_unavailable")
            return environment
    raise Invalid(
        f"There is no environment {environment_id!r}. Possible: {', '.join(e.id for e in known)}.",
        field="environment",
        code="unknown_environment",
    )


def base_variables(directory: Path | None = None) -> dict[str, str]:
    """The environment variables every instance starts from; nothing of the platform's own leaks in.

    `directory`: of a Python environment; None: the platform's own.
    """
    bin_dir = str(directory / "bin" if directory else Path(sys.executable).parent)
    return {
        "PATH": os.pathsep.join(
            [bin_dir, "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
        ),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "VIRTUAL_ENV": str(directory or sys.prefix),
    }


@lru_cache(maxsize=64)
def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
