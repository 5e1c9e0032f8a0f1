"""Agreement by the examples of its authors, and one label out of several."""

from __future__ import annotations

import pytest

from slipway.labelling.teams.agreement import (
    cohen_kappa,
    fleiss_kappa,
    iou,
    krippendorff_alpha,
    value_agreement,
)
from slipway.labelling.teams.consolidate import consolidated


def test_cohens_kappa() -> None:
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert cohen_kappa(pairs) == pytest.approx(0.4)
    assert cohen_kappa([("a", "a")] * 3) is None and cohen_kappa([]) is None


def test_fleiss_kappa() -> None:
    """The ten subjects and fourteen raters of Fleiss' example."""
    table = [
        (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1),
        (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
    ]  # fmt: skip
    items = [[at for at, count in enumerate(row) for _ in range(count)] for row in table]
    assert fleiss_kappa(items) == pytest.approx(0.210, abs=0.001)


def test_krippendorffs_alpha() -> None:
    """The data with missing values of Krippendorff 2011, nominal: 0.743."""
    people = [
        "1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3", ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    ]  # fmt: skip
    columns = zip(*(line.split() for line in people), strict=True)
    items = [[rating for rating in column if rating != "."] for column in columns]
    assert krippendorff_alpha(items) == pytest.approx(0.743, abs=0.001)


def box(x: float, label: str = "a") -> dict[str, object]:
    return {"label": label, "x": x, "y": 0, "width": 10, "height": 10}


def test_several_people_become_one_label() -> None:
    assert iou(box(0), box(5)) == pytest.approx(1 / 3)
    three = [{"boxes": [box(0), box(50, "b")]}, {"boxes": [box(2)]}, {"boxes": [box(1), box(80)]}]
    value, agreement = consolidated(three, [1, 1, 1])
    assert [(one["label"], one["x"]) for one in value["boxes"]] == [("a", 1)]
    assert 0 < value["boxes"][0]["attributes"]["confidence"] < 1 and 0.4 < agreement < 0.6
    said = [{"labels": ["cat"]}, {"labels": ["dog"]}, {"labels": ["dog"]}]
    assert consolidated(said, [1, 1, 1])[0] == {"labels": ["dog"]}
    assert consolidated(said[:2], [0.5, 0.9])[0] == {"labels": ["dog"]}
    several = [{"labels": ["a", "b"]}, {"labels": ["b"]}, {"labels": ["b", "c"]}]
    assert consolidated(several, [1, 1, 1])[0] == {"labels": ["b"]}
    answers = [{"answers": {"v": "keep", "t": "x "}}, {"answers": {"v": "drop", "t": "x"}}]
    assert value_agreement(*answers) == 0.5
    assert consolidated(answers, [1, 0.2])[0] == {"answers": {"v": "keep", "t": "x "}}
