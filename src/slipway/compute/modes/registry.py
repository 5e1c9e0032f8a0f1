"""The modes by name, and what each needs on the machine."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Mapping

from slipway.compute.modes import ddp, mpi, ps, ray, service, single
from slipway.compute.modes.base import ModeRules
from slipway.compute.types import Mode

RULES: Mapping[Mode, ModeRules] = {
    rules.mode: rules
    for rules in (
        single.RULES, service.RULES, ddp.RULES, mpi.RULES, mpi.HOROVOD, ps.RULES, ray.RULES,
    )
}  # fmt: skip


def why_unavailable(mode: Mode) -> str | None:
    """What is missing on this machine for the mode, and how to get it."""
    match mode:
        case Mode.MPI if shutil.which("mpirun") is None:
            return "Open MPI is not installed: 'mpirun' is not on the path. Install the package openmpi-bin."
        case Mode.HOROVOD if importlib.util.find_spec("horovod") is None:
            return "Horovod is not installed. Install it with: pip install horovod."
        case Mode.RAY if importlib.util.find_spec("ray") is None:
            return "Ray is not installed. Install it with: pip install 'slipway[ray]'."
        case _:
            return None
