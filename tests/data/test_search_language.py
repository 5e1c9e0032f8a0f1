"""The words of a search, run on a small table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.base.errors import Invalid
from slipway.data.progress import Ticker
from slipway.data.search.index import Index, build_index, open_index
from slipway.data.search.language import parse_query
from tests.data.conftest import Importer, write_lines

ROWS = (
    {"lang": "en", "answer": "A short one", "score": 0.1, "ok": True, "meta": {"source": "web"}},
    {"lang": "zh", "answer": "你好，世界。" * 50, "score": 0.9, "ok": False, "meta": "book"},
    {"lang": "zh", "answer": "短", "score": None, "ok": True, "Lang": "x"},
    {"lang": "en", "answer": "", "score": 3, "the name": 'it\'s "quoted"'},
    {"lang": "de", "answer": "  ", "score": -1.5e3},
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    from slipway.data.importer import ImportJob, import_version
    from slipway.data.manifest import open_manifest
    from slipway.data.shelf import Shelf
    from slipway.data.types import DatasetKind, LabelFormat, TableOptions

    folder = tmp_path_factory.mktemp("index")
    write_lines(folder / "in" / "a.jsonl", *ROWS)
    shelf = Shelf(folder / "home")
    job = ImportJob("ds", 1, DatasetKind.LLM, LabelFormat.NONE, TableOptions(), folder / "in")
    import_version(shelf, job, Ticker())
    build_index(open_manifest(shelf.version("ds", 1)), folder / "index", Ticker())
    return open_index(folder / "index")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [0, 1, 2, 3, 4]), ("lang = zh", [1, 2]), ("lang=zh and len(answer) > 200", [1]),
        ("lang != zh", [0, 3, 4]), ("score > 0.5", [1, 3]), ("score <= -1500", [4]),
        ("SHORT", [0]), ('"你好，世界"', [1]), ("answer ~ hort", [0]), ("answer !~ 你好", [0, 2, 3, 4]),
        ("lang in (zh, de)", [1, 2, 4]), ("answer is empty", [3, 4]), ("score is not empty", [0, 1, 3, 4]),
        ("not lang = zh", [0, 3, 4]), ("lang = zh or lang = de and score < 0", [1, 2, 4]),
        ("(lang = zh or lang = de) score < 0", [4]), ("ok = true", [0, 2]), ("Lang = x", [2]),
        ("meta = book", [1]), ("meta ~ source", [0]), ("'the name' = 'it\\'s \"quoted\"'", [3]),
        ("lang", []), ("'; drop table samples; --'", []),
    ],
)  # fmt: skip
def test_what_is_asked_is_found(index: Index, query: str, found: list[int]) -> None:
    assert index.numbers(query, "").tolist() == found


def test_an_order_is_kept(index: Index) -> None:
    assert index.numbers("", "-len(answer)").tolist() == [1, 0, 4, 2, 3]
    assert index.numbers("lang in (zh, en)", "-score").tolist() == [3, 1, 0, 2]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("colour = red", "no field 'colour'"), ("score > high", "compared with a number"),
        ("(lang = zh", "ends where"), ("lang =", "ends where"), ("lang = zh)", "not expected"),
        ('"open', "not closed"), ("ok = maybe", "true or false"), ("len(answer) ~ 2", "compared with"),
        ("(" * 40 + "a" + ")" * 40, "too deeply"), ("a " * 5000, "characters"),
    ],
)  # fmt: skip
def test_a_wrong_query_is_refused_with_a_place(index: Index, query: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        index.numbers(query, "")


@given(st.text(alphabet="langscore()=<>~!\"' ,zh1and not or in is empty len", max_size=60))
def test_no_text_does_more_than_ask(index: Index, query: str) -> None:
    try:
        parse_query(query, index.fields)
        found = index.numbers(query, "")
    except Invalid:
        return
    assert set(found.tolist()) <= set(range(len(ROWS)))


def test_files_that_cannot_be_read_as_they_are_are_indexed_all_the_same(
    run_import: Importer, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(b'\xef\xbb\xbf{"a": 1}\n\n  {"a": 2}\n')
    (folder / "b.jsonl").write_text(json.dumps({"A": "x", "a": 3}))
    manifest = run_import(folder, "llm")
    build_index(manifest, tmp_path / "index", Ticker())
    index = open_index(tmp_path / "index")
    assert index.numbers("a >= 2", "").tolist() == [1, 2]
    assert index.numbers("A = x", "").tolist() == [2]


def test_tables_and_pictures_are_searched_too(run_import: Importer, tmp_path: Path) -> None:
    from tests.data.conftest import voc, write_picture

    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.csv").write_text("name,age\nann,31\nbob,\nchloé,7\n")
    build_index(run_import(tmp_path / "t", "table", name="t"), tmp_path / "i1", Ticker())
    table = open_index(tmp_path / "i1")
    assert table.numbers("age > 10 or name = bob", "").tolist() == [0, 1]
    write_picture(tmp_path / "p" / "a.png", 100, 80)
    write_picture(tmp_path / "p" / "b.png", 100, 80)
    (tmp_path / "p" / "a.xml").write_text(voc(("dog", 1, 1, 40, 40), ("cat", 1, 1, 4, 9)))
    build_index(run_import(tmp_path / "p", "object_detection", "voc", name="p"), tmp_path / "i2", Ticker())  # fmt: skip
    pictures = open_index(tmp_path / "i2")
    assert pictures.numbers("labels = dog smallest_side < 5", "").tolist() == [0]
    assert pictures.numbers("labels is empty", "").tolist() == [1]
    assert pictures.numbers("len(labels) = 2 cat", "").tolist() == [0]
