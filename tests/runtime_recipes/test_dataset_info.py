import json
from pathlib import Path
from typing import Any

import pytest

from slipway.runtime.recipes.dataset_info import read_described
from slipway.runtime.recipes.errors import DataError
from slipway.runtime.recipes.samples import conversation

pytestmark = pytest.mark.covers("TRN-28")


def describe(root: Path, described: dict[str, Any], **files: Any) -> None:
    (root / "dataset_info.json").write_text(json.dumps(described))
    for name, content in files.items():
        (root / f"{name}.json").write_text(json.dumps(content))


def test_described_files_are_merged_with_their_own_columns(tmp_path: Path) -> None:
    describe(
        tmp_path,
        {
            "one": {"file_name": "one.json", "columns": {"prompt": "q", "response": "a"}},
            "two": {
                "file_name": "two.json",
                "formatting": "sharegpt",
                "columns": {"messages": "talk"},
                "tags": {
                    "role_tag": "who",
                    "content_tag": "what",
                    "user_tag": "me",
                    "assistant_tag": "it",
                },
            },
        },
        one=[{"q": "Q1", "a": "A1"}],
        two=[{"talk": [{"who": "me", "what": "Q2"}, {"who": "it", "what": "A2"}]}],
    )
    assert read_described(tmp_path) == [
        conversation(None, [("Q1", "A1")]),
        conversation(None, [("Q2", "A2")]),
    ]
    assert read_described(tmp_path, ["two"]) == [conversation(None, [("Q2", "A2")])]


def test_remote_data_sets_are_left_out_aloud(tmp_path: Path, capsys) -> None:
    described = {"far": {"hf_hub_url": "x/y"}, "near": {"file_name": "near.json"}}
    describe(tmp_path, described, near=[{"instruction": "Q", "output": "A"}])
    assert len(read_described(tmp_path)) == 1
    assert "`far` is not a local file" in capsys.readouterr().out
    with pytest.raises(DataError, match="recipes download nothing"):
        read_described(tmp_path, ["far"])


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"file_name": "none.json"}, "`none.json` of `x` does not exist"),
        ({"file_name": "../out.json"}, "lies outside the data"),
        ({"file_name": "f.json", "formatting": "other"}, "is not one of alpaca, sharegpt"),
        ({"file_name": "f.json", "ranking": True}, "preference pairs"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, entry: dict, reason: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "out.json").write_text("[]")
    describe(tmp_path / "data", {"x": entry}, f=[{"instruction": "Q", "output": "A"}])
    with pytest.raises(DataError, match=reason):
        read_described(tmp_path / "data")


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    describe(tmp_path, {"a": {"file_name": "a.json"}})
    with pytest.raises(DataError, match="has no data set `b`; it has: a"):
        read_described(tmp_path, ["b"])


def test_a_fault_in_a_described_file_names_file_and_item(tmp_path: Path) -> None:
    describe(tmp_path, {"a": {"file_name": "a.json"}}, a=[{"instruction": "Q"}])
    with pytest.raises(DataError, match=r"a\.json, item 1: `output` is missing"):
        read_described(tmp_path)
