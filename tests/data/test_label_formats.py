"""Labels written in a format and read again are the same (LAB-64)."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO

from slipway.data.derive import derive_files
from slipway.data.errors import Findings
from slipway.data.formats.boxes import outline_box
from slipway.data.formats.labels import open_labels
from slipway.data.formats.masks import gray_png, mask_box, painted
from slipway.data.formats.raster import fill, shape_pixels
from slipway.data.manifest import Manifest
from slipway.data.progress import Ticker
from slipway.data.types import DatasetKind, ImageLabels, LabelFormat
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


def masks() -> st.SearchStrategy[dict[str, Any]]:
    """Pixels as a brush leaves them: any of a small patch, holes too."""

    def made(name: str, x: int, y: int, patch: list[bool]) -> dict[str, Any]:
        pixels = bytearray(WIDTH * HEIGHT)
        for at, on in enumerate(patch):
            pixels[(y + at // 6) * WIDTH + x + at % 6] = on
        pixels[y * WIDTH + x] = 1
        box = mask_box(name, bytes(pixels), WIDTH, HEIGHT).to_json()
        return json.loads(json.dumps(box))  # type: ignore[no-any-return]

    places = st.integers(0, WIDTH - 6), st.integers(0, HEIGHT - 5)
    return st.builds(made, NAME, *places, st.lists(st.booleans(), min_size=30, max_size=30))


def marked(shapes: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """With what formats say besides."""
    told = st.fixed_dictionaries(
        {"confidence": st.sampled_from([0.5, 0.25]), "track_id": st.integers(0, 99)},
        optional={
            "occluded": st.just(1),
            "colour of hair": st.sampled_from(["red & black", "grey"]),
        },
    )
    return st.builds(lambda box, attributes: box | {"attributes": attributes}, shapes, told)


@pytest.fixture
def base(run_import: Importer, tmp_path: Path) -> Manifest:
    for name in ("a", "b"):
        write_picture(tmp_path / "source" / f"{name}.png", WIDTH, HEIGHT)
    return run_import(tmp_path / "source", "object_detection")


@pytest.fixture
def segmented(run_import: Importer, tmp_path: Path) -> Manifest:
    for name in ("a", "b"):
        write_picture(tmp_path / "source" / f"{name}.png", WIDTH, HEIGHT)
    return run_import(tmp_path / "source", "image_segmentation")


def round_trip(base: Manifest, wanted: LabelFormat, boxes: list[dict[str, Any]], work: Path) -> Any:
    return [
        json.loads(json.dumps(box.to_json()))
        for box in written(base, wanted, {"boxes": boxes}, work).boxes
    ]


def written(base: Manifest, wanted: LabelFormat, value: Any, work: Path) -> ImageLabels:
    """The labels of b.png after a version was made of them and read."""
    work.mkdir()
    labels = work / "labels.jsonl"
    labels.write_text(json.dumps({"index": 1, **value}) + "\n")
    files = work / "files"
    files.mkdir()
    snapshot = derive_files(base, labels, wanted, files, Ticker(), share=1)
    findings = Findings()
    paths = [file.path for file in snapshot.files]
    segmented = base.summary.kind is DatasetKind.IMAGE_SEGMENTATION
    source = open_labels(wanted, files, paths, findings, segmented=segmented)
    assert all(
        name in ("a.png", "b.png") or name in source.used()
        for name in paths
        if name.endswith(".png")
    )
    found = {path: source.labels_of(path, WIDTH, HEIGHT) for path in ("a.png", "b.png")}
    source.finish()
    assert findings.errors == [] and findings.warnings == []
    assert not found["a.png"]
    return found["b.png"]


def same(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert one.keys() == other.keys() and one["label"] == other["label"].strip()
        for key in ("x", "y", "width", "height"):
            assert one[key] == pytest.approx(other[key], abs=2e-4), (key, one, other)
        for part, points in zip(one.get("polygons", ()), other.get("polygons", ()), strict=True):
            assert part == pytest.approx(points, abs=2e-4)


LOOSE = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
counter = iter(range(10_000))


@pytest.mark.covers("LAB-57", "LAB-64")
@pytest.mark.parametrize(
    "wanted", ["voc", "coco", "yolo", "ti", "label_studio", "cvat", "manifest"]
)
@LOOSE
@given(boxes=st.lists(rectangles(), min_size=1, max_size=4))
def test_rectangles(
    base: Manifest, tmp_path: Path, wanted: str, boxes: list[dict[str, Any]]
) -> None:
    work = tmp_path / f"{wanted}{next(counter)}"
    same(round_trip(base, LabelFormat(wanted), boxes, work), boxes)


@pytest.mark.covers("LAB-64")
@pytest.mark.parametrize(
    ("wanted", "parts"), [("coco", 3), ("yolo", 1), ("ti", 3), ("label_studio", 1), ("cvat", 1)]
)
@LOOSE
@given(data=st.data())
def test_outlines(
    base: Manifest, tmp_path: Path, wanted: str, parts: int, data: st.DataObject
) -> None:
    boxes = data.draw(st.lists(rectangles() | outlines(parts), min_size=1, max_size=4))
    work = tmp_path / f"{wanted}{next(counter)}"
    same(round_trip(base, LabelFormat(wanted), boxes, work), boxes)


@pytest.mark.covers("LAB-58", "LAB-64")
@pytest.mark.parametrize(
    ("wanted", "parts"), [("coco", 3), ("ti", 3), ("label_studio", 1), ("cvat", 1)]
)
@LOOSE
@given(data=st.data())
def test_masks_and_outlines_of_a_segmentation(
    segmented: Manifest, tmp_path: Path, wanted: str, parts: int, data: st.DataObject
) -> None:
    boxes = data.draw(st.lists(masks() | outlines(parts), min_size=1, max_size=3))
    work = tmp_path / f"{wanted}{next(counter)}"
    found = round_trip(segmented, LabelFormat(wanted), boxes, work)
    same(found, boxes)
    assert [box.get("mask") for box in found] == [box.get("mask") for box in boxes]


@pytest.mark.covers("LAB-58", "LAB-64")
@LOOSE
@given(boxes=st.lists(masks() | outlines(2), min_size=1, max_size=3))
def test_voc_masks_keep_every_pixel(
    segmented: Manifest, tmp_path: Path, boxes: list[dict[str, Any]]
) -> None:
    found = round_trip(segmented, LabelFormat.VOC, boxes, tmp_path / f"v{next(counter)}")
    drawn = [shape_pixels(box, WIDTH, HEIGHT) for box in boxes]
    wanted = painted([(at, pixels) for at, pixels in enumerate(drawn, 1)], (WIDTH, HEIGHT))
    seen = [number for number in range(1, len(boxes) + 1) if number in wanted]
    assert [box["label"] for box in found] == [
        boxes[number - 1]["label"].strip() for number in seen
    ]
    for box, number in zip(found, seen, strict=True):
        assert shape_pixels(box, WIDTH, HEIGHT) == bytes(value == number for value in wanted)


@pytest.mark.covers("LAB-59", "LAB-64")
@pytest.mark.parametrize("wanted", ["coco", "ti", "cvat"])
@LOOSE
@given(boxes=st.lists(marked(rectangles() | outlines()), min_size=1, max_size=3))
def test_what_is_said_besides_stays(
    base: Manifest, tmp_path: Path, wanted: str, boxes: list[dict[str, Any]]
) -> None:
    found = round_trip(base, LabelFormat(wanted), boxes, tmp_path / f"{wanted}{next(counter)}")
    same(found, boxes)
    assert [box["attributes"] for box in found] == [box["attributes"] for box in boxes]


@pytest.mark.covers("LAB-55", "LAB-56", "LAB-64")
@pytest.mark.parametrize("wanted", ["ti", "label_studio", "cvat", "manifest", "folder"])
@LOOSE
@given(names=st.lists(NAME, min_size=1, max_size=3, unique_by=str.strip))
def test_classes(run_import: Importer, tmp_path: Path, wanted: str, names: list[str]) -> None:
    if wanted == "folder":
        names = names[:1]
        assume("/" not in names[0])
    work = tmp_path / f"{wanted}{next(counter)}"
    for name in ("a", "b"):
        write_picture(work / "source" / f"{name}.png", WIDTH, HEIGHT)
    plain = run_import(work / "source", "image_classification", name=f"ds-{work.name}")
    labels = work / "labels.jsonl"
    labels.write_text(json.dumps({"index": 1, "labels": names}) + "\n")
    (work / "files").mkdir()
    derive_files(plain, labels, LabelFormat(wanted), work / "files", Ticker(), share=1)
    again = run_import(work / "files", "image_classification", wanted, name=f"ds-{work.name}-again")
    samples = [json.loads(raw.data) for raw in again.read(range(2))]
    found = {sample["path"].rpartition("/")[2]: sample.get("labels", []) for sample in samples}
    assert found == {"a.png": [], "b.png": [name.strip() for name in names]}


@pytest.mark.covers("LAB-58")
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_pycocotools_reads_ours(segmented: Manifest, tmp_path: Path) -> None:
    pixels = fill([[10, 10, 40, 10, 40, 30, 10, 30]], WIDTH, HEIGHT)
    hole = fill([[20, 15, 30, 15, 30, 20, 20, 20]], WIDTH, HEIGHT)
    ring = bytes(one & ~other for one, other in zip(pixels, hole, strict=True))
    box = mask_box("cell", ring, WIDTH, HEIGHT).to_json()
    outline = {"label": "wall", "x": 1, "y": 1, "width": 9, "height": 9,
               "polygons": [[1, 1, 10, 1, 10, 10, 1, 10.0]]}  # fmt: skip
    round_trip(segmented, LabelFormat.COCO, [box, outline], tmp_path / "w")
    with contextlib.redirect_stdout(None):
        coco = COCO(str(tmp_path / "w" / "files" / "annotation.json"))
    first, second = coco.loadAnns(coco.getAnnIds())
    assert coco.annToMask(first).tobytes() == ring and first["area"] == sum(ring)
    assert int(coco.annToMask(second).sum()) == 81
    assert [c["name"] for c in coco.loadCats(coco.getCatIds())] == ["cell", "wall"]
    # Its compressed form is ours, both ways.
    packed = coco.annToRLE(first)
    assert packed["counts"].decode() == box["mask"]


@pytest.mark.covers("LAB-58")
def test_a_ti_mask_alone_is_read(tmp_path: Path) -> None:
    pixels = painted(
        [(1, fill([[0, 0, 5, 0, 5, 5, 0, 5]], 10, 8)), (7, bytes(79) + b"\x01")], (10, 8)
    )
    (tmp_path / "m.png").write_bytes(gray_png(pixels, (10, 8)))
    tags = {"segmentation_tags": {"mask": {"path": "m.png", "notes": {"1": "dog", "7": "cat"}}}}
    line = {"info": {"path": "a.png"}, "tags": tags}
    (tmp_path / "annotation.txt").write_text(json.dumps(line))
    findings = Findings()
    source = open_labels(LabelFormat.TI, tmp_path, ["a.png", "m.png", "annotation.txt"], findings)
    assert source.used() == {"annotation.txt", "m.png"}
    found = source.labels_of("a.png", 10, 8).boxes
    assert [(box.label, box.x, box.width) for box in found] == [("dog", 0, 5), ("cat", 9, 1)]
    tags["segmentation_tags"]["mask"]["notes"] = {"1": "dog"}
    (tmp_path / "annotation.txt").write_text(json.dumps(line))
    source = open_labels(LabelFormat.TI, tmp_path, ["a.png", "m.png", "annotation.txt"], findings)
    source.labels_of("a.png", 10, 8)
    assert "gray value 7" in str(findings.errors[0])


def test_label_studio_and_others_as_they_come(tmp_path: Path) -> None:
    """Addresses as these tools write them; a video's tracks of CVAT."""
    task = {
        "data": {"image": "/data/upload/3/1a2b3c4d-0001.jpg"},
        "annotations": [
            {"result": [{"value": {"x": 10, "y": 10, "width": 50, "height": 25, "rotation": 0,
                                   "rectanglelabels": ["car"]}}]},
            {"was_cancelled": True, "result": []},
        ],
    }  # fmt: skip
    (tmp_path / "export.json").write_text(json.dumps([task]))
    ref = {"source-ref": "s3://bucket/some/where/0001.jpg", "c": 0,
           "c-metadata": {"class-name": "dog", "type": "groundtruth/image-classification"}}  # fmt: skip
    (tmp_path / "o.manifest").write_text(json.dumps(ref) + "\n")
    (tmp_path / "annotations.xml").write_text(
        '<annotations><track id="4" label="car"><box frame="1" outside="0" occluded="1" xtl="1" ytl="2" '
        'xbr="5" ybr="6"/><box frame="0" outside="1" occluded="0" xtl="1" ytl="2" xbr="5" ybr="6"/>'
        "</track></annotations>"
    )
    findings = Findings()
    paths = ["0001.jpg", "0002.jpg", "export.json", "o.manifest", "annotations.xml"]
    for label_format, path, wanted in (
        ("label_studio", "0001.jpg", {"label": "car", "x": 10, "y": 8, "width": 50, "height": 20}),
        ("cvat", "0002.jpg", {"label": "car", "x": 1, "y": 2, "width": 4, "height": 4,
                              "attributes": {"track_id": 4, "occluded": 1}}),
    ):  # fmt: skip
        source = open_labels(LabelFormat(label_format), tmp_path, paths, findings)
        assert [box.to_json() for box in source.labels_of(path, 100, 80).boxes] == [wanted]
        assert not source.labels_of("0009.jpg", 100, 80)
    source = open_labels(LabelFormat.MANIFEST, tmp_path, paths, findings)
    assert source.labels_of("0001.jpg", 100, 80).names == ("dog",)
    assert findings.errors == []


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
