"""The conformance report says what was run, and nothing more."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import conformance

Outcome = conformance.Outcome

JUNIT = """<testsuites><testsuite>
<testcase classname="tests.room.test_a" name="test_one[sqlite]"/>
<testcase classname="tests.room.test_a" name="test_one[a.b::c[1]]"><failure message="no"/></testcase>
<testcase classname="tests.room.test_a" name="test_one[sqlite]"><error message="teardown"/></testcase>
<testcase classname="tests.room.test_a.TestSome" name="test_two"><skipped message="no data"/></testcase>
<testcase classname="tests.room.test_a" name="test_other"/>
</testsuite></testsuites>"""


PROGRAM = Path(conformance.__file__)
TESTS = """
import pytest

@pytest.mark.covers("TRN-01", "TRN-02")
@pytest.mark.parametrize("case", [1, 2])
def test_holds(case): pass

@pytest.mark.covers("TRN-02")
def test_breaks(): assert False

@pytest.mark.covers("TRN-03")
def test_cannot_be_tried(): pytest.skip("no data")

@pytest.fixture
def falls_apart():
    yield
    raise RuntimeError

@pytest.mark.covers("TRN-04")
def test_leaves_a_mess(falls_apart): pass

def test_proves_nothing(): raise SystemExit("must not be run")
"""


def recorder(**outcomes: str) -> conformance.Recorder:
    """Two rows by three tests; `outcomes` by the test's short name."""
    made = conformance.Recorder()
    made.rows = {
        "tests/a.py::test_x[1]": ("TRN-02",),
        "tests/a.py::test_x[2]": ("TRN-02",),
        "tests/a.py::test_y": ("TRN-10", "DAT-01"),
    }
    names = {
        "x1": "tests/a.py::test_x[1]",
        "x2": "tests/a.py::test_x[2]",
        "y": "tests/a.py::test_y",
    }
    made.outcomes = {names[name]: Outcome(value) for name, value in outcomes.items()}
    return made


def test_results_of_an_earlier_run_are_found_by_test(tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"
    file.write_text(JUNIT)
    tests = [
        "tests/room/test_a.py::test_one[sqlite]",
        "tests/room/test_a.py::test_one[a.b::c[1]]",
        "tests/room/test_a.py::TestSome::test_two",
        "tests/room/test_a.py::test_never_run",
    ]
    assert conformance.outcomes_of_junit(file, tests) == {
        tests[0]: Outcome.FAILED,  # passed, and then broke in its teardown
        tests[1]: Outcome.FAILED,
        tests[2]: Outcome.SKIPPED,
    }


@pytest.mark.parametrize(
    ("outcomes", "wanted"),
    [
        ({"x1": "passed", "x2": "passed"}, "passed"),
        ({"x1": "passed", "x2": "failed"}, "failed"),
        ({"x1": "passed"}, "not run"),
        ({"x1": "passed", "x2": "skipped"}, "passed"),
        ({"x1": "skipped", "x2": "skipped"}, "skipped"),
    ],
)
def test_a_row_is_proven_only_when_all_that_covers_it_passes(
    outcomes: dict[str, str], wanted: str
) -> None:
    rows = {row.id: row.outcome for row in conformance.rows_of(recorder(**outcomes))}
    assert rows["TRN-02"] == wanted


def test_the_report_counts_by_area_and_lists_tests() -> None:
    rows = conformance.rows_of(recorder(x1="passed", x2="passed", y="failed"))
    text = conformance.report(rows, {"TRN": 72, "GWY": 108}, ["tests/broken.py"])
    assert "| TRN | Training tasks | 1 | 1 | 0 | 2 | 72 |" in text
    assert "| DAT | Datasets | 0 | 1 | 0 | 1 |  |" in text
    assert "| GWY | Gateway | 0 | 0 | 0 | 0 | 108 |" in text
    assert "|  | **All** | 1 | 2 | 0 | 3 | 180 |" in text
    assert "| TRN-02 | passed | `a.py::test_x` x 2 |" in text
    assert "| TRN-10 | failed | `a.py::test_y` (failed) |" in text
    assert "`tests/broken.py`" in text
    assert text.index("## DAT") < text.index("## TRN")


def test_rows_are_sorted_by_number() -> None:
    assert [row.id for row in conformance.rows_of(recorder())] == ["DAT-01", "TRN-02", "TRN-10"]


def test_one_command_runs_what_is_marked_and_writes_what_it_saw(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    out = tmp_path / "report.md"
    command = [
        sys.executable,
        PROGRAM,
        "--tests",
        tmp_path,
        "--out",
        out,
        "--",
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1
    assert "1 rows proven, 2 failing, 4 covered" in done.stdout
    results = dict(re.findall(r"^\| (TRN-\d+) \| ([\w ]+) \|", out.read_text(), re.MULTILINE))
    assert results == {
        "TRN-01": "passed", "TRN-02": "failed", "TRN-03": "skipped", "TRN-04": "failed",
    }  # fmt: skip


def test_the_ledger_is_only_counted(tmp_path: Path) -> None:
    (tmp_path / "train.md").write_text(
        "| ID | Feature |\n|---|---|\n| TRN-01 | Secret |\n| TRN-X2 | x |\n"
    )
    assert conformance.ledger_counts(tmp_path) == {"TRN": 2}
    assert conformance.ledger_counts(tmp_path / "absent") == {}
    rows = conformance.rows_of(recorder())
    assert conformance.unknown_rows(rows, tmp_path) == ["DAT-01", "TRN-02", "TRN-10"]
    assert conformance.unknown_rows(rows, tmp_path / "absent") == []


def test_the_report_that_is_checked_in_has_a_row_for_every_area_with_tests() -> None:
    text = conformance.REPORT.read_text(encoding="utf-8")
    areas = set(re.findall(r"^## ([A-Z]{3}) ", text, re.MULTILINE))
    listed = set(re.findall(r"^\| ([A-Z]{3}) \|", text, re.MULTILINE))
    assert areas and areas <= listed
