"""What this machine offers, read once at start."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache

import psutil

from slipway.compute.nodes.topology import islands_of
from slipway.compute.types import Card


@dataclass(frozen=True, slots=True)
class Machine:
    cores: int
    memory_bytes: int
    gpus: tuple[Card, ...]


def this_machine() -> Machine:
    return Machine(os.cpu_count() or 1, psutil.virtual_memory().total, _gpus())


def _gpus() -> tuple[Card, ...]:
    """Cards as the driver's own tool lists them; none where it is missing or fails."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    try:
        listed = subprocess.run(
            [tool, "--query-gpu=index,name,memory.total,uuid", "--format=csv,noheader,nounits"],
            capture_output=True, text=True, timeout=10, check=True,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return ()
    cards = [line.split(", ") for line in listed.strip().splitlines()]
    islands = _islands(tool) if len(cards) > 1 else {}
    return tuple(
        Card(int(i), name, int(mib) << 20, uuid.strip(), island=islands.get(int(i)))
        for i, name, mib, uuid in cards
    )


@lru_cache(maxsize=1)
def _islands(tool: str) -> dict[int, int]:
    """The wiring of a machine does not change while it runs."""
    try:
        printed = subprocess.run(
            [tool, "topo", "-m"], capture_output=True, text=True, timeout=30, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return {}
    return islands_of(printed)
