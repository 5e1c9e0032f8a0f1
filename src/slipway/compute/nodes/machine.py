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

OLD_DRIVER = "Whole cards only: the driver is older than 495, which MPS needs to limit memory."
_LEAST_DRIVER = 495
_LEAST_CAPABILITY = 7.0


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
    reasons = _why_not_shared(tool)
    return tuple(
        Card(
            int(i), name, int(mib) << 20, uuid.strip(), island=islands.get(int(i)),
            shares=not (why := reasons.get(int(i), OLD_DRIVER)), sharing_off=why,
        )
        for i, name, mib, uuid in cards
    )  # fmt: skip


def _why_not_shared(tool: str) -> dict[int, str]:
    """Of each card: why a program could not be held to a share of it; empty where it could.

    The way is NVIDIA's MPS: cards since Volta (compute capability 7.0) whose driver knows its limit
    of memory (495 and newer), unless they are split up by MIG. A driver that does not know the
    question is older than that.
    """
    fields = "--query-gpu=index,driver_version,compute_cap,mig.mode.current"
    try:
        listed = subprocess.run(
            [tool, fields, "--format=csv,noheader"], capture_output=True, text=True, timeout=10, check=True
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return {}
    found = {}
    for line in listed.strip().splitlines():
        index, driver, capability, mig = (word.strip() for word in line.split(","))
        found[int(index)] = _why_not(driver, capability, mig)
    return found


def _why_not(driver: str, capability: str, mig: str) -> str:
    if _number(driver.partition(".")[0]) < _LEAST_DRIVER:
        return OLD_DRIVER
    if _number(capability) < _LEAST_CAPABILITY:
        return "Whole cards only: NVIDIA's MPS cannot limit programs on cards this old."
    return "Whole cards only: the card is split up by MIG." if mig == "Enabled" else ""


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


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
