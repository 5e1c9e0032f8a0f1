"""Tracks: keyframes and what lies between them; whole tracks are changed in one step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slipway.labelling import tracks
from tests.assets.house import House
from tests.data.conftest import settled, write_picture
from tests.labelling.conftest import (
    SIZE,
    add_member,
    box,
    make_dataset,
    make_task,
    save,
    task_once,
)


def shape(track: int, x: float, **told: Any) -> dict[str, Any]:
    return {**box("car", x, 10, 10, 10), "attributes": {"track_id": track, **told}}


def test_between_keyframes_shapes_move_evenly() -> None:
    frames = {0: [shape(1, 0)], 1: [], 2: [shape(2, 50)], 3: [], 4: [shape(1, 40)]}
    changed = tracks.interpolated(frames, 1)
    assert {frame: shapes[-1]["x"] for frame, shapes in changed.items()} == {1: 10, 2: 20, 3: 30}
    assert changed[2][0] == shape(2, 50)  # another's stays
    # Worked out anew after a keyframe moved; nothing to do the second time.
    moved = {**frames, **changed, 4: [shape(1, 80)]}
    again = tracks.interpolated(moved, 1)
    assert [again[frame][-1]["x"] for frame in (1, 2, 3)] == [20, 40, 60]
    assert tracks.interpolated({**moved, **again}, 1) == {}
    # Without its second keyframe there is nothing in between.
    gone = tracks.interpolated({**moved, **again, 4: []}, 1)
    assert gone == {1: [], 2: [shape(2, 50)], 3: []}


def test_an_object_that_ended_is_nowhere_until_its_next_keyframe() -> None:
    frames = {0: [shape(1, 0, ended=1)], 1: [], 2: [shape(1, 20)], 3: [], 4: [shape(1, 40)]}
    assert set(tracks.interpolated(frames, 1)) == {3}
    (track,) = tracks.tracks_of(frames)
    assert (track.first, track.last, track.keyframes, track.ended) == (0, 4, (0, 2, 4), False)


def test_outlines_move_point_by_point_or_are_stretched() -> None:
    one = {**shape(1, 0), "polygons": [[0, 10, 10, 10, 10, 20.0]]}
    other = {**shape(1, 20), "width": 20, "polygons": [[20, 10, 40, 10, 40, 20.0]]}
    middle = tracks.between(one, other, 0.5)
    assert middle["polygons"] == [[10, 10, 25, 10, 25, 20]] and middle["width"] == 15
    other["polygons"] = [[20, 10, 40, 10, 40, 20, 20, 20.0]]
    assert tracks.between(one, other, 0.5)["polygons"] == [[10, 10, 25, 10, 25, 20]]


@pytest.mark.covers("LAB-44", "LAB-59")
async def test_a_track_from_frames_to_a_version(house: House, bucket: Path, loops: None) -> None:
    """Frames in natural order, two keyframes, the rest filled, published as TI and read again."""
    for number in (1, 2, 10, 9):
        write_picture(bucket / "street" / "a" / f"frame_{number}.png", *SIZE)
    write_picture(bucket / "street" / "b" / "frame_1.png", *SIZE)
    dataset = await make_dataset(house, "street", kind="object_tracking")
    task = await make_task(house, dataset, labels=[{"name": "car"}, {"name": "van"}])
    assert (task["kind"], task["label_format"]) == ("tracking", "ti")
    path = f"/labelling/tasks/{task['id']}"
    files = [r["file"] for r in (await house.a.get(f"{path}/records")).json()["items"]]
    assert files == [
        "a/frame_1.png", "a/frame_2.png", "a/frame_9.png", "a/frame_10.png", "b/frame_1.png",
    ]  # fmt: skip
    empty = (await house.a.get(f"{path}/tracks?at=1")).json()
    assert (empty["first"], empty["last"], empty["next_id"], empty["items"]) == (0, 3, 1, [])
    for index, x in ((0, 0), (3, 30)):
        record = (await house.a.post(f"{path}/records/{index}/open")).json()
        twice = await save(house.a, task["id"], record, {"boxes": [shape(1, x), shape(1, x)]})
        assert twice.status_code == 400 and "twice" in twice.json()["error"]["message"]
        saved = await save(house.a, task["id"], record, {"boxes": [shape(1, x)]}, release=True)
        assert saved.status_code == 200, saved.text
    form = {"action": "interpolate", "track_id": 1, "at": 0}
    eve = await add_member(house, "eve")
    await eve.post(f"{path}/records/2/open")
    locked = await house.a.post(f"{path}/tracks", json=form)
    assert locked.status_code == 409 and "frame 3" in locked.json()["error"]["message"]
    assert (await house.a.get(f"{path}/records/1")).json()["value"]["boxes"] == []
    await eve.post(f"{path}/records/2/close")
    filled = await house.a.post(f"{path}/tracks", json=form)
    assert filled.status_code == 200, filled.text
    (track,) = filled.json()["items"]
    assert (track["frame_count"], track["keyframes"]) == (4, [0, 3])
    assert (await house.a.get(f"{path}/records/2")).json()["value"]["boxes"][0]["x"] == 20
    for change, wanted in (
        ({"action": "relabel", "label": "van"}, [(1, "van", 4)]),
        ({"action": "split", "at": 2}, [(1, "van", 2), (2, "van", 2)]),
        ({"action": "merge", "track_id": 2, "into": 1}, [(1, "van", 4)]),
    ):
        answer = await house.a.post(f"{path}/tracks", json={"track_id": 1, "at": 0} | change)
        assert answer.status_code == 200, answer.text
        found = [(t["track_id"], t["label"], t["frame_count"]) for t in answer.json()["items"]]
        assert found == wanted
    missing = {"action": "delete", "track_id": 9, "at": 0}
    assert (await house.a.post(f"{path}/tracks", json=missing)).status_code == 404
    counts = (await house.a.get(path)).json()["counts"]
    assert (counts["done"], counts["records"]) == (4, 5)
    await house.a.post(f"{path}/publish", json={})
    await task_once(house, task["id"], lambda t: t["publication"]["state"] != "wanted")
    view = await settled(house, dataset["id"])
    assert view["newest"]["state"] == "available", view
    page = (await house.a.get(f"/datasets/{dataset['id']}/versions/2/samples")).json()
    assert [item["boxes"][0]["attributes"]["track_id"] for item in page["items"][:4]] == [1] * 4
    await eve.aclose()
