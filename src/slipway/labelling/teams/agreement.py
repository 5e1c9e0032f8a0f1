"""How much people who labelled the same things agree: kappa, alpha, IoU. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from itertools import combinations
from typing import Any

Ratings = Mapping[str, Mapping[Hashable, Hashable]]
"""By person: item to category. People need not have rated the same items."""


def cohen_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Agreement of two people beyond chance (Cohen 1960); 1 is perfect, 0 is chance. None: no pairs,
    or both only ever said the same one thing."""
    if not pairs:
        return None
    n = len(pairs)
    observed = sum(a == b for a, b in pairs) / n
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    expected = sum(first[category] * second[category] for category in first) / n**2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def fleiss_kappa(items: Sequence[Sequence[Hashable]]) -> float | None:
    """Agreement of the same number of people on each item (Fleiss 1971)."""
    if not items or len(items[0]) < 2:
        return None
    raters, n = len(items[0]), len(items)
    if any(len(item) != raters for item in items):
        raise ValueError("each item needs the same number of ratings")
    totals: Counter[Hashable] = Counter()
    observed = 0.0
    for item in items:
        counts = Counter(item)
        totals.update(counts)
        observed += (sum(c * c for c in counts.values()) - raters) / (raters * (raters - 1))
    observed /= n
    expected = sum((count / (n * raters)) ** 2 for count in totals.values())
    return None if expected == 1 else (observed - expected) / (1 - expected)


def krippendorff_alpha(items: Sequence[Sequence[Hashable]]) -> float | None:
    """Agreement with any number of ratings on each item, nominal (Krippendorff 2011)."""
    paired = [Counter(item) for item in items if len(item) > 1]
    totals: Counter[Hashable] = Counter()
    for counts in paired:
        totals.update(counts)
    n = totals.total()
    if n < 2:
        return None
    differing = sum(
        (counts.total() ** 2 - sum(c * c for c in counts.values())) / (counts.total() - 1)
        for counts in paired
    )
    expected = (n * n - sum(c * c for c in totals.values())) / (n - 1)
    return None if expected == 0 else 1 - differing / expected


def iou(first: Mapping[str, Any], second: Mapping[str, Any]) -> float:
    """Of two boxes with x, y, width, height."""
    left, top = max(first["x"], second["x"]), max(first["y"], second["y"])
    right = min(first["x"] + first["width"], second["x"] + second["width"])
    bottom = min(first["y"] + first["height"], second["y"] + second["height"])
    common = max(0.0, right - left) * max(0.0, bottom - top)
    both = first["width"] * first["height"] + second["width"] * second["height"] - common
    return float(common / both) if both > 0 else 0.0


def matched(
    first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]], *, least: float = 0.5
) -> list[tuple[int, int, float]]:
    """Pairs of boxes of one label, the most similar first, each box once."""
    found = sorted(
        (
            (iou(a, b), i, j)
            for i, a in enumerate(first)
            for j, b in enumerate(second)
            if a["label"] == b["label"]
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    used: tuple[set[int], set[int]] = (set(), set())
    pairs = []
    for value, i, j in found:
        if value >= least and i not in used[0] and j not in used[1]:
            used[0].add(i)
            used[1].add(j)
            pairs.append((i, j, value))
    return pairs


def value_agreement(first: Mapping[str, Any], second: Mapping[str, Any]) -> float:
    """0 to 1, of what two people said of one record: classes by what they share, boxes by the IoU of
    those that match, answers by how many are the same."""
    if "boxes" in first or "boxes" in second:
        a, b = first.get("boxes", []), second.get("boxes", [])
        if not a and not b:
            return 1.0
        found = sum(value for _, _, value in matched(a, b))
        return 2 * found / (len(a) + len(b))
    if "labels" in first or "labels" in second:
        one, other = set(first.get("labels", [])), set(second.get("labels", []))
        return len(one & other) / len(one | other) if one | other else 1.0
    a, b = first.get("answers", {}), second.get("answers", {})
    keys = a.keys() | b.keys()
    if not keys:
        return 1.0
    same = sum(1 for key in keys if _plain(a.get(key)) == _plain(b.get(key)))
    return same / len(keys)


def mean_agreement(values: Sequence[Mapping[str, Any]]) -> float:
    """Of all pairs."""
    pairs = [value_agreement(a, b) for a, b in combinations(values, 2)]
    return sum(pairs) / len(pairs) if pairs else 1.0


def _plain(value: Any) -> Any:
    """Text without the white space that nobody sees; nothing is nothing."""
    if isinstance(value, str):
        return " ".join(value.split()) or None
    return value or None if isinstance(value, list | dict) else value
