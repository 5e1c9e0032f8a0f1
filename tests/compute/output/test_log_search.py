"""What a search finds, and that skipping blocks never skips a match."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.compute.output import logs
from slipway.compute.output.log_search import Words
from slipway.compute.output.logs import LogQuery, read_logs, whole_log


@pytest.mark.parametrize(
    ("search", "text", "found"),
    [
        ("LOSS", "the loss is 3", True),
        ("loss 3", "3 is the Loss", True),
        ("loss 4", "the loss is 3", False),
        ('"loss is"', "the loss is 3", True),
        ('"is loss"', "the loss is 3", False),
        ("epoch*done", "epoch 12 is done", True),
        ("done*epoch", "epoch 12 is done", False),
        ("gpu?", "gpu7 is hot", True),
        ("gpu?hot", "gpu7 is hot", False),
        ("*", "anything", True),
        ("a.c", "abc", False),
        ("STRASSE", "die Straße", True),
        ("straße", "STRASSE", True),
        ("kelvin", "5 \u212aelvin", True),
        ("学习率", "当前学习率 0.1", True),
        ("Ärger", "ärger", True),
        ("", "anything", True),
    ],
)
def test_matches(search: str, text: str, found: bool) -> None:
    words = Words.of(search)
    assert words.are_in(text) is found
    if found:
        assert words.may_be_in(f"other\n{text}\n".encode())


@given(
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=30),
    st.integers(0, 20),
    st.integers(1, 8),
)
def test_a_block_is_only_skipped_when_it_holds_no_match(text: str, at: int, length: int) -> None:
    piece = text[at : at + length].replace('"', "")
    for search in (piece, piece.upper(), piece.swapcase()):
        words = Words.of(search)
        if words.are_in(text):
            assert words.may_be_in(text.encode())


def _write(path: Path, seconds: range) -> Path:
    lines = [f"2026-01-01T00:{n // 60:02d}:{n % 60:02d}.500000Z C line {n}\n" for n in seconds]
    path.write_text("".join(lines))
    return path


@pytest.mark.parametrize("newest_first", [True, False])
def test_a_time_range_is_found_by_halving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, newest_first: bool
) -> None:
    monkeypatch.setattr(logs, "_BLOCK", 64)
    path = _write(tmp_path / "log", range(600))
    for start, end in ((0, 0), (100, 103), (599, 599), (0, 599), (590, 800)):
        query = LogQuery(
            start=f"2026-01-01T00:{start // 60:02d}:{start % 60:02d}.500000Z",
            end=f"2026-01-01T00:{end // 60:02d}:{end % 60:02d}.500000Z",
            newest_first=newest_first, limit=1000,
        )  # fmt: skip
        found = [int(line.text.split()[1]) for line in read_logs({"a": path}, query).lines]
        expected = list(range(start, min(end, 599) + 1))
        assert found == (expected[::-1] if newest_first else expected)


def test_the_whole_log_of_several_instances_is_merged_by_time(tmp_path: Path) -> None:
    one = _write(tmp_path / "one", range(0, 6, 2))
    two = _write(tmp_path / "two", range(1, 6, 2))
    text = b"".join(whole_log({"i-1": one, "i-2": two})).decode()
    assert [line.split()[-1] for line in text.splitlines()] == ["0", "1", "2", "3", "4", "5"]
    assert text.splitlines()[1].split()[1] == "i-2"
    assert b"".join(whole_log({"i-1": one})) == one.read_bytes()
