"""One label out of what several people said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from slipway.labelling.teams.agreement import matched, mean_agreement

Value = Mapping[str, Any]


def consolidated(
    values: Sequence[Value], reliability: Sequence[float]
) -> tuple[dict[str, Any], float]:
    """The label, and how much they agree (0 to 1). `reliability` of each person breaks ties."""
    agreement = round(mean_agreement(values), 4)
    if any("boxes" in value for value in values):
        return {"boxes": merged_boxes([value.get("boxes", []) for value in values])}, agreement
    if any("labels" in value for value in values):
        return {"labels": _classes(values, reliability)}, agreement
    keys = dict.fromkeys(key for value in values for key in value.get("answers", {}))
    answers = {
        key: _majority([value.get("answers", {}).get(key) for value in values], reliability)
        for key in keys
    }
    return {"answers": answers}, agreement


def merged_boxes(people: Sequence[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Boxes that more than half of the people drew, as the mean of theirs; what else is said of one,
    such as its outline, is the first's."""
    groups: list[list[tuple[Mapping[str, Any], float]]] = []
    for boxes in people:
        centres = [group[0][0] for group in groups]
        pairs = {j: (i, value) for i, j, value in matched(centres, boxes)}
        for at, box in enumerate(boxes):
            if at in pairs:
                to, value = pairs[at]
                groups[to].append((box, value))
            else:
                groups.append([(box, 1.0)])
    found = []
    for group in groups:
        if len(group) * 2 <= len(people):
            continue
        mean = dict(group[0][0])
        if not (mean.get("polygons") or mean.get("mask")):
            for side in ("x", "y", "width", "height"):
                mean[side] = round(sum(box[side] for box, _ in group) / len(group), 3)
        similar = sum(value for _, value in group[1:]) / (len(group) - 1) if len(group) > 1 else 1.0
        share = len(group) / len(people)
        attributes = {**mean.get("attributes", {}), "confidence": round(share * similar, 4)}
        found.append({**mean, "attributes": attributes})
    return found


def _classes(values: Sequence[Value], reliability: Sequence[float]) -> list[str]:
    """One class: what most say. Several: what more than half say."""
    if all(len(value.get("labels", [])) <= 1 for value in values):
        said = [next(iter(value.get("labels", [])), None) for value in values]
        chosen = _majority(said, reliability)
        return [] if chosen is None else [chosen]
    counts = Counter(label for value in values for label in value.get("labels", []))
    return [label for label, count in counts.items() if count * 2 > len(values)]


def _majority(said: Sequence[Any], reliability: Sequence[float]) -> Any:
    """What most say; where as many say something else, what the more reliable say, then the first."""
    votes: dict[bytes, list[float]] = {}
    for value, weight in zip(said, reliability, strict=True):
        votes.setdefault(orjson.dumps(value), []).append(weight)
    best = max(votes, key=lambda vote: (len(votes[vote]), sum(votes[vote])))
    return orjson.loads(best)
