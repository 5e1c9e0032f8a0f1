"""Which samples a view holds. The same definition on the same version always gives the same ones."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence

from slipway.data.manifest import Manifest
from slipway.data.search.index import Index
from slipway.data.types import Part, ViewDefinition

LABEL = "label"


def select(
    manifest: Manifest, definition: ViewDefinition, index: Callable[[], Index]
) -> Sequence[int]:
    """Sample numbers, ascending. `index` is asked for only where values of fields are needed."""
    numbers: Sequence[int] = range(manifest.summary.sample_count)
    if definition.query:
        numbers = index().numbers(definition.query, "").tolist()
    wanted = definition.sample_count
    if wanted is not None and wanted < len(numbers):
        numbers = sorted(random.Random(definition.seed).sample(numbers, wanted))  # noqa: S311
    if definition.part is not None:
        numbers = _part(manifest, numbers, definition.part, index)
    return numbers


def _part(
    manifest: Manifest, numbers: Sequence[int], part: Part, index: Callable[[], Index]
) -> list[int]:
    strata = _values(manifest, part.stratify, index)
    groups = _values(manifest, part.group, index)
    units: dict[str, dict[str, list[int]]] = {}
    for number in numbers:
        stratum = strata(number) if strata else ""
        unit = groups(number) if groups else str(number)
        units.setdefault(stratum, {}).setdefault(unit, []).append(number)
    chosen: list[int] = []
    for stratum in sorted(units):
        chosen += _share(units[stratum], part, stratum)
    return sorted(chosen)


def _share(units: dict[str, list[int]], part: Part, stratum: str) -> list[int]:
    """One part of the units, filled in an order by chance until its share of samples is reached."""
    order = sorted(units, key=lambda unit: _chance(part.seed, stratum, unit))
    total, whole = sum(map(len, units.values())), sum(part.ratios)
    low = total * sum(part.ratios[: part.index]) / whole
    high = total * sum(part.ratios[: part.index + 1]) / whole
    last = part.index == len(part.ratios) - 1
    chosen: list[int] = []
    passed = 0
    for unit in order:
        # A unit belongs where its middle lies, so that parts never share one and none is lost.
        middle = passed + len(units[unit]) / 2
        if low <= middle < high or (last and middle >= high):
            chosen += units[unit]
        passed += len(units[unit])
    return chosen


def _chance(seed: int, stratum: str, unit: str) -> bytes:
    """Of the seed and the unit alone: what is added later does not move the others about."""
    text = f"{seed}\0{stratum}\0{unit}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=8).digest()


def _values(
    manifest: Manifest, field: str | None, index: Callable[[], Index]
) -> Callable[[int], str] | None:
    if field is None:
        return None
    if field == LABEL and manifest.lists:
        return _labels(manifest)
    found = index().text_of(field)
    return lambda number: found[number]


def _labels(manifest: Manifest) -> Callable[[int], str]:
    """The set of labels of each sample, as one text."""
    names: dict[int, list[str]] = {}
    for name in sorted(manifest.lists):
        if name.startswith("label:"):
            for number in manifest.numbers(name):
                names.setdefault(number, []).append(name[6:])
    return lambda number: "|".join(names.get(number, ()))
