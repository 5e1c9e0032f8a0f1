"""Reading logs: every line once, in order, whatever the block and page sizes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.base.errors import Invalid
from slipway.compute.output import logs
from slipway.compute.output.logs import LogLine, LogQuery, read_logs, read_new


def write(path: Path, lines: list[str], tail: str = "") -> Path:
    path.write_text("".join(f"{line}\n" for line in lines) + tail)
    return path


def all_pages(files: dict[str, Path], query: LogQuery) -> list[LogLine]:
    lines: list[LogLine] = []
    cursor = None
    while True:
        page = read_logs(files, LogQuery(**{**_fields(query), "cursor": cursor}))
        lines += page.lines
        cursor = page.next_cursor
        if cursor is None:
            return lines


def _fields(query: LogQuery) -> dict[str, object]:
    return {name: getattr(query, name) for name in LogQuery.__slots__}


@given(
    st.lists(
        st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), max_size=40),
        max_size=30,
    ),
    st.integers(1, 7),
    st.booleans(),
)
def test_every_line_once_in_order(texts: list[str], limit: int, newest_first: bool) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "_BLOCK", 16)
        lines = [f"2026-01-01T00:00:{n:02d}.000000Z C {text}" for n, text in enumerate(texts)]
        path = write(Path(folder) / "log", lines, tail="2026-01-01T00:01:00Z C not who")
        found = all_pages({"a": path}, LogQuery(limit=limit, newest_first=newest_first))
        expected = texts[::-1] if newest_first else texts
        assert [line.text for line in found] == expected


def test_instances_are_merged_by_time(tmp_path: Path) -> None:
    a = write(tmp_path / "a", ["2026-01-01T00:00:01Z C a1", "2026-01-01T00:00:03Z C a3"])
    b = write(tmp_path / "b", ["2026-01-01T00:00:02Z P b2", "2026-01-01T00:00:04Z C b4"])
    found = read_logs({"a": a, "b": b}, LogQuery())
    assert [(line.instance_id, line.text) for line in found.lines] == [
        ("b", "b4"),
        ("a", "a3"),
        ("b", "b2"),
        ("a", "a1"),
    ]


def test_filters(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a",
        [
            "2026-01-01T00:00:01Z P start",
            "2026-01-01T00:00:02Z C Loss 0.5 step 1",
            "2026-01-01T00:00:03Z C loss 0.4 step 2",
        ],
    )
    files = {"a": path}
    assert [n.text for n in read_logs(files, LogQuery(search='LOSS "step 1"')).lines] == [
        "Loss 0.5 step 1"
    ]
    assert [n.text for n in read_logs(files, LogQuery(categories=frozenset("P"))).lines] == [
        "start"
    ]
    middle = LogQuery(start="2026-01-01T00:00:02Z", end="2026-01-01T00:00:02Z")
    assert [n.text for n in read_logs(files, middle).lines] == ["Loss 0.5 step 1"]


def test_a_missing_file_is_an_empty_log(tmp_path: Path) -> None:
    assert read_logs({"a": tmp_path / "none"}, LogQuery()).lines == []
    assert read_new(tmp_path / "none", 0) == ([], 0)


def test_live_reading_takes_whole_lines_only(tmp_path: Path) -> None:
    path = write(tmp_path / "a", ["2026-01-01T00:00:01Z C one"], tail="2026-01-01T00:00:02Z C tw")
    lines, position = read_new(path, 0)
    assert [text for _, _, text in lines] == ["one"]
    with path.open("a") as file:
        file.write("o\n")
    lines, position = read_new(path, position)
    assert [text for _, _, text in lines] == ["two"]
    assert read_new(path, position) == ([], position)


def test_a_foreign_cursor_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cursor"):
        read_logs({"a": write(tmp_path / "a", ["x C y"])}, LogQuery(cursor="!!!"))


def test_the_tail_starts_at_a_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a", ["first line", "second", "third"])
    size = path.stat().st_size
    assert logs.line_start(path, None) == 0
    assert logs.line_start(path, size) == 0
    assert path.read_bytes()[logs.line_start(path, 8) :] == b"third\n"
    assert path.read_bytes()[logs.line_start(path, 6) :] == b"third\n"
    assert logs.line_start(tmp_path / "none", 5) == 0
