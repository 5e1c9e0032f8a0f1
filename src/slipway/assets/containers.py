"""The container engine of this machine: Docker or Podman, where one is present and answers."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_ANSWERS_WITHIN_S = 5
ENGINES = ("docker", "podman")


@dataclass(frozen=True, slots=True)
class ContainerEngine:
    name: str
    path: Path


def find_engine() -> ContainerEngine | None:
    """The client that is installed; whether its engine runs, only `why_unavailable` knows."""
    for name in ENGINES:
        if path := shutil.which(name):
            return ContainerEngine(name, Path(path))
    return None


def why_unavailable() -> str | None:
    """Why container images cannot be used here, or None. Blocking: asks the engine."""
    engine = find_engine()
    if engine is None:
        return "Neither Docker nor Podman is installed on this machine."
    try:
        answer = subprocess.run(
            [engine.path, "info"], capture_output=True, text=True, timeout=_ANSWERS_WITHIN_S
        )
    except (OSError, subprocess.SubprocessError) as error:
        return f"{engine.name} does not answer: {error}."
    if answer.returncode == 0:
        return None
    said = (answer.stderr.strip() or answer.stdout.strip()).splitlines()
    # The first sentence of the last line; a question may follow it.
    why = f": {said[-1].partition('. ')[0].rstrip('.')}" if said else ""
    return f"{engine.name} is installed, but its engine does not run{why}."
