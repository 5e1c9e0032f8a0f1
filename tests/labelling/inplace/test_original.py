"""A file whose lines are replaced: right, whole at any moment, and never over a stranger's changes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.labelling.inplace.original import Line, SourceChanged
from tests.labelling.inplace.writer import lines_of, original_of

WAIT_S = 60


@settings(max_examples=60)
@given(
    st.lists(st.binary(max_size=12).map(lambda b: b.replace(b"\n", b"").replace(b"\r", b"")), min_size=1, max_size=8),
    st.booleans(),
    st.lists(st.dictionaries(st.integers(0, 7), st.none() | st.integers(0, 40), max_size=4), max_size=5),
)  # fmt: skip
def test_any_changes_one_after_the_other(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[bytes],
    ends: bool,
    rounds: list[dict[int, int | None]],
) -> None:
    folder = tmp_path_factory.mktemp("f")
    data = b"\xef\xbb\xbf" + b"\n".join(texts) + (b"\n" if ends else b"")
    first = lines_of(data)
    (folder / "a.jsonl").write_bytes(data)
    (folder / "snapshot").write_bytes(data)
    original = original_of(folder)
    original.adopt()
    now = [line for _, line in first]
    for number, wanted in enumerate(rounds):
        lines = {}
        for at, length in wanted.items():
            if at >= len(first):
                continue
            new = b"" if length is None else b"%d" % (number % 10) * length + b"\n"
            lines[at] = Line(first[at][0], len(first[at][1]), new)
            now[at] = new
        original.write(lines)
        assert (folder / "a.jsonl").read_bytes() == b"".join(now)
    original.write({at: Line(offset, len(line), line) for at, (offset, line) in enumerate(first)})
    assert (folder / "a.jsonl").read_bytes() == data


def test_what_somebody_else_changed_is_left_alone(tmp_path: Path) -> None:
    data = b'{"a":1}\n{"a":2}\n'
    (tmp_path / "snapshot").write_bytes(data)
    (tmp_path / "a.jsonl").write_bytes(data)
    (tmp_path / "a.jsonl").chmod(0o640)
    original = original_of(tmp_path)
    original.adopt()
    original.write({1: Line(8, 8, b"new\n")})
    assert (tmp_path / "a.jsonl").stat().st_mode & 0o777 == 0o640
    (tmp_path / "a.jsonl").write_bytes(b"theirs\n")
    for change in (original.adopt, lambda: original.write({0: Line(0, 8, b"x\n")})):
        with pytest.raises(SourceChanged):
            change()
    assert (tmp_path / "a.jsonl").read_bytes() == b"theirs\n"
    (tmp_path / "a.jsonl").unlink()
    (tmp_path / "a.jsonl").symlink_to(tmp_path / "snapshot")
    with pytest.raises((SourceChanged, OSError)):
        original.write({0: Line(0, 8, b"x\n")})
    assert (tmp_path / "snapshot").read_bytes() == data
    original.write_over({0: Line(0, 8, b"mine\n")})
    assert (tmp_path / "a.jsonl").read_bytes() == b'mine\n{"a":2}\n'
    assert [path.name for path in tmp_path.glob(".slipway*")] == []


@pytest.mark.covers("LAB-03")
def test_killed_at_any_moment_the_file_is_old_or_new(tmp_path: Path) -> None:
    """A writer in a process of its own is killed (SIGKILL) again and again, and goes on."""
    data = b"".join(b'{"n": %d, "text": "%s"}\n' % (n, b"x" * 2000) for n in range(2000))
    (tmp_path / "snapshot").write_bytes(data)
    (tmp_path / "a.jsonl").write_bytes(data)
    original_of(tmp_path).adopt()
    chance = random.Random(7)
    seen: set[bytes] = set()
    for _ in range(25):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.labelling.inplace.writer", str(tmp_path)],
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        for _ in range(chance.randrange(1, 4)):
            assert process.stdout.readline() == b"written\n"
        time.sleep(chance.random() * 0.01)  # where in the writing it is hit is chance
        os.kill(process.pid, signal.SIGKILL)
        process.wait(WAIT_S)
        process.stdout.close()
        now = (tmp_path / "a.jsonl").read_bytes()
        lines = now.splitlines(keepends=True)
        assert len(lines) == 2000 and all(line.endswith(b"}\n") for line in lines)
        marks = {lines[n].partition(b'"round": ')[2] for n in (3, 1000, 1999)}
        assert len(marks) == 1, "lines of one save are all there or none is"
        seen |= marks
        assert original_of(tmp_path).is_known()  # so the next one goes on
    assert len(seen) == 25
