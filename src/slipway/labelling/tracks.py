"""Tracks: one object over the frames of a sequence. Pure functions over frame number -> shapes.

A shape belongs to the track that its attribute `track_id` names. What a person drew is a keyframe; what
was worked out between two of them carries `interpolated`, and is worked out anew whenever asked. After
a keyframe with `ended` the object is gone until the next one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

Shape = Mapping[str, Any]
Frames = Mapping[int, list[Shape]]
SIDES = ("x", "y", "width", "height")


@dataclass(frozen=True, slots=True)
class Track:
    id: int
    label: str  # on its first frame
    first: int
    last: int
    frame_count: int
    keyframes: tuple[int, ...]
    ended: bool


def tracks_of(frames: Frames) -> list[Track]:
    """In order of where they begin."""
    found: dict[int, Track] = {}
    for frame in sorted(frames):
        for shape in frames[frame]:
            number = track_of(shape)
            if number is None:
                continue
            track = found.get(number) or Track(number, shape["label"], frame, frame, 0, (), False)
            keyframes = track.keyframes if is_between(shape) else (*track.keyframes, frame)
            found[number] = replace(
                track, last=frame, frame_count=track.frame_count + 1, keyframes=keyframes,
                ended=is_ended(shape),
            )  # fmt: skip
    return list(found.values())


def interpolated(frames: Frames, track: int) -> Frames:
    """The frames that change when the track is filled between its keyframes."""
    keys = {
        frame: shape
        for frame, shapes in frames.items()
        for shape in shapes
        if track_of(shape) == track and not is_between(shape)
    }
    order = sorted(keys)
    wanted: dict[int, Shape] = {}
    for start, stop in pairwise(order):
        if is_ended(keys[start]):
            continue
        for frame in range(start + 1, stop):
            if frame in frames:
                share = (frame - start) / (stop - start)
                wanted[frame] = between(keys[start], keys[stop], share)
    return _changed(frames, track, lambda frame, shape: _put(keys, wanted, frame, shape), wanted)


def relabelled(frames: Frames, track: int, label: str) -> Frames:
    return _changed(frames, track, lambda _, shape: {**shape, "label": label})


def removed(frames: Frames, track: int) -> Frames:
    return _changed(frames, track, lambda _, shape: None)


def split(frames: Frames, track: int, at: int, new: int) -> Frames:
    """From frame `at` on it is another track; what is there becomes its first keyframe."""

    def change(frame: int, shape: Shape) -> Shape:
        if frame < at:
            return shape
        told = {**shape["attributes"], "track_id": new}
        if frame == at:
            told.pop("interpolated", None)
        return {**shape, "attributes": told}

    return _changed(frames, track, change)


def merged(frames: Frames, track: int, into: int) -> Frames:
    """The track becomes part of another; where both are in a frame, the other one's shape stays."""
    taken = {f for f, shapes in frames.items() if any(track_of(s) == into for s in shapes)}

    def change(frame: int, shape: Shape) -> Shape | None:
        if frame in taken:
            return None
        return {**shape, "attributes": {**shape["attributes"], "track_id": into}}

    return _changed(frames, track, change)


def track_of(shape: Shape) -> int | None:
    found = shape.get("attributes", {}).get("track_id")
    return found if isinstance(found, int) else None


def is_between(shape: Shape) -> bool:
    return bool(shape.get("attributes", {}).get("interpolated"))


def is_ended(shape: Shape) -> bool:
    return bool(shape.get("attributes", {}).get("ended"))


def between(one: Shape, other: Shape, share: float) -> dict[str, Any]:
    """The shape at `share` (0 to 1) of the way: point by point, else moved and stretched."""
    made = dict(one)
    for side in SIDES:
        made[side] = _at(one[side], other[side], share)
    parts = one.get("polygons", ())
    if parts and [len(part) for part in parts] == [len(part) for part in other.get("polygons", ())]:
        made["polygons"] = [
            [_at(a, b, share) for a, b in zip(part, target, strict=True)]
            for part, target in zip(parts, other["polygons"], strict=True)
        ]
        # A straight line between points: the box around them follows.
        across = [number for part in made["polygons"] for number in part[0::2]]
        down = [number for part in made["polygons"] for number in part[1::2]]
        made |= {"x": min(across), "y": min(down)}
        made |= {"width": max(across) - made["x"], "height": max(down) - made["y"]}
    elif parts:
        made["polygons"] = [_stretched(part, one, made) for part in parts]
    told = {k: v for k, v in one.get("attributes", {}).items() if k not in ("ended", "confidence")}
    return made | {"attributes": told | {"interpolated": 1}}


def _put(
    keys: Mapping[int, Shape], wanted: Mapping[int, Shape], frame: int, shape: Shape
) -> Shape | None:
    return shape if frame in keys else wanted.get(frame)


def _changed(
    frames: Frames, track: int, change: Any, new: Mapping[int, Shape] | None = None
) -> Frames:
    """Frames of which a shape of the track was changed (None: removed) or added."""
    found: dict[int, list[Shape]] = {}
    for frame, shapes in frames.items():
        after: list[Shape] = []
        has = False
        for shape in shapes:
            if track_of(shape) != track:
                after.append(shape)
                continue
            has = True
            kept = change(frame, shape)
            if kept is not None:
                after.append(kept)
        if new is not None and not has and frame in new:
            after.append(new[frame])
        if after != list(shapes):
            found[frame] = after
    return found


def _at(one: float, other: float, share: float) -> float:
    return round(one + (other - one) * share, 3)


def _stretched(part: list[float], one: Shape, to: Shape) -> list[float]:
    out = []
    for at, number in enumerate(part):
        place, side = ("x", "width") if at % 2 == 0 else ("y", "height")
        scale = to[side] / one[side] if one[side] else 1
        out.append(round(to[place] + (number - one[place]) * scale, 3))
    return out
