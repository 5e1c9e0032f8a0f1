"""The OCR language: spelling, meaning, and the TI format that keeps it."""

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
from slipway.data.formats.ocr_fields import BoxRole, Described, Meaning, meaning_of
from slipway.data.formats.ocr_language import (
    Descriptor,
    DescriptorError,
    Segment,
    SegmentKind,
    parse,
)
from slipway.data.formats.ocr_text import joined, split_text
from slipway.data.manifest import Manifest
from slipway.data.progress import Ticker
from slipway.data.types import LabelFormat
from tests.data.conftest import Importer, write_picture

WIDTH, HEIGHT = 100, 80
FID = st.integers(1, 999)
FIDS = st.lists(FID, min_size=2, max_size=4, unique=True).map(tuple)


@st.composite
def descriptors(draw: st.DrawFn) -> Descriptor:
    links = draw(
        st.lists(
            st.builds(Segment, st.sampled_from((SegmentKind.KEY, SegmentKind.VALUE)),
                      st.just(()) | FIDS),
            max_size=4,
        )
    )  # fmt: skip
    if draw(st.booleans()):
        at = draw(st.integers(0, len(links)))
        links.insert(at, Segment(SegmentKind.PIECE, draw(FIDS)))
    return Descriptor(tuple(links))


@given(descriptors(), st.data())
def test_what_is_printed_is_read_again(wanted: Descriptor, data: st.DataObject) -> None:
    text = str(wanted)
    assert str(parse(text)) == text
    # As people type it: spaces, capitals, full-width commas, the box's own number first.
    loose = "".join(
        letter.upper() if data.draw(st.booleans()) else letter.replace(",", "，") for letter in text
    )
    loose = loose.replace("，", data.draw(st.sampled_from((" ， ", ",", ", "))))
    # A number before a lone letter would be part of the list before it: it only stands first.
    found = parse(f" 12{loose} ")
    assert str(found) == text and found.leading == 12


@given(st.text("kvc0123456789,， ", max_size=12))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        found = parse(text)
    except DescriptorError as error:
        assert 1 <= error.column <= len(text) + 1 and error.message.endswith(".")
    else:
        assert str(parse(str(found))) == str(found)


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("k3", 2, "not enough after"), ("k3,", 4, "missing after the comma"),
        ("k,3", 2, "missing before the comma"), ("x", 1, "begins with k, v or c"),
        ("k3,5 q", 6, "begins with k, v or c"), ("c", 2, "such as c5,7"),
        ("c5", 2, "not enough after"), ("c5,7c5,7", 5, "second c segment"),
        ("k03,5", 2, "leading zero"), ("k3,3", 4, "named twice"), ("c0,5", 3, "nothing more"),
        ("k3, 5, ", 8, "missing after the comma"),
    ],
)  # fmt: skip
def test_errors_say_where_and_what_to_do(text: str, column: int, words: str) -> None:
    with pytest.raises(DescriptorError) as caught:
        parse(text)
    assert caught.value.column == column and words in caught.value.message


def meaning(*boxes: tuple[int, str, str]) -> Meaning:
    return meaning_of([Described(*box) for box in boxes])


def fields(found: Meaning) -> list[tuple[list[str], list[str]]]:
    return [(list(field.keys), list(field.values)) for field in found.fields]


@pytest.mark.parametrize(
    ("boxes", "wanted"),
    [
        ([(3, "Invoice no.", "k3,5"), (5, "30148556", "")], [(["Invoice no."], ["30148556"])]),
        ([(8, "Remarks", "k")], [(["Remarks"], [])]),
        ([(2, "ACME Ltd.", "v")], [([], ["ACME Ltd."])]),
        ([(2, "ACME Ltd.@@seller", "v")], [(["seller"], ["ACME Ltd."])]),
        ([(3, "Inv. No.@@Invoice number", "k3,5"), (5, "3", "")], [(["Invoice number"], ["3"])]),
        ([(1, "Address", "k1,4,6"), (4, "1 Main St.", ""), (6, "Springfield", "")],
         [(["Address"], ["1 Main St.", "Springfield"])]),
        ([(5, "Date of", "5k5,9c5,7"), (7, "birth", "7kc5,7"), (9, "1990-01-02", "")],
         [(["Date of birth"], ["1990-01-02"])]),
        ([(11, "2024", ""), (12, "Sales", ""), (20, "15", "v20,11,12")],
         [(["2024", "Sales"], ["15"])]),
        ([(1, "Buyer", "k1,2"), (2, "Name", "k2,3"), (3, "Li", "")], [(["Buyer", "Name"], ["Li"])]),
    ],
)  # fmt: skip
def test_the_examples_of_the_manual(boxes: Any, wanted: Any) -> None:
    found = meaning(*boxes)
    assert found.first_error is None and fields(found) == wanted


@pytest.mark.parametrize(
    ("boxes", "fid", "words"),
    [
        ([(3, "a", "k3,9")], 3, "no box 9"), ([(3, "a", "5k")], 3, "begins with 5"),
        ([(5, "a", "c7,8"), (7, "b", "c7,8"), (8, "c", "c7,8")], 5, "own c segment"),
        ([(5, "a", "c5,7"), (7, "b", "")], 5, "Box 7 does not say c5,7"),
        ([(1, "a", "k1,2"), (2, "b", "k2,3"), (3, "c", "k3,1")], 3, "circle"),
        ([(1, "a", "c1,2k1,2"), (2, "b", "c1,2")], 1, "pieces of one field"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_an_error_at_its_box(boxes: Any, fid: int, words: str) -> None:
    found = meaning(*boxes).first_error
    assert found is not None and found.fid == fid and words in found.message


def test_what_may_be_meant_otherwise_is_a_warning() -> None:
    found = meaning((1, "a", "k1,2k1,2"), (2, "b", "v2,1"), (3, "c", ""), (4, "d", "k"))
    assert found.first_error is None
    said = [(problem.fid, problem.message) for problem in found.problems]
    assert [fid for fid, _ in said] == [1, 2, 3, 4]
    assert "said twice" in said[0][1] and "neither" in said[2][1] and "no value" in said[3][1]
    assert [found.roles[fid] for fid in (1, 2, 3)] == [BoxRole.KEY, BoxRole.VALUE, BoxRole.TEXT]


def test_a_long_chain_and_many_boxes_are_no_trouble() -> None:
    chain = [Described(n, str(n), f"k{n},{n + 1}") for n in range(1, 1000)]
    found = meaning_of([*chain, Described(1000, "end", "")])
    assert found.first_error is not None and "more than 100 keys" in found.first_error.message
    star = [Described(1, "key", "k1," + ",".join(map(str, range(2, 400))))]
    assert meaning_of([*star, *(Described(n, "v", "") for n in range(2, 400))]).fields[0].values


def test_names_and_joins() -> None:
    assert split_text(r"a\@@b@@c@@d") == ("a@@b", "c@@d")
    assert joined(["发票", "号码", "No.", "5"]) == "发票号码 No. 5"


@st.composite
def images(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Boxes with any text, of which some are keys of later ones, and some two are joined."""
    count = draw(st.integers(1, 6))
    boxes = []
    for fid in range(1, count + 1):
        later = st.lists(st.integers(fid + 1, count), min_size=1, max_size=3, unique=True) if (
            fid < count) else st.nothing()  # fmt: skip
        said = draw(
            st.sampled_from(("", "k", "v")) | later.map(lambda v, f=fid: f"k{f},{','.join(map(str, v))}")
        )  # fmt: skip
        coordinate = st.integers(0, 7900).map(lambda n: n / 100)
        points = draw(st.lists(coordinate, min_size=8, max_size=8))
        points[:4] = [1.0, 1.0, 30.5, 9.25]
        x, y, width, height = outline_box([points])
        boxes.append(
            {
                "label": "text", "x": x, "y": y, "width": width, "height": height,
                "polygons": [points],
                "attributes": {
                    "id": fid, "text": draw(st.text(max_size=8)),
                    "direction": draw(st.sampled_from(("horizontal", "vertical"))), "descriptor": said,
                },
            }
        )  # fmt: skip
    return boxes


@settings(max_examples=60, deadline=None)
@given(boxes=images())
def test_what_standard_mode_shows_says_everything(boxes: list[dict[str, Any]]) -> None:
    """Its roles, pairs and joins, written as descriptors again, mean the same (LAB-53)."""
    seen = [Described(b["attributes"]["id"], b["attributes"]["text"], b["attributes"]["descriptor"])
            for b in boxes]  # fmt: skip
    before = meaning_of(seen)
    said: dict[int, str] = dict.fromkeys(before.roles, "")
    for pair in before.pairs:
        said[pair.key[0]] += f"k{pair.key[0]},{pair.value[0]}"
    for fid, role in before.roles.items():
        is_key, is_value = (any(p.key[0] == fid for p in before.pairs),
                            any(p.value[0] == fid for p in before.pairs))  # fmt: skip
        said[fid] += "k" if role in (BoxRole.KEY, BoxRole.BOTH) and not is_key else ""
        said[fid] += "v" if role in (BoxRole.VALUE, BoxRole.BOTH) and not is_value else ""
    after = meaning_of([Described(box.fid, box.text, said[box.fid]) for box in seen])
    assert after.roles == before.roles and set(after.pairs) == set(before.pairs)
    assert fields(after) == fields(before)


@pytest.fixture
def base(run_import: Importer, tmp_path: Path) -> Manifest:
    for name in ("a", "b"):
        write_picture(tmp_path / "source" / f"{name}.png", WIDTH, HEIGHT)
    return run_import(tmp_path / "source", "ocr")


counter = iter(range(10_000))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(boxes=images(), kind=st.sampled_from(("recognition", "structured")))
def test_ti_round_trip(
    base: Manifest, tmp_path: Path, boxes: list[dict[str, Any]], kind: str
) -> None:
    work = tmp_path / str(next(counter))
    (work / "files").mkdir(parents=True)
    labels = work / "labels.jsonl"
    labels.write_text(json.dumps({"index": 1, "boxes": boxes, "ocr_type": kind}) + "\n")
    snapshot = derive_files(base, labels, LabelFormat.TI, work / "files", Ticker(), share=1)
    findings = Findings()
    source = open_labels(
        LabelFormat.TI, work / "files", [file.path for file in snapshot.files], findings
    )
    assert not source.labels_of("a.png", WIDTH, HEIGHT)
    found = source.labels_of("b.png", WIDTH, HEIGHT)
    assert findings.errors == [] and found.ocr_type == kind
    read = [json.loads(json.dumps(box.to_json())) for box in found.boxes]
    assert [box | {"label": "text"} for box in read] == boxes


SAMPLE = """{"tags": {"ocr_tags": {"type": "structured", "shapes": [
 {"id": 3, "frame_type": "polygon", "pts": [10, 10, 90, 10, 90, 30, 10, 30], "bbox": [10, 10, 80, 20],
  "text": "Invoice no.", "direction": "horizontal", "descriptor": "K3 ，5"},
 {"id": 5, "frame_type": "rect", "pts": [10, 40, 90, 60], "text": "30148556"}],
 "kv": [{"keys": ["Invoice no."], "values": ["30148556"], "key_ids": [3], "value_ids": [5]}]}},
 "info": {"path": "a.png"}}
"""


def test_ti_import_reads_what_the_format_allows(run_import: Importer, tmp_path: Path) -> None:
    write_picture(tmp_path / "in" / "a.png", WIDTH, HEIGHT)
    (tmp_path / "in" / "annotation.txt").write_text(SAMPLE)
    manifest = run_import(tmp_path / "in", "ocr", "ti")
    sample = json.loads(manifest.page(0, 1)[0].data)
    assert sample["ocr_type"] == "structured"
    assert [box["label"] for box in sample["boxes"]] == ["key", "value"]
    assert sample["boxes"][0]["attributes"]["descriptor"] == "k3,5"
    assert sample["boxes"][1]["polygons"] == [[10, 40, 90, 40, 90, 60, 10, 60]]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"id": 5', '"id": 3', "there twice"), ('"id": 5', '"id": 0', "integer from 1"),
        ("structured", "table", "ocr_tags.type"), ("K3 ，5", "k3,6", "no box 6"),
        ('"text": "30148556"', '"text": 3', "text, what is written"), ("K3 ，5", "k3", "column 2"),
        ("horizontal", "round", "direction is one of"), ('"rect"', '"circle"', "frame_type"),
    ],
)  # fmt: skip
def test_ti_import_names_what_is_wrong(tmp_path: Path, old: str, new: str, words: str) -> None:
    (tmp_path / "annotation.txt").write_text(SAMPLE.replace(old, new))
    findings = Findings()
    source = open_labels(LabelFormat.TI, tmp_path, ["a.png", "annotation.txt"], findings)
    source.labels_of("a.png", WIDTH, HEIGHT)
    assert any(words in str(problem) for problem in findings.errors), findings.errors
