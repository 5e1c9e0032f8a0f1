"""The space, its grid, and what the methods draw from it: every point is inside, the same again."""

from __future__ import annotations

import math
import random
import statistics
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.base.errors import Invalid
from slipway.training.types import TaskSpec
from slipway.tuning.space import check_space, grid, grid_point, grid_size
from slipway.tuning.suggest import suggest
from slipway.tuning.types import (
    Direction,
    Method,
    Parameter,
    ParameterKind,
    SearchSpec,
    SearchTrial,
    TrialState,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHOICES = st.one_of(st.booleans(), st.integers(-5, 5), st.text("ab", max_size=2))


@st.composite
def parameters(draw: st.DrawFn, name: str) -> Parameter:
    kind = draw(st.sampled_from(ParameterKind))
    if kind == ParameterKind.CHOICE:
        values = draw(st.lists(CHOICES, min_size=1, max_size=4, unique_by=lambda v: (type(v), v)))
        return Parameter(name, kind, tuple(values))
    log = draw(st.booleans())
    points = draw(st.integers(1, 5))
    if kind == ParameterKind.INTEGER:
        low = draw(st.integers(1 if log else -1000, 1000))
        return Parameter(name, kind, (), low, low + draw(st.integers(0, 1000)), log, points)
    low_f = draw(st.floats(1e-9 if log else -1e6, 1e6))
    return Parameter(name, kind, (), low_f, low_f + draw(st.floats(0, 1e6)), log, points)


SPACES = st.integers(1, 4).flatmap(lambda n: st.tuples(*(parameters(f"p{i}") for i in range(n))))


def spec_of(space: tuple[Parameter, ...], method: Method, **more: Any) -> SearchSpec:
    return SearchSpec("s", TaskSpec("t", "python", "true"), space, "loss", method=method, **more)


def trial_of(number: int, point: dict[str, Any], value: float | None) -> SearchTrial:
    state = TrialState.RUNNING if value is None else TrialState.COMPLETED
    return SearchTrial("hps-1", number, f"t{number}", point, state, "", value, {}, NOW, NOW)


def is_inside(one: Parameter, value: Any) -> bool:
    if one.kind == ParameterKind.CHOICE:
        return any(type(value) is type(v) and value == v for v in one.values)
    number = int if one.kind == ParameterKind.INTEGER else float
    return isinstance(value, number) and one.low <= value <= one.high


@given(SPACES, st.sampled_from(Method), st.integers(0, 99), st.data())
def test_every_point_is_inside_its_space_and_the_same_when_asked_again(
    space: tuple[Parameter, ...], method: Method, seed: int, data: st.DataObject
) -> None:
    check_space(space)
    spec = spec_of(space, method, seed=seed)
    trials: list[SearchTrial] = []
    for number in range(1, 15):
        point = suggest(spec, number, trials)
        assert point == suggest(SearchSpec.of(spec.as_json()), number, trials)
        if point is None:
            assert method == Method.GRID
            assert number > grid_size(space)
            break
        assert list(point) == [one.name for one in space]
        assert all(is_inside(one, point[one.name]) for one in space), point
        value = data.draw(st.one_of(st.none(), st.floats(-1e9, 1e9)))
        trials.append(trial_of(number, point, value))


@given(SPACES)
def test_a_grid_has_every_point_once_and_in_order(space: tuple[Parameter, ...]) -> None:
    points = list(grid(space))[:300]
    assert points == [grid_point(space, n) for n in range(len(points))]
    keys = [tuple((type(v), v) for v in point.values()) for point in points]
    assert len(set(keys)) == len(keys)
    if len(points) < 300:
        assert len(points) == grid_size(space)
        assert grid_point(space, len(points)) is None


def test_a_log_scale_gives_each_order_of_magnitude_its_share() -> None:
    rate = Parameter("lr", ParameterKind.FLOAT, (), 1e-5, 1e-1, log=True, points=5)
    assert [round(math.log10(p["lr"])) for p in grid((rate,))] == [-5, -4, -3, -2, -1]  # type: ignore[arg-type]
    spec = spec_of((rate,), Method.RANDOM)
    drawn = [math.log10(suggest(spec, n, [])["lr"]) for n in range(1, 1001)]  # type: ignore[index,arg-type]
    for magnitude in range(-5, -1):
        share = sum(magnitude <= at < magnitude + 1 for at in drawn) / len(drawn)
        assert 0.2 < share < 0.3


def test_results_lead_the_bayesian_search_to_better_points_than_chance() -> None:
    """A bowl in four dimensions, 60 trials: less than half as far from the best, in the median."""
    space = (
        Parameter("lr", ParameterKind.FLOAT, (), 1e-5, 1.0, log=True),
        Parameter("x", ParameterKind.FLOAT, (), -5, 5),
        Parameter("n", ParameterKind.INTEGER, (), 1, 64),
        Parameter("kind", ParameterKind.CHOICE, ("a", "b", "c")),
    )

    def loss(p: dict[str, Any]) -> float:
        rate, x, n = math.log10(p["lr"]) + 3, float(p["x"]) - 2, (int(p["n"]) - 40) / 16
        return rate**2 + x**2 + n**2 + {"a": 0.0, "b": 1.0, "c": 3.0}[p["kind"]]

    def best(method: Method, seed: int, sign: int) -> float:
        direction = Direction.MINIMIZE if sign > 0 else Direction.MAXIMIZE
        spec = spec_of(space, method, seed=seed, direction=direction)
        trials: list[SearchTrial] = []
        for number in range(1, 61):
            point = suggest(spec, number, trials)
            assert point is not None
            trials.append(trial_of(number, point, sign * loss(point)))
        return min(loss(t.parameters) for t in trials)

    runs = [(seed, sign) for seed in range(5) for sign in (1, -1)]
    led, chance = (statistics.median(best(m, *r) for r in runs) for m in (Method.BAYESIAN, Method.RANDOM))  # fmt: skip
    assert led < chance / 2


def test_trials_that_run_still_are_not_repeated() -> None:
    rng = random.Random(1)
    x = Parameter("x", ParameterKind.FLOAT, (), 0, 1)
    trials = [trial_of(n, {"x": v}, (v - 0.5) ** 2) for n, v in enumerate((rng.random() for _ in range(20)), 1)]  # fmt: skip
    spec = spec_of((x,), Method.BAYESIAN)
    for number in range(21, 29):
        point = suggest(spec, number, trials)
        assert point is not None
        trials.append(trial_of(number, point, None))
    asked = [round(t.parameters["x"], 6) for t in trials[20:]]  # type: ignore[arg-type]
    assert len(set(asked)) == len(asked)


@pytest.mark.parametrize(
    ("parameter", "words"),
    [
        (Parameter("", ParameterKind.FLOAT, (), 0, 1), "name has 1 to"),
        (Parameter("a", ParameterKind.CHOICE), "needs 1 to 200 values"),
        (Parameter("a", ParameterKind.CHOICE, (1, 1)), "the same value twice"),
        (Parameter("a", ParameterKind.FLOAT, (), 1, 0), "from the lower to the higher"),
        (Parameter("a", ParameterKind.FLOAT, (), 0, 1, log=True), "must be above 0"),
        (Parameter("a", ParameterKind.INTEGER, (), 0.5, 1), "of whole numbers"),
        (Parameter("a", ParameterKind.FLOAT, (), 0, math.inf), "finite numbers"),
        (Parameter("a", ParameterKind.FLOAT, (), 0, 1, points=0), "1 to 200 values"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused(parameter: Parameter, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        check_space((parameter,))
