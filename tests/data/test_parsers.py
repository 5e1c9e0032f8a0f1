"""The parsers of label and record formats, against made-up and against any input."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.data.errors import MAX_PROBLEMS, Findings, ImportRefusedError
from slipway.data.formats.coco import parse_coco
from slipway.data.formats.jsonl import Line, read_lines
from slipway.data.formats.table import TableRow, parse_row, probe, read_rows
from slipway.data.formats.voc import parse_voc
from slipway.data.statistics import Histogram, Lengths
from slipway.data.types import Box
from tests.data.conftest import voc

_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
_record = st.dictionaries(st.text(max_size=5), _json, max_size=4)


def _lines(data: bytes) -> tuple[list[Line], Findings]:
    findings = Findings()
    return list(read_lines(io.BytesIO(data), "a.jsonl", findings)), findings


@given(st.lists(_record), st.booleans(), st.sampled_from(["\n", "\r\n", "\n\n", "\n \n"]))
def test_every_record_is_found_where_it_is(
    records: list[dict[str, Any]], bom: bool, end: str
) -> None:
    text = "".join(json.dumps(record, ensure_ascii=False) + end for record in records)
    data = (b"\xef\xbb\xbf" if bom else b"") + text.encode("utf-8", "surrogatepass")
    if "\\ud" in json.dumps(text):
        return  # lone surrogates are not UTF-8
    lines, findings = _lines(data)
    assert findings.errors == []
    assert [line.value for line in lines] == records
    assert [json.loads(data[line.offset : line.offset + line.length]) for line in lines] == records


@given(st.binary(max_size=200))
@settings(max_examples=300)
def test_any_bytes_are_read_or_named(data: bytes) -> None:
    lines, findings = _lines(data)
    for line in lines:
        assert json.loads(data[line.offset : line.offset + line.length]) == line.value
    assert all(problem.line and problem.file == "a.jsonl" for problem in findings.errors)


@pytest.mark.parametrize(
    ("line", "said"),
    [("{'a': 1}", "not valid JSON"), ("[1]", "an array, not a JSON object"), ("3", "not a JSON"),
     ('{"a": 1', "not valid JSON"), ('{"a": NaN}', "not valid JSON"), ("null", "null")],
)  # fmt: skip
def test_a_broken_line_is_named(line: str, said: str) -> None:
    lines, findings = _lines(f'{{"ok": 1}}\n\n{line}\n{{"ok": 2}}'.encode())
    assert [found.value for found in lines] == [{"ok": 1}, {"ok": 2}]
    assert [(p.file, p.line) for p in findings.errors] == [("a.jsonl", 3)]
    assert said in findings.errors[0].message


def test_text_that_is_not_utf8_is_said() -> None:
    _, findings = _lines('{"a": "中"}\n'.encode("gb18030"))
    assert "not UTF-8" in findings.errors[0].message


def test_reading_stops_after_a_hundred_problems() -> None:
    with pytest.raises(ImportRefusedError) as refused:
        _lines(b"broken\n" * 1000)
    assert len(refused.value.problems) == MAX_PROBLEMS
    assert refused.value.reason.endswith("(at least 99 more problems)")


_side = st.floats(0, 60, allow_nan=False).map(lambda value: round(value, 2))


@given(st.lists(st.tuples(st.sampled_from(["cat", "dög", "a b"]), _side, _side, _side, _side)))
def test_boxes_inside_are_kept_as_they_are(
    drawn: list[tuple[str, float, float, float, float]],
) -> None:
    boxes = [(n, x, y, round(x + w + 1, 2), round(y + h + 1, 2)) for n, x, y, w, h in drawn]
    findings = Findings()
    found = parse_voc(voc(*boxes, size=(200, 200)).encode(), "1.xml", 200, 200, findings)
    assert findings.errors == [] and findings.warning_count == 0
    assert [(b.label, b.x, b.y) for b in found] == [(n, x, y) for n, x, y, _, _ in boxes]
    for box, (_, x, y, right, bottom) in zip(found, boxes, strict=True):
        assert (box.width, box.height) == (round(right - x, 6), round(bottom - y, 6))


@given(st.binary(max_size=300) | st.text().map(str.encode))
def test_any_xml_is_read_or_named(data: bytes) -> None:
    findings = Findings()
    if not parse_voc(data, "1.xml", 10, 10, findings):
        assert findings.errors or b"annotation" in data
    assert all(problem.file == "1.xml" for problem in findings.errors)


@pytest.mark.parametrize(
    ("box", "said", "kept"),
    [
        (("a", 90, 70, 130, 90), "reaches 30 pixels over the edge", 1),
        (("a", 0, 0, 101, 81), None, 1),
        (("a", 200, 10, 220, 20), "lies outside the image", 0),
        (("a", 30, 10, 20, 20), "ends before it begins", 0),
        (("a", 30, 10, 30, 20), "is empty and was left out", 0),
        (("", 1, 1, 2, 2), "has no <name>", 0),
        (("a", "x", 1, 2, 2), "as numbers", 0),
        (("a", "nan", 1, 2, 2), "as numbers", 0),
    ],
)
def test_a_box_that_is_wrong_is_named(box: Any, said: str | None, kept: int) -> None:
    findings = Findings()
    found = parse_voc(voc(box).encode(), "1.xml", 100, 80, findings)
    messages = [str(problem) for problem in (*findings.errors, *findings.warnings)]
    assert len(found) == kept
    assert all(b.x >= 0 and b.x + b.width <= 100 and b.y + b.height <= 80 for b in found)
    if said is None:
        assert messages == []
    else:
        assert len(messages) == 1 and said in messages[0]
        assert messages[0].startswith("1.xml, object 1: ")


def test_entities_in_xml_are_refused() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY x "ha">]><annotation>&x;</annotation>'
    findings = Findings()
    assert parse_voc(bomb, "1.xml", 10, 10, findings) == ()
    assert "entities" in findings.errors[0].message


def _coco(**changes: Any) -> dict[str, Any]:
    annotation = {"id": 7, "image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4]} | changes
    return {
        "images": [{"id": 1, "file_name": "a.jpg"}],
        "categories": [{"id": 3, "name": "dog"}],
        "annotations": [annotation],
    }


def test_coco_boxes_and_polygons_are_read() -> None:
    findings = Findings()
    found = parse_coco(_coco(segmentation=[[1, 2, 4, 2, 4, 6]]), "c.json", findings)
    polygon = ((1.0, 2.0, 4.0, 2.0, 4.0, 6.0),)
    assert found == {"a.jpg": [("annotation 7", Box("dog", 1, 2, 3, 4, polygon))]}
    assert findings.errors == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"image_id": 9}, "image_id 9 is unknown"), ({"category_id": None}, "category_id None"),
     ({"bbox": [1, 2, 3]}, "four numbers"), ({"bbox": [1, 2, 3, "4"]}, "four numbers"),
     ({"bbox": None}, "four numbers"), ({"image_id": [1]}, "is unknown")],
)  # fmt: skip
def test_a_coco_annotation_that_is_wrong_is_named(changes: dict[str, Any], said: str) -> None:
    findings = Findings()
    parse_coco(_coco(**changes), "c.json", findings)
    assert len(findings.errors) == 1
    assert str(findings.errors[0]).startswith("c.json, annotation 7: ")
    assert said in findings.errors[0].message


@given(_json, _json, _json)
def test_any_coco_content_is_read_or_named(images: Any, annotations: Any, categories: Any) -> None:
    value = {
        "images": [images], "annotations": [annotations], "categories": [categories],
    }  # fmt: skip
    findings = Findings()
    parse_coco(value, "c.json", findings)
    assert findings.errors


_cell = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\x85"),
    max_size=6,
) | st.sampled_from(['a"b', "a,b", "two\nlines", "a;b", "中文", "", " "])


@given(st.lists(st.lists(_cell, min_size=2, max_size=2), min_size=1, max_size=8), st.booleans())
def test_every_row_is_found_where_it_is(rows: list[list[str]], bom: bool) -> None:
    text = "h1,h2\n" + "".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in rows
    )
    data = (b"\xef\xbb\xbf" if bom else b"") + text.encode()
    file, findings = io.BytesIO(data), Findings()
    source = probe("t.csv", file)
    found: list[TableRow] = list(read_rows(file, source, findings))
    assert findings.errors == []
    assert [row.values for row in found] == [["h1", "h2"], *rows]
    again = [parse_row(data[row.offset : row.offset + row.length], source) for row in found]
    assert again == [["h1", "h2"], *rows]


_number = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6).map(lambda v: round(v, 6))


@given(st.lists(_number, min_size=1, max_size=3000))
@settings(max_examples=50)
def test_a_histogram_counts_everything_once(values: list[float]) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    told = histogram.to_json()
    assert told is not None
    assert (told["min"], told["max"]) == (min(values), max(values))
    bins = told["histogram"]
    assert sum(count for _, _, count in bins) == len(values)
    assert len(bins) <= 41
    for low, high, count in bins:
        assert count == sum(low <= value < high for value in values)


def test_length_figures_are_exact() -> None:
    lengths = Lengths()
    for value in range(1, 101):
        lengths.add(value)
    told = lengths.to_json()
    assert told is not None
    assert (told["min"], told["max"], told["mean"]) == (1, 100, 50.5)
    assert (told["median"], told["p95"]) == (50, 95)
