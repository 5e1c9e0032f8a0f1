"""No line is lost, and what arrives is readable."""

import re
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.runtime import logpump
from slipway.runtime.logpump import LINE_LIMIT_BYTES, LineSplitter

from .instances import AgentProcess

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z [PHC] ")


def split(chunks: list[bytes]) -> list[str]:
    """The texts that a splitter makes of a program's output."""
    splitter = LineSplitter("C")
    out = b"".join([splitter.feed(chunk) for chunk in chunks]) + splitter.close()
    lines = out.decode().split("\n")
    assert lines.pop() == ""
    assert all(STAMP.match(line) for line in lines)
    return [STAMP.sub("", line, count=1) for line in lines]


def test_bulk_output_arrives_complete_and_fast(agent: AgentProcess, tmp_path: Path) -> None:
    source = tmp_path / "out"
    with source.open("wb") as file:
        for start in range(0, 1_000_000, 1000):
            file.write(b"".join(b"%099d\n" % n for n in range(start, start + 1000)))
    begun = time.monotonic()
    instance = agent.run(f"cat {source}")
    instance.finished(timeout_s=60)
    lasted_s = time.monotonic() - begun
    with (instance.directory / "log").open("rb") as log:
        numbers = [int(line[30:]) for line in log if line[28:29] == b"C"]
    assert numbers == list(range(1_000_000))
    # 100 MB; far below what is measured on an idle core, so that a busy machine passes too.
    assert lasted_s < 10


def test_nothing_is_lost_when_the_command_dies_in_the_middle_of_a_line(agent: AgentProcess) -> None:
    instance = agent.run("seq 1 20000; printf 'no newline'; kill -9 $$")
    assert instance.finished()["signal"] == 9
    assert instance.log_lines() == [*map(str, range(1, 20001)), "no newline"]


def test_errors_and_output_keep_their_order(agent: AgentProcess) -> None:
    instance = agent.run("for i in 1 2 3; do echo out $i; echo err $i >&2; done")
    instance.finished()
    assert instance.log_lines() == ["out 1", "err 1", "out 2", "err 2", "out 3", "err 3"]


def test_garbage_becomes_readable_lines(agent: AgentProcess) -> None:
    instance = agent.run("head -c 200000 /dev/urandom; echo; echo the end")
    assert instance.finished()["exit_code"] == 0
    text = (instance.directory / "log").read_bytes().decode()
    lines = text.split("\n")
    assert lines.pop() == ""
    assert all(STAMP.match(line) for line in lines)
    assert instance.log_lines()[-1] == "the end"
    assert not re.search(r"[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f]", text)


def test_undecodable_bytes_and_control_characters_are_replaced() -> None:
    assert split([b"caf\xc3\xa9 \xff\x00\tx\x1b[1m\n"]) == ["caf\u00e9 \ufffd\ufffd\tx\x1b[1m"]


def test_a_character_cut_by_a_read_stays_whole() -> None:
    data = "数据集\n".encode()
    assert split([data[:4], data[4:]]) == ["数据集"]


@pytest.mark.parametrize("size", [LINE_LIMIT_BYTES, LINE_LIMIT_BYTES + 1, 5 * LINE_LIMIT_BYTES + 7])
@pytest.mark.parametrize("chunk", [1000, LINE_LIMIT_BYTES, 300_000])
def test_long_lines_are_split(size: int, chunk: int) -> None:
    data = b"x" * size + b"\nshort\n"
    lines = split([data[i : i + chunk] for i in range(0, len(data), chunk)])
    assert lines[-1] == "short"
    assert "".join(lines[:-1]) == "x" * size
    assert max(map(len, lines)) <= LINE_LIMIT_BYTES
    assert "" not in lines


def test_a_split_does_not_tear_a_character() -> None:
    data = b"a" + "模".encode() * LINE_LIMIT_BYTES + b"\n"
    lines = split([data[:100_000], data[100_000:]])
    assert "".join(lines) == "a" + "模" * LINE_LIMIT_BYTES
    assert max(len(line.encode()) for line in lines) <= LINE_LIMIT_BYTES


@given(
    st.lists(st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=30), max_size=20),
    st.lists(st.integers(0, 400), max_size=10),
    st.booleans(),
)
def test_lines_come_out_as_they_went_in_however_they_are_cut(
    lines: list[str], cuts: list[int], windows: bool
) -> None:
    end = b"\r\n" if windows else b"\n"
    data = b"".join(line.encode() + end for line in lines)
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    chunks = [data[a:b] for a, b in pairwise(edges)]
    assert split(chunks) == lines


def test_a_progress_bar_is_logged_in_its_final_form() -> None:
    frames = [b"\r%d%%" % n for n in range(0, 101, 10)]
    # The first frame may appear at once; the rest comes within the same second.
    lines = split([b"start\n", *frames, b"\ndone\n"])
    assert lines[0] == "start"
    assert lines[-2:] == ["100%", "done"]
    assert len(lines) <= 4


def test_a_slow_progress_bar_is_logged_about_once_a_second(monkeypatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(logpump.time, "monotonic", lambda: now[0])
    splitter = LineSplitter("C")
    out = b""
    for n in range(50):
        out += splitter.feed(b"\r%d/50" % n)
        now[0] += 0.1
    out += splitter.feed(b"\r50/50\n")
    texts = [line.split(" ")[2] for line in out.decode().splitlines()]
    assert texts[-1] == "50/50"
    assert 5 <= len(texts) <= 7


def test_a_progress_bar_that_stands_still_is_shown_once(monkeypatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(logpump.time, "monotonic", lambda: now[0])
    splitter = LineSplitter("C")
    splitter.feed(b"\r1/50")
    shown = splitter.feed(b"\r2/50")
    assert shown.endswith(b" 1/50\n")
    assert splitter.is_drawing
    now[0] += 1.5
    assert splitter.idle().endswith(b" 2/50\n")
    assert not splitter.is_drawing
    now[0] += 1.5
    assert splitter.idle() == b""
    assert splitter.feed(b"\n") == b""


def test_a_running_progress_bar_is_visible_in_the_log(agent: AgentProcess) -> None:
    instance = agent.run("printf '10%%\\r20%%\\r30%%'; sleep 70")
    instance.says("30%")
    instance.signal_runner(2)
    instance.finished()
