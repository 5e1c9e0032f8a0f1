"""What this machine offers, read once at start."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass

import psutil

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
    return tuple(Card(int(i), name, int(mib) << 20, uuid.strip()) for i, name, mib, uuid in cards)
