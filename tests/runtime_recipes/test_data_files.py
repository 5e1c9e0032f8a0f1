import json
from pathlib import Path

import pytest

from slipway.runtime.recipes import data_files
from slipway.runtime.recipes.data_files import list_files, read_files
from slipway.runtime.recipes.errors import SHOWN_PROBLEMS, DataError
from slipway.runtime.recipes.samples import PlainText, conversation

pytestmark = pytest.mark.covers("TRN-28")


def line(prompt: str) -> str:
    return json.dumps({"conversation": [{"prompt": prompt, "response": "A"}]}, ensure_ascii=False)


def read_all(directory: Path):
    return read_files(list_files(directory), directory)


def test_all_files_below_the_path_are_merged_in_a_fixed_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "1.jsonl").write_text(line("three") + "\n\n" + line("four"))
    (tmp_path / "a.jsonl").write_text(line("one") + "\n" + line("二") + "\n", encoding="utf-8")
    (tmp_path / ".hidden.jsonl").write_text("not read")
    (tmp_path / "readme.md").write_text("not read")
    assert read_all(tmp_path) == [
        conversation(None, [(prompt, "A")]) for prompt in ("one", "二", "three", "four")
    ]


def test_json_lists_and_text_files_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([{"text": "one"}, {"text": "two"}]))
    (tmp_path / "b.txt").write_text("three\nlines\n\n\nfour\n")
    assert read_all(tmp_path) == [
        PlainText(text) for text in ("one", "two", "three\nlines", "four")
    ]


def test_a_pattern_picks_files(tmp_path: Path) -> None:
    for name in ("train-1.jsonl", "train-2.jsonl", "test.jsonl"):
        (tmp_path / name).write_text(line(name))
    assert [p.name for p in list_files(tmp_path, ["train*"])] == ["train-1.jsonl", "train-2.jsonl"]


def test_a_byte_order_mark_is_tolerated(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(line("Q"), encoding="utf-8-sig")
    assert len(read_all(tmp_path)) == 1


def test_every_fault_is_named_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(
        line("fine").encode() + b"\n{broken\n" + b'{"conversation": []}\n' + b'"\xff"\n'
    )
    (tmp_path / "b.json").write_text('[{"text": "fine"}, {"text": 3}]')
    (tmp_path / "c.json").write_text('{"text": \n"no list"')
    (tmp_path / "d.jsonl").write_text("\n")
    (tmp_path / "e.txt").write_bytes(b"\xff")
    with pytest.raises(DataError) as refused:
        read_all(tmp_path)
    assert [(p.file, p.place) for p in refused.value.problems] == [
        ("a.jsonl", "line 2"),
        ("a.jsonl", "line 3"),
        ("a.jsonl", "line 4"),
        ("b.json", "item 2"),
        ("c.json", "line 2"),
        ("d.jsonl", ""),
        ("e.txt", ""),
    ]
    text = str(refused.value)
    assert "a.jsonl, line 2: is not JSON" in text
    assert "a.jsonl, line 4: is not UTF-8" in text
    assert "b.json, item 2: `text` must be text" in text


def test_many_faults_are_counted_and_the_first_are_shown(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}\n" * (SHOWN_PROBLEMS + 5))
    with pytest.raises(DataError) as refused:
        read_all(tmp_path)
    assert len(refused.value.problems) == SHOWN_PROBLEMS + 5
    assert str(refused.value).endswith("... and 5 more.")


def test_a_file_above_the_limit_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.jsonl").open("wb") as file:
        file.truncate(data_files.MAX_FILE_BYTES + 1)  # sparse: takes no space
    with pytest.raises(DataError, match="at most 200 MB"):
        read_all(tmp_path)


def test_deeply_nested_json_is_a_fault_and_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("[" * 200_000)
    with pytest.raises(DataError, match=r"a\.jsonl, line 1: is not JSON"):
        read_all(tmp_path)
