"""Containers of this platform whose runner is gone; they are children of the container engine, so
nothing else would end them. Each carries labels and the instance's name (see runtime/container.py).
"""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable, Collection
from pathlib import Path

from slipway.assets.containers import ContainerEngine, find_engine

log = logging.getLogger(__name__)

_PREFIX = "slipway-"
_ANSWERS_WITHIN_S = 20


def remove_stray_containers(root: Path, list_alive: Callable[[], Collection[str]]) -> list[str]:
    """Remove those whose instance is not alive; returns who is. Blocking.

    Containers are listed first: a runner is known before its container exists.
    """
    engine = find_engine()
    names = _ask(engine, "ps", "--all", "--filter", f"label=slipway.root={root}", "--format", "{{.Names}}")  # fmt: skip
    alive = list(list_alive())
    strays = [n for n in names.split() if n.removeprefix(_PREFIX) not in alive]
    for name in strays:
        log.warning("Removing a container that nobody owns.", extra={"container": name})
        _ask(engine, "rm", "--force", name)
    return alive


def _ask(engine: ContainerEngine | None, *words: str) -> str:
    if engine is None:
        return ""
    try:
        answer = subprocess.run(
            [engine.path, *words], capture_output=True, text=True, timeout=_ANSWERS_WITHIN_S
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout if answer.returncode == 0 else ""
