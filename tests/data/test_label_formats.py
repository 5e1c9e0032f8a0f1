"""Labels written in a format and read again are the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slipway.data.derive import derive_files
from slipway.data.errors import Findings
from slipway.data.formats.boxes import outline_box
from slipway.data.formats.labels import open_labels
from slipway.data.manifest import Manifest
from slipway.data.progress import Ticker
from slipway.data.types import LabelFormat
from tests.data.conftest import Importer, write_picture

WIDTH, HEIGHT = 100, 80
NAME = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8) | st.just(
    "a <b> & 'c'"
)


def hundredths(least: float, most: float) -> st.SearchStrategy[float]:
    return st.integers(round(least * 100), round(most * 100)).map(lambda n: n / 100)


@st.composite
def rectangles(draw: st.DrawFn) -> dict[str, Any]:
    x, y = draw(hundredths(0, WIDTH - 1)), draw(hundredths(0, HEIGHT - 1))
    width, height = draw(hundredths(0.5, WIDTH - x)), draw(hundredths(0.5, HEIGHT - y))
    return {"label": draw(NAME), "x": x, "y": y, "width": width, "height": height}


@st.composite
def outlines(draw: st.DrawFn, parts: int = 1) -> dict[str, Any]:
    point = st.tuples(hundredths(0, WIDTH), hundredths(0, HEIGHT))
    polygons = []
    for _ in range(draw(st.integers(1, parts))):
        points = draw(st.lists(point, min_size=5, max_size=8, unique=True))
        # Not flat: the first three stand for that.
        points[:3] = [(1.0, 1.0), (9.5, 2.25), (4.0, 8.0)]
        polygons.append([number for pair in points for number in pair])
    x, y, width, height = outline_box(polygons)
    box = {"label": draw(NAME), "x": x, "y": y, "width": width, "height": height}
    return box | {"polygons": polygons}


@pytest.fixture
def base(run_import: Importer, tmp_path: Path) -> Manifest:
    for name in ("a", "b"):
        write_picture(tmp_path / "source" / f"{name}.png", WIDTH, HEIGHT)
    return run_import(tmp_path / "source", "object_detection")


def round_trip(base: Manifest, wanted: LabelFormat, boxes: list[dict[str, Any]], work: Path) -> Any:
    work.mkdir()
    labels = work / "labels.jsonl"
    labels.write_text(json.dumps({"index": 1, "boxes": boxes}) + "\n")
    files = work / "files"
    files.mkdir()
    snapshot = derive_files(base, labels, wanted, files, Ticker(), share=1)
    findings = Findings()
    paths = [file.path for file in snapshot.files]
    source = open_labels(wanted, files, paths, findings)
    found = {path: source.labels_of(path, WIDTH, HEIGHT) for path in ("a.png", "b.png")}
    source.finish()
    assert findings.errors == [] and findings.warnings == []
    assert not found["a.png"]
    return [json.loads(json.dumps(box.to_json())) for box in found["b.png"].boxes]


def same(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert one.keys() == other.keys() and one["label"] == other["label"].strip()
        for key in ("x", "y", "width", "height"):
            assert one[key] == pytest.approx(other[key], abs=2e-4), (key, one, other)
        for part, points in zip(one.get("polygons", ()), other.get("polygons", ()), strict=True):
            assert part == pytest.approx(points, abs=2e-4)


LOOSE = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
counter = iter(range(10_000))


@pytest.mark.parametrize("wanted", ["voc", "coco", "yolo", "ti"])
@LOOSE
@given(boxes=st.lists(rectangles(), min_size=1, max_size=4))
def test_rectangles(
    base: Manifest, tmp_path: Path, wanted: str, boxes: list[dict[str, Any]]
) -> None:
    work = tmp_path / f"{wanted}{next(counter)}"
    same(round_trip(base, LabelFormat(wanted), boxes, work), boxes)


@pytest.mark.parametrize(("wanted", "parts"), [("coco", 3), ("yolo", 1), ("ti", 3)])
@LOOSE
@given(data=st.data())
def test_outlines(
    base: Manifest, tmp_path: Path, wanted: str, parts: int, data: st.DataObject
) -> None:
    boxes = data.draw(st.lists(rectangles() | outlines(parts), min_size=1, max_size=4))
    work = tmp_path / f"{wanted}{next(counter)}"
    same(round_trip(base, LabelFormat(wanted), boxes, work), boxes)


def test_ti_keeps_lines_confidence_and_tracks(base: Manifest, tmp_path: Path) -> None:
    line = {
        "label": "road", "x": 1.0, "y": 2.0, "width": 8.0, "height": 3.0,
        "polygons": [[1.0, 2.0, 5.0, 5.0, 9.0, 2.0]], "is_line": True,
        "attributes": {"confidence": 0.5, "track_id": 7},
    }  # fmt: skip
    assert round_trip(base, LabelFormat.TI, [line], tmp_path / "w") == [line]


def test_voc_keeps_its_flags(base: Manifest, tmp_path: Path) -> None:
    box = {
        "label": "cell", "x": 1.0, "y": 2.0, "width": 8.0, "height": 3.0,
        "attributes": {"pose": "Left", "truncated": "1", "difficult": "1"},
    }  # fmt: skip
    assert round_trip(base, LabelFormat.VOC, [box], tmp_path / "w") == [box]


@pytest.mark.parametrize(
    ("name", "text", "label_format", "words"),
    [
        ("annotation.txt", '{"info": {}}\n', "ti", "info.path"),
        ("annotation.txt", '{"info": {"path": "a.png"}}\n', "ti", "labels (tags)"),
        ("annotation.txt", "{nothing", "ti", "not valid JSON"),
        ("data.yaml", "names: 3\n", "yolo", "names, the list of classes"),
    ],
)
def test_what_cannot_be_read_is_named(
    tmp_path: Path, name: str, text: str, label_format: str, words: str
) -> None:
    (tmp_path / name).write_text(text)
    findings = Findings()
    open_labels(LabelFormat(label_format), tmp_path, ["a.png", name], findings)
    assert len(findings.errors) == 1 and words in str(findings.errors[0])
