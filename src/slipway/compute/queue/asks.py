"""From what a workload was submitted with to what the scheduler counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from slipway.compute.scheduling.amounts import card_units, core_units
from slipway.compute.scheduling.model import Need
from slipway.compute.types import Resources, WorkloadSpec


def needs_of(spec: WorkloadSpec) -> tuple[Need, ...]:
    """One a rank."""
    return tuple(need_of(role.resources) for role in spec.roles for _ in range(role.count))


def need_of(resources: Resources) -> Need:
    units = card_units(resources.gpus)
    return Need(
        core_units(resources.cpu_cores),
        resources.memory_bytes,
        units,
        resources.gpu_model if units else None,
    )


def needs_of_roles(roles: Iterable[Mapping[str, Any]]) -> tuple[Need, ...]:
    """The same from a spec as it is stored. Equal needs are one object: there may be very many."""
    return _shared(
        tuple(
            need_of(Resources(**role["resources"])) for role in roles for _ in range(role["count"])
        )
    )


@lru_cache(maxsize=10_000)
def _shared(needs: tuple[Need, ...]) -> tuple[Need, ...]:
    return needs
