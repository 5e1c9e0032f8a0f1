"""Side by side: the matrix, the radar chart's scales, and what must not be compared."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.evaluation.compare import compare
from slipway.evaluation.types import (
    EvaluatedModel,
    Evaluation,
    EvaluationSpec,
    EvaluationState,
    ModelKind,
    QuestionSet,
    SetKind,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
Figures = dict[str, dict[str, float]]  # model -> set -> accuracy


def evaluation(
    number: int,
    figures: Figures,
    *,
    state: EvaluationState = EvaluationState.COMPLETED,
    sha256: str = "abc",
    tokenizer: str = "word",
) -> Evaluation:
    parts = [
        {
            "index": index, "name": model, "state": "completed", "reason": "",
            "results": [result(name, value, tokenizer) for name, value in values.items()],
            "settings": {"sets": [{"name": name, "sha256": sha256} for name in values]},
            "backend": {"scored_by": "generation"},
        }
        for index, (model, values) in enumerate(figures.items())
    ]  # fmt: skip
    spec = EvaluationSpec(
        name=f"run-{number}",
        models=tuple(EvaluatedModel(ModelKind.STORAGE, name, ref="b/x") for name in figures),
        sets=(QuestionSet(SetKind.STORAGE, "b/s", "s"),),
    )
    return Evaluation(
        id=f"eval-{number}", project_id="p", spec=spec, description="", tags={}, state=state,
        reason="", settling=False, workload_id="w", output="b/o/", results={"models": parts},
        progress=None, created_by="u", creator_name="u", created_at=NOW, updated_at=NOW,
        queued_at=NOW, started_at=NOW, ended_at=NOW,
    )  # fmt: skip


def result(name: str, value: float, tokenizer: str) -> dict[str, Any]:
    return {
        "set": name, "metrics": {"accuracy": value, "bleu4": value * 100}, "template": None,
        "tokenizer": tokenizer, "format": "qa",
    }  # fmt: skip


def both(**changes: Any) -> list[Evaluation]:
    return [
        evaluation(1, {"base": {"qa": 0.2, "math": 0.1}}),
        evaluation(2, {"tuned": {"qa": 0.6, "math": 0.30000000000000004}, "half": {"qa": 0.4}}),
    ]


def compared(evaluations: list[Evaluation], **choice: Any) -> Any:
    return compare(evaluations, **{"sets": None, "models": None, "metric": None} | choice)


@pytest.mark.covers("EVA-38", "EVA-39", "EVA-42")
def test_rows_are_models_and_values_keep_every_decimal() -> None:
    seen = compared(both())
    assert [line.key for line in seen.lines] == ["eval-1/base", "eval-2/tuned", "eval-2/half"]
    assert seen.sets == seen.shown_sets == ("qa", "math")
    assert seen.metric == "accuracy" and seen.metrics == ("accuracy", "bleu4")
    assert seen.lines[1].values["math"]["accuracy"] == 0.30000000000000004
    assert "math" not in seen.lines[2].values


@pytest.mark.covers("EVA-41")
def test_the_relative_scale_is_widened_and_gaps_stay_gaps() -> None:
    seen = compared(both())
    qa = seen.axes[0]
    assert (qa.low, qa.high) == pytest.approx((0.16, 0.64))
    by_key = {line.key: line for line in seen.radar}
    assert by_key["eval-1/base"].relative[0] == pytest.approx(1 / 12)
    assert by_key["eval-2/half"].relative[0] == pytest.approx(0.5)
    assert by_key["eval-2/half"].absolute == (0.4, None)
    assert by_key["eval-2/half"].relative[1] is None


@pytest.mark.covers("EVA-41")
def test_equal_values_stand_in_the_middle() -> None:
    seen = compared([evaluation(1, {"a": {"qa": 0.5}, "b": {"qa": 0.5}})])
    assert [line.relative for line in seen.radar] == [(0.5,), (0.5,)]


@pytest.mark.covers("EVA-39")
def test_unticked_sets_and_models_leave_scales_and_rows() -> None:
    seen = compared(both(), sets=["math"], models=["eval-1/base"], metric="bleu4")
    assert seen.shown_sets == ("math",) and [line.model for line in seen.lines] == ["base"]
    assert seen.sets == ("qa", "math") and len(seen.models) == 3  # what can be ticked again
    assert seen.radar[0].absolute == (10.0,)
    with pytest.raises(NotFound):
        compared(both(), sets=["nothing"])
    with pytest.raises(Invalid, match="Possible"):
        compared(both(), metric="fame")


@pytest.mark.covers("EVA-38")
def test_at_most_ten_completed_ones() -> None:
    with pytest.raises(Invalid, match="1 to 10"):
        compared([evaluation(n, {"a": {"qa": 0.5}}) for n in range(11)])
    with pytest.raises(Conflict, match="Failed"):
        compared([evaluation(1, {"a": {"qa": 1.0}}, state=EvaluationState.FAILED)])


@pytest.mark.parametrize("difference", [{"sha256": "other"}, {"tokenizer": "char"}])
def test_what_was_asked_or_scored_differently_is_not_compared(difference: Any) -> None:
    mixed = [evaluation(1, {"a": {"qa": 0.5}}), evaluation(2, {"b": {"qa": 0.5}}, **difference)]
    with pytest.raises(Conflict, match="cannot be compared") as refusal:
        compared(mixed)
    assert refusal.value.details["set"] == "qa"
    assert compared(mixed, models=["eval-1/a"]).lines[0].model == "a"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_relative_places_are_between_the_ends_and_in_order(values: list[float]) -> None:
    seen = compared([evaluation(1, {f"m{n}": {"qa": v} for n, v in enumerate(values)})])
    places = [line.relative[0] for line in seen.radar]
    assert all(place is not None and 0 <= place <= 1 for place in places)
    ordered = [place for _, place in sorted(zip(values, places, strict=True))]
    assert ordered == sorted(ordered)
