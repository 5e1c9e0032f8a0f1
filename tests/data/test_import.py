"""Imports on files alone: what is found, what is refused, and that a crash loses nothing."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest

from slipway.data.errors import ImportRefusedError, ImportStoppedError
from slipway.data.importer import ImportJob, import_version
from slipway.data.manifest import open_manifest
from slipway.data.preview import Picture, Record, Row, Status, read_page
from slipway.data.progress import Ticker
from slipway.data.shelf import Shelf
from slipway.data.types import Column, ColumnType, DatasetKind, LabelFormat, TableOptions
from tests.data.conftest import REAL_DATA, Importer, voc, write_lines, write_picture


@pytest.mark.covers("DAT-20")
def test_records_of_all_files_are_one_dataset(run_import: Importer, tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_lines(data / "b.jsonl", {"q": "three"})
    write_lines(data / "a.jsonl", {"q": "one"}, {"q": "two", "tag": 1})
    (data / "readme.md").write_text("about")
    (data / ".hidden.jsonl").write_text("broken")
    manifest = run_import(data, "llm")
    samples, total = read_page(manifest, 0, 10, label=None, status=Status.ALL)
    shown = [(s.index, s.file, s.fields["q"]) for s in samples if isinstance(s, Record)]
    assert shown == [(0, "a.jsonl", "one"), (1, "a.jsonl", "two"), (2, "b.jsonl", "three")]
    assert total == 3
    summary = manifest.summary
    assert (summary.sample_count, summary.labelled_count, summary.ignored_count) == (3, 0, 1)
    fields = {field["name"]: field for field in summary.statistics["fields"]}
    assert fields["tag"]["count"] == 1 and fields["tag"]["types"] == {"number": 1}
    assert fields["q"]["length"]["min"] == 3 and fields["q"]["length"]["max"] == 5


def test_every_file_is_kept_with_its_hash(run_import: Importer, tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_lines(data / "d" / "a.jsonl", {"q": 1})
    (data / "notes.txt").write_text("hello")
    manifest = run_import(data, "llm")
    lines = (manifest.directory / "files.jsonl").read_bytes().splitlines()
    for told in map(orjson.loads, lines):
        kept = (manifest.directory / "files" / told["path"]).read_bytes()
        assert kept == (data / told["path"]).read_bytes()
        assert told["sha256"] == hashlib.sha256(kept).hexdigest()
    assert [orjson.loads(line)["path"] for line in lines] == ["d/a.jsonl", "notes.txt"]


def test_the_same_data_has_the_same_hash(run_import: Importer, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_lines(tmp_path / name / "a.jsonl", {"q": 1})
    write_lines(tmp_path / "three" / "b.jsonl", {"q": 1})
    hashes = [
        run_import(tmp_path / name, "llm", name=f"ds-{name}").summary.content_hash
        for name in ("one", "two", "three")
    ]
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.covers("DAT-15", "DAT-27")
def test_a_broken_line_refuses_the_import_and_is_named(
    run_import: Importer, tmp_path: Path
) -> None:
    write_lines(tmp_path / "data" / "a.jsonl", {"q": 1})
    (tmp_path / "data" / "b.jsonl").write_text('{"q": 1}\n{"q": 2\n[3]\n')
    with pytest.raises(ImportRefusedError) as refused:
        run_import(tmp_path / "data", "llm")
    assert refused.value.reason.startswith("b.jsonl, line 2: not valid JSON")
    assert refused.value.reason.endswith("(1 more problem)")
    assert [(p.file, p.line) for p in refused.value.problems] == [("b.jsonl", 2), ("b.jsonl", 3)]
    assert list((tmp_path / "home" / "datasets" / "ds-1").iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "said"),
    [("llm", "no .jsonl file"), ("table", "no .csv file"), ("image_classification", "no images")],
)
def test_a_folder_without_such_data_is_refused(
    run_import: Importer, tmp_path: Path, kind: str, said: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "notes.md").write_text("x")
    with pytest.raises(ImportRefusedError, match=said):
        run_import(tmp_path / "data", kind)


def test_class_folders_label_their_images(run_import: Importer, tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name in ("cat/1.png", "cat/deep/2.JPG", "dog/3.png"):
        write_picture(data / name, 20, 10)
    write_picture(data / "loose.png")
    manifest = run_import(data, "image_classification", "folder")
    summary = manifest.summary
    assert (summary.sample_count, summary.labelled_count) == (4, 3)
    assert {label.name: label.count for label in summary.labels} == {"cat": 2, "dog": 1}

    def paths(label: str | None = None, status: Status = Status.ALL) -> list[str]:
        page, total = read_page(manifest, 0, 10, label=label, status=status)
        assert total == len(page)
        return [sample.path for sample in page if isinstance(sample, Picture)]

    assert paths() == ["cat/1.png", "cat/deep/2.JPG", "dog/3.png", "loose.png"]
    assert paths(label="cat") == ["cat/1.png", "cat/deep/2.JPG"]
    assert paths(status=Status.UNLABELLED) == ["loose.png"]
    assert paths(label="bird") == []
    first = read_page(manifest, 0, 1, label=None, status=Status.LABELLED)[0][0]
    assert isinstance(first, Picture)
    assert (first.width, first.height, first.labels) == (20, 10, ("cat",))


def test_images_without_class_folders_are_refused_as_labelled(
    run_import: Importer, tmp_path: Path
) -> None:
    write_picture(tmp_path / "data" / "1.png")
    with pytest.raises(ImportRefusedError, match="class folder"):
        run_import(tmp_path / "data", "image_classification", "folder")
    manifest = run_import(tmp_path / "data", "image_classification", "none")
    assert manifest.summary.labelled_count == 0


def test_an_image_that_is_not_one_is_named(run_import: Importer, tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_picture(data / "cat/1.png")
    (data / "cat/2.png").write_text("I am not an image")
    (data / "cat/3.jpg").write_bytes(b"")
    with pytest.raises(ImportRefusedError) as refused:
        run_import(data, "image_classification", "folder")
    assert [str(problem) for problem in refused.value.problems] == [
        "cat/2.png: not an image (JPEG, PNG or BMP).",
        "cat/3.jpg: an empty file.",
    ]


def test_an_image_that_would_explode_is_named(run_import: Importer, tmp_path: Path) -> None:
    import struct
    import zlib

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IEND", b"")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "bomb.png").write_bytes(bomb)
    with pytest.raises(ImportRefusedError, match=r"bomb\.png: has more than"):
        run_import(tmp_path / "data", "image_classification")


def test_voc_labels_are_found_by_base_name(run_import: Importer, tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name in ("1", "2", "3"):
        write_picture(data / f"JPEGImages/{name}.jpg", 100, 80)
    (data / "Annotations").mkdir()
    (data / "Annotations/1.xml").write_text(voc(("cat", 1, 2, 30, 40), ("dog", 5, 5, 9, 9)))
    (data / "Annotations/2.xml").write_text(voc(("cat", 90, 70, 130, 90), size=(1, 1)))
    (data / "Annotations/9.xml").write_text(voc(("cat", 1, 1, 2, 2)))
    manifest = run_import(data, "object_detection", "voc")
    summary = manifest.summary
    assert (summary.sample_count, summary.labelled_count, summary.ignored_count) == (3, 2, 0)
    assert {label.name: label.count for label in summary.labels} == {"cat": 2, "dog": 1}
    assert [str(warning) for warning in summary.warnings] == [
        "Annotations/2.xml: says 1 x 1 pixels; the image has 100 x 80.",
        "Annotations/2.xml, object 1: "
        "the box of 'cat' reaches 30 pixels over the edge and was cut.",
        "Annotations/9.xml: there is no image for this label file.",
    ]
    first = read_page(manifest, 0, 1, label="dog", status=Status.ALL)[0][0]
    assert isinstance(first, Picture)
    assert first.boxes[0] == {"label": "cat", "x": 1, "y": 2, "width": 29, "height": 38}


def test_a_voc_box_outside_its_image_is_named(run_import: Importer, tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_picture(data / "a.jpg", 100, 80)
    (data / "a.xml").write_text(voc(("cat", 300, 1, 400, 40)))
    with pytest.raises(ImportRefusedError, match=r"a\.xml, object 1: .* lies outside the image"):
        run_import(data, "object_detection", "voc")


def test_coco_labels_are_found_by_file_name(run_import: Importer, tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_picture(data / "images/1.jpg", 50, 40)
    write_picture(data / "images/2.jpg", 50, 40)
    labels = {
        "images": [{"id": 1, "file_name": "1.jpg"}, {"id": 2, "file_name": "lost.jpg"}],
        "categories": [{"id": 5, "name": "dog"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 5, "bbox": [1, 2, 10, 20],
             "segmentation": [[1, 2, 11, 2, 11, 22]]},
        ],
    }  # fmt: skip
    (data / "annotations").mkdir()
    (data / "annotations/instances.json").write_text(json.dumps(labels))
    (data / "other.json").write_text("[1, 2]")
    manifest = run_import(data, "image_segmentation", "coco")
    assert (manifest.summary.sample_count, manifest.summary.labelled_count) == (2, 1)
    assert [str(w) for w in manifest.summary.warnings] == [
        "annotations/instances.json: there is no image 'lost.jpg'."
    ]
    first = read_page(manifest, 0, 1, label="dog", status=Status.ALL)[0][0]
    assert isinstance(first, Picture)
    assert first.boxes[0]["polygons"] == [[1, 2, 11, 2, 11, 22]]


def test_coco_without_a_label_file_is_refused(run_import: Importer, tmp_path: Path) -> None:
    write_picture(tmp_path / "data" / "1.jpg")
    with pytest.raises(ImportRefusedError, match="no COCO label file"):
        run_import(tmp_path / "data", "object_detection", "coco")


CSV = 'id,name,score,ok\n1,"a, b",0.5,true\n2,,1.5,false\n3,"two\nlines",2,true\n'


@pytest.mark.covers("DAT-38")
def test_a_table_is_read_with_types_and_distributions(run_import: Importer, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(CSV)
    manifest = run_import(tmp_path / "t.csv", "table")
    rows, total = read_page(manifest, 1, 10, label=None, status=Status.ALL)
    assert total == 3
    assert [row.fields for row in rows if isinstance(row, Row)] == [
        {"id": "2", "name": "", "score": "1.5", "ok": "false"},
        {"id": "3", "name": "two\nlines", "score": "2", "ok": "true"},
    ]
    columns = {column["name"]: column for column in manifest.summary.statistics["columns"]}
    types = {name: column["type"] for name, column in columns.items()}
    assert types == {"id": "int", "name": "string", "score": "float", "ok": "bool"}
    assert columns["ok"]["values"] == [["true", 2], ["false", 1]]
    assert columns["name"]["empty_count"] == 1 and columns["name"]["distinct_count"] == 2
    assert columns["score"]["numbers"]["max"] == 2


def _columns(*pairs: tuple[str, ColumnType], header: bool = True) -> TableOptions:
    return TableOptions(header, tuple(Column(name, kind) for name, kind in pairs))


@pytest.mark.covers("DAT-17")
def test_a_schema_names_what_breaks_it(run_import: Importer, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,n\n1,2\nx,3\n4,5,6\n")
    schema = _columns(("id", ColumnType.INT), ("n", ColumnType.INT))
    with pytest.raises(ImportRefusedError) as refused:
        run_import(tmp_path / "t.csv", "table", table=schema)
    assert [str(problem) for problem in refused.value.problems] == [
        "t.csv, line 3: 'x' in column 'id' is not of type int.",
        "t.csv, line 4: has 3 values; the table has 2 columns.",
    ]
    other = _columns(("id", ColumnType.INT), ("m", ColumnType.INT))
    with pytest.raises(ImportRefusedError, match="The header is 'id', 'n'; expected is 'id', 'm'"):
        run_import(tmp_path / "t.csv", "table", table=other)


def test_a_table_without_header_takes_the_schemas_names(
    run_import: Importer, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_bytes("1;中文\n2;b\n".encode("gb18030"))
    schema = _columns(("id", ColumnType.INT), ("name", ColumnType.STRING), header=False)
    manifest = run_import(tmp_path / "t.csv", "table", table=schema)
    rows = read_page(manifest, 0, 5, label=None, status=Status.ALL)[0]
    assert isinstance(rows[0], Row) and rows[0].fields == {"id": "1", "name": "中文"}


def test_files_of_a_table_must_have_the_same_columns(run_import: Importer, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "1.csv").write_text("a,b\n1,2\n")
    (data / "2.csv").write_text("a,c\n1,2\n")
    with pytest.raises(ImportRefusedError, match=r"2\.csv, line 1: The header is 'a', 'c'"):
        run_import(data, "table")


def test_links_in_the_source_are_left_out(run_import: Importer, tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_lines(data / "a.jsonl", {"q": 1})
    (tmp_path / "secret.jsonl").write_text('{"password": 1}\n')
    (data / "link.jsonl").symlink_to(tmp_path / "secret.jsonl")
    (data / "dir").symlink_to(tmp_path)
    manifest = run_import(data, "llm")
    assert manifest.summary.sample_count == 1
    assert [path.name for path in (manifest.directory / "files").iterdir()] == ["a.jsonl"]


def test_a_stopped_import_leaves_nothing(tmp_path: Path) -> None:
    write_lines(tmp_path / "data" / "a.jsonl", {"q": 1})
    shelf, ticker = Shelf(tmp_path / "home"), Ticker()
    ticker.stop()
    with pytest.raises(ImportStoppedError):
        import_version(shelf, _job(tmp_path / "data"), ticker)
    assert list(shelf.dataset("ds-1").iterdir()) == []


def _job(source: Path) -> ImportJob:
    return ImportJob("ds-1", 1, DatasetKind.LLM, LabelFormat.NONE, TableOptions(), source)


def test_importing_again_keeps_what_is_there(tmp_path: Path) -> None:
    """As after a crash between the rename and the row: the version counts, not the source."""
    data, shelf = write_lines(tmp_path / "data" / "a.jsonl", {"q": 1}), Shelf(tmp_path / "home")
    first = import_version(shelf, _job(data.parent), Ticker())
    write_lines(data, {"q": 1}, {"q": 2})
    assert import_version(shelf, _job(data.parent), Ticker()) == first


_KILLED = """
import sys
from pathlib import Path
from slipway.data.importer import import_version
from slipway.data.progress import Ticker
from slipway.data.shelf import Shelf
from slipway.data.importer import ImportJob
from slipway.data.types import DatasetKind, LabelFormat, TableOptions
job = ImportJob("ds-1", 1, DatasetKind.LLM, LabelFormat.NONE, TableOptions(), Path(sys.argv[2]))
print("started", flush=True)
import_version(Shelf(Path(sys.argv[1])), job, Ticker())
print("done", flush=True)
"""


def test_a_killed_import_leaves_no_version_and_is_done_again(tmp_path: Path) -> None:
    """kill -9 somewhere in the middle, at a different place each time."""
    source, shelf = tmp_path / "data", Shelf(tmp_path / "home")
    source.mkdir()
    for name in range(8):
        row = json.dumps({"q": "text " * 20, "n": name}) + "\n"
        (source / f"{name}.jsonl").write_text(row * 10_000)
    killed = 0
    for wait_s in (0.01, 0.1, 0.25):
        process = subprocess.Popen(
            [sys.executable, "-c", _KILLED, str(tmp_path / "home"), str(source)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        with process:
            assert process.stdout.readline() == "started\n"
            time.sleep(wait_s)  # where in the import it dies does not matter; that it dies does
            os.kill(process.pid, signal.SIGKILL)
            finished = process.stdout.read() == "done\n"
        killed += not finished
        assert shelf.version("ds-1", 1).exists() == finished
        if finished:
            break
    assert killed
    shelf.sweep({"ds-1"})
    assert import_version(shelf, _job(source), Ticker()).sample_count == 80_000
    assert [path.name for path in shelf.dataset("ds-1").iterdir()] == ["v1"]


@pytest.mark.skipif(not REAL_DATA.exists(), reason="the real data is not on this machine")
def test_the_blood_cells_are_imported_whole(run_import: Importer) -> None:
    manifest = run_import(REAL_DATA / "bccd" / "BCCD", "object_detection", "voc")
    summary = manifest.summary
    assert (summary.sample_count, summary.labelled_count, summary.ignored_count) == (364, 364, 0)
    counts = {label.name: label.count for label in summary.labels}
    assert counts == {"RBC": 4153, "WBC": 372, "Platelets": 361}
    assert summary.warning_count == 2  # two boxes of the data set are empty
    page, total = read_page(manifest, 350, 10, label="Platelets", status=Status.ALL)
    assert total == manifest.count(label="Platelets") and page == []


@pytest.mark.skipif(not REAL_DATA.exists(), reason="the real data is not on this machine")
def test_real_questions_are_imported_and_any_page_is_there(run_import: Importer) -> None:
    manifest = run_import(REAL_DATA / "gsm8k", "llm")
    assert manifest.summary.sample_count == 7473 + 1319
    last, total = read_page(manifest, 8790, 10, label=None, status=Status.ALL)
    assert total == 8792 and [sample.index for sample in last] == [8790, 8791]
    assert isinstance(last[0], Record) and set(last[0].fields) == {"question", "answer"}


@pytest.mark.slow
def test_a_page_costs_the_same_anywhere(tmp_path: Path) -> None:
    source, shelf = tmp_path / "data", Shelf(tmp_path / "home")
    source.mkdir()
    (source / "a.jsonl").write_text('{"q": "how?", "a": "so."}\n' * 300_000)
    import_version(shelf, _job(source), Ticker())
    manifest = open_manifest(shelf.version("ds-1", 1))
    started = time.perf_counter()
    page, _ = read_page(manifest, 299_980, 20, label=None, status=Status.ALL)
    assert len(page) == 20
    assert time.perf_counter() - started < 0.1
