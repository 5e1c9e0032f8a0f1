"""Every kind of dataset, and files of other formats that become one."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from slipway.data.errors import ImportRefusedError
from slipway.data.export import ExportFormat, export_zip
from slipway.data.preview import read_one
from slipway.data.reconcile import DataLoop
from slipway.data.types import DatasetKind
from tests.assets.house import House
from tests.data.conftest import Importer, picture, settled, voc, write_lines, write_picture
from tests.data.test_datasets_http import make, refused

OCR = {
    "tags": {"ocr_tags": {"type": "recognition", "shapes": [
        {"id": 3, "frame_type": "polygon", "pts": [10, 10, 90, 10, 90, 30, 10, 30],
         "bbox": [10, 10, 80, 20], "text": "发票", "direction": "horizontal", "descriptor": ""},
    ]}},
    "info": {"path": "a.png"},
}  # fmt: skip
TRACKED = {
    "tags": {"detection_tags": {"shapes": [
        {"frame_type": "rect", "pts": [10, 20, 60, 20, 60, 70, 10, 70], "bbox": [10, 20, 50, 50],
         "tag": [{"label_key_name": "class", "label_value_name": ["person"]}], "track_id": 7},
    ]}},
    "info": {"path": "a.png"},
}  # fmt: skip


@pytest.mark.covers("DAT-02")
@pytest.mark.parametrize(("kind", "line"), [("ocr", OCR), ("object_tracking", TRACKED)])
def test_labels_of_further_kinds_come_in_and_go_out(
    run_import: Importer, tmp_path: Path, kind: str, line: dict[str, Any]
) -> None:
    write_picture(tmp_path / "in" / "a.png", 100, 80)
    write_picture(tmp_path / "in" / "B.PNG", 100, 80)
    write_lines(tmp_path / "in" / "annotation.txt", line)
    (tmp_path / "in" / "notes.md").write_text("x")
    manifest = run_import(tmp_path / "in", kind, "ti")
    assert (manifest.summary.sample_count, manifest.summary.labelled_count) == (2, 1)
    assert manifest.summary.ignored_count == 1 and manifest.summary.kind.unit == "images"
    out = io.BytesIO(b"".join(export_zip(manifest, ExportFormat.TI)))
    import zipfile

    written = zipfile.ZipFile(out).read("annotation.txt").splitlines()
    again = next(value for value in map(orjson.loads, written) if value["info"]["path"] == "a.png")
    assert again == line


@pytest.mark.covers("DAT-02")
def test_texts_are_read_by_line_and_by_file(run_import: Importer, tmp_path: Path) -> None:
    one = {
        "content": "The delivery was late.",
        "labels": {"mood": "bad", "topic": ["post", "trade"]},
    }
    write_lines(tmp_path / "in" / "a.txt", one, {"content": "Fine."})
    deep = {"content": "Penalties.", "labels": {"topic": {"sport": {"ball": "football"}}}}
    (tmp_path / "in" / "b.json").write_text(json.dumps(deep, indent=1))
    manifest = run_import(tmp_path / "in", "text", "ti")
    assert (manifest.summary.sample_count, manifest.summary.labelled_count) == (3, 2)
    labels = {label.name for label in manifest.summary.labels}
    assert labels == {"mood: bad", "topic: post", "topic: trade", "topic: sport: ball: football"}
    assert [raw.index for raw in manifest.page(0, 9, label="mood: bad")] == [0]
    assert [raw.index for raw in manifest.page(0, 9, status="unlabelled")] == [1]
    too_deep: Any = "x"
    for level in range(6):
        too_deep = {str(level): too_deep}
    write_lines(tmp_path / "bad" / "a.txt", {"content": "x", "labels": too_deep}, {"text": "y"})
    with pytest.raises(ImportRefusedError) as error:
        run_import(tmp_path / "bad", "text", "ti", name="bad")
    assert [problem.line for problem in error.value.problems] == [1, 2]


def test_other_formats_become_records(run_import: Importer, tmp_path: Path) -> None:
    rows = [
        {"q": f"问题 {n}", "n": n, "image": {"bytes": picture(), "path": "p.png"}} for n in range(5)
    ]
    (tmp_path / "in").mkdir()
    table = pa.Table.from_pylist(rows)
    pq.write_table(table, tmp_path / "in" / "a.parquet")
    with pa.OSFile(str(tmp_path / "in" / "b.arrow"), "wb") as file, pa.ipc.new_stream(file, table.schema) as out:  # fmt: skip
        out.write_table(table)
    (tmp_path / "in" / "dataset_info.json").write_text("{}")
    (tmp_path / "in" / "c.json").write_text(json.dumps([{"instruction": "a", "output": "b"}]))
    with tarfile.open(tmp_path / "in" / "d-000.tar", "w") as tar:
        for name, data in (
            ("1.jpg", picture(kind="JPEG")),
            ("1.json", b'{"cap": "dog"}'),
            ("2.txt", b"hello"),
        ):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    manifest = run_import(tmp_path / "in", "mllm")
    assert manifest.summary.sample_count == 13
    first: Any = read_one(manifest, 0)
    assert first.fields["q"] == "问题 0" and first.fields["n"] == 0
    assert first.images[0].path == first.fields["image"] and first.images[0].path.endswith("p.png")
    last: Any = [read_one(manifest, n).fields for n in (10, 11, 12)]  # type: ignore[union-attr]
    assert last[0] == {"instruction": "a", "output": "b"}
    assert last[1]["cap"] == "dog" and last[1]["jpg"].endswith(".jpg") and last[2]["txt"] == "hello"
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "x.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(ImportRefusedError, match="cannot be read"):
        run_import(tmp_path / "bad", "llm", name="bad")


@pytest.mark.covers("DAT-02")
def test_a_sheet_becomes_a_table(run_import: Importer, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.xlsx").write_bytes(
        _workbook([["id", "name", "on"], [1, "张三", True], [2.5, "b,c", False]])
    )
    manifest = run_import(tmp_path / "in", "table")
    assert [c["name"] for c in manifest.summary.statistics["columns"]] == ["id", "name", "on"]
    row: Any = read_one(manifest, 0)
    assert row.fields == {"id": "1", "name": "张三", "on": "true"}
    assert manifest.summary.kind is DatasetKind.TABLE and manifest.summary.sample_count == 2


def _workbook(rows: list[list[Any]]) -> bytes:
    """The smallest .xlsx that holds these rows."""
    import zipfile

    def cell(value: Any) -> str:
        if isinstance(value, bool):
            return f'<c t="b"><v>{int(value)}</v></c>'
        if isinstance(value, str):
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        return f"<c><v>{value}</v></c>"

    lines = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    space = "http://schemas.openxmlformats.org"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(
            "[Content_Types].xml", f'<Types xmlns="{space}/package/2006/content-types"/>'
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{space}/package/2006/relationships"><Relationship Id="r1" '
            f'Type="{space}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{space}/spreadsheetml/2006/main" xmlns:r="{space}/officeDocument/2006/relationships">'
            '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{space}/package/2006/relationships"><Relationship Id="r1" '
            f'Type="{space}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{space}/spreadsheetml/2006/main"><sheetData>{lines}</sheetData></worksheet>',
        )
    return out.getvalue()


@pytest.mark.covers("DAT-03", "DAT-12", "DAT-21", "DAT-39", "DAT-42")
async def test_each_version_is_recorded_at_the_output_path(
    house: House, bucket: Path, loop: DataLoop
) -> None:
    write_picture(bucket / "dogs" / "a.png", 100, 80)
    (bucket / "dogs" / "a.xml").write_text(voc(("dog", 1, 1, 40, 40)))
    form = {"kind": "object_detection", "label_format": "voc"}
    for inside in ("dogs", "dogs/out", ""):
        status, error = await refused(
            house, "dogs", output_address=f"{house.project}/{inside}", **form
        )
        assert (status, error["code"]) == (400, "output_in_data"), inside
    status, error = await refused(house, "dogs", output_address="nowhere/out", **form)
    assert (status, error["code"]) == (404, "no_bucket")
    made = await make(house, "dogs", output_address=f"{house.project}/out", preview=False, **form)
    assert made["labels"] == ["image detection"]
    await settled(house, made["id"])
    record = bucket / "out" / made["id"] / "v1"
    assert sorted(path.name for path in record.iterdir()) == [
        "annotation.txt",
        "files.jsonl",
        "version.json",
    ]
    assert orjson.loads((record / "annotation.txt").read_bytes())["info"]["path"] == "a.png"
    hidden = await house.a.get(f"/datasets/{made['id']}/versions/1/samples")
    assert (hidden.status_code, hidden.json()["error"]["code"]) == (409, "preview_off")
    assert (await house.a.get(f"/datasets/{made['id']}/versions/1/files/a.png")).status_code == 409
    await house.a.patch(f"/datasets/{made['id']}", json={"preview": True})
    assert (await house.a.get(f"/datasets/{made['id']}/versions/1/samples")).status_code == 200
    await house.a.delete(f"/datasets/{made['id']}?delete_output=true")
    assert not record.exists() and (bucket / "dogs" / "a.png").exists()
