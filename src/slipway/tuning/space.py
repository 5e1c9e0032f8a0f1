"""The space a search looks in: its rules, random points, and the points of a grid. Pure."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Sequence

from slipway.base.errors import Invalid
from slipway.tuning.types import Parameter, ParameterKind, Value

MAX_PARAMETERS = 32
MAX_VALUES = 200
MAX_NAME = 100
_LARGEST = 1e15  # integers below it are exact as floats


def check_space(space: Sequence[Parameter]) -> None:
    if not 1 <= len(space) <= MAX_PARAMETERS:
        raise Invalid(f"A search has 1 to {MAX_PARAMETERS} parameters.", field="space")
    names = [one.name for one in space]
    for name in names:
        if names.count(name) > 1:
            raise Invalid(f"The parameter {name!r} is there twice.", field="space")
    for one in space:
        _check(one)


def check_grid(space: Sequence[Parameter]) -> None:
    for one in space:
        if one.kind == ParameterKind.FLOAT and one.points is None:
            raise Invalid(
                f"A grid needs to know how many values of {one.name} to try. Give its points.",
                field="space",
            )


def _check(one: Parameter) -> None:
    if not one.name.strip() or len(one.name) > MAX_NAME:
        raise Invalid(f"A parameter's name has 1 to {MAX_NAME} characters.", field="space")
    if one.kind == ParameterKind.CHOICE:
        if not 1 <= len(one.values) <= MAX_VALUES:
            raise Invalid(
                f"{one.name} needs 1 to {MAX_VALUES} values to choose from.", field="space"
            )
        if len({(type(v), v) for v in one.values}) < len(one.values):
            raise Invalid(f"{one.name} has the same value twice.", field="space")
        if any(isinstance(v, float) and not math.isfinite(v) for v in one.values):
            raise Invalid(f"The values of {one.name} must be finite.", field="space")
        return
    if not all(math.isfinite(v) and abs(v) <= _LARGEST for v in (one.low, one.high)):
        raise Invalid(
            f"The range of {one.name} must be of finite numbers up to 1e15.", field="space"
        )
    if one.low > one.high:
        raise Invalid(
            f"The range of {one.name} must go from the lower to the higher.", field="space"
        )
    if one.log and one.low <= 0:
        raise Invalid(f"{one.name} has a log scale, so its range must be above 0.", field="space")
    if one.kind == ParameterKind.INTEGER and not (
        float(one.low).is_integer() and float(one.high).is_integer()
    ):
        raise Invalid(f"The range of {one.name} must be of whole numbers.", field="space")
    if one.points is not None and not 1 <= one.points <= MAX_VALUES:
        raise Invalid(f"A grid takes 1 to {MAX_VALUES} values of {one.name}.", field="space")


def bounds(one: Parameter) -> tuple[float, float]:
    """Of a number on the scale it is drawn on. A whole number owns the half on each side of it."""
    half = 0.5 if one.kind == ParameterKind.INTEGER else 0.0
    low, high = float(one.low), float(one.high)
    if one.log:
        return math.log(max(low - half, low / 2)), math.log(high + half)
    return low - half, high + half


def to_scale(one: Parameter, value: Value) -> float:
    number = float(value)
    return math.log(number) if one.log else number


def from_scale(one: Parameter, at: float) -> Value:
    """The parameter's value nearest to a place on its scale; always inside its range."""
    number = math.exp(at) if one.log else at
    if one.kind == ParameterKind.INTEGER:
        return int(min(max(math.floor(number + 0.5), one.low), one.high))
    return min(max(number, float(one.low)), float(one.high))


def random_point(space: Sequence[Parameter], rng: random.Random) -> dict[str, Value]:
    return {one.name: _random(one, rng) for one in space}


def _random(one: Parameter, rng: random.Random) -> Value:
    if one.kind == ParameterKind.CHOICE:
        return rng.choice(one.values)
    low, high = bounds(one)
    return from_scale(one, low + (high - low) * rng.random())


def grid_size(space: Sequence[Parameter]) -> int:
    return math.prod(len(_grid_values(one)) for one in space)


def grid_point(space: Sequence[Parameter], number: int) -> dict[str, Value] | None:
    """The point of this number, from 0; None behind the last. The last parameter changes first."""
    if not 0 <= number < grid_size(space):
        return None
    point: dict[str, Value] = {}
    for one in reversed(space):
        values = _grid_values(one)
        number, at = divmod(number, len(values))
        point[one.name] = values[at]
    return {one.name: point[one.name] for one in space}


def grid(space: Sequence[Parameter]) -> Iterator[dict[str, Value]]:
    names = [one.name for one in space]
    for values in itertools.product(*(_grid_values(one) for one in space)):
        yield dict(zip(names, values, strict=True))


def _grid_values(one: Parameter) -> Sequence[Value]:
    if one.kind == ParameterKind.CHOICE:
        return one.values
    if one.kind == ParameterKind.INTEGER and one.points is None:
        count = int(one.high - one.low) + 1
        if count <= MAX_VALUES:
            return range(int(one.low), int(one.high) + 1)
    points = one.points or MAX_VALUES
    if points == 1 or one.low == one.high:
        return (from_scale(one, to_scale(one, one.low)),)
    low, high = to_scale(one, one.low), to_scale(one, one.high)
    values = (from_scale(one, low + (high - low) * i / (points - 1)) for i in range(points))
    return tuple(dict.fromkeys(values))
