"""Which requirement rows are proven: runs the tests that carry `@pytest.mark.covers(...)` and writes
`docs/conformance.md`.

    python tests/conformance.py                       run every marked test, browser ones included
    python tests/conformance.py --junit py.xml b.xml  take the results of earlier runs instead
    python tests/conformance.py -- -m "not browser"   what follows -- goes to pytest

A row is proven when at least one test covers it and every test that covers it passes. Exit code 1
when a covering test fails. An earlier run is reused through pytest's own `--junit-xml`; a test that
is in none of the files counts as not run.
"""

from __future__ import annotations

import argparse
import platform
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "docs" / "conformance.md"
LEDGER = ROOT.parent / "shared" / "ledger"

AREAS = {
    "DAT": "Datasets",
    "TRN": "Training tasks",
    "FIN": "Fine-tuning",
    "MOD": "Model repository",
    "SRV": "Online services",
    "INF": "Model packages (tiinfer)",
    "GWY": "Gateway",
    "EVA": "Evaluation",
    "IAM": "Accounts and permissions",
    "AST": "Storage and assets",
    "RES": "Resources and queues",
    "OPS": "Operations",
    "BIL": "Usage and billing",
    "LAB": "Labelling",
    "DEV": "Development machines",
    "DVX": "Development machines, additions",
    "AUT": "Automatic learning",
    "BAT": "Batch prediction",
    "CON": "Data construction",
    "GTH": "Ground-truth projects",
    "OPT": "Model optimisation",
    "PLY": "Playground",
    "PLZ": "Model plaza",
    "TIK": "Python kit",
    "WFL": "Workflows",
}
_ROW = re.compile(r"([A-Z]{3})-(X?\d+)")
_LEDGER_ROW = re.compile(r"^\|\s*\**([A-Z]{3}-X?\d+)\b", re.MULTILINE)


class Outcome(StrEnum):
    """In order of weight: the weightiest of a row's tests is the row's."""

    FAILED = "failed"
    NOT_RUN = "not run"
    SKIPPED = "skipped"
    PASSED = "passed"


@dataclass(eq=False)
class Recorder:
    """A pytest plugin: which marked tests there are, and how they went."""

    rows: dict[str, tuple[str, ...]] = field(default_factory=dict)  # node id -> rows
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)  # files that could not be collected

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        marked = []
        for item in items:
            rows = [row for mark in item.iter_markers("covers") for row in mark.args]
            if rows:
                self.rows[item.nodeid] = tuple(dict.fromkeys(rows))
                marked.append(item)
        # The others prove no row.
        config.hook.pytest_deselected(items=[i for i in items if i.nodeid not in self.rows])
        items[:] = marked

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken.append(report.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or not report.passed:
            before = self.outcomes.get(report.nodeid, Outcome.PASSED)
            self.outcomes[report.nodeid] = heaviest([before, Outcome(report.outcome)])


@dataclass(frozen=True, slots=True)
class Row:
    """A requirement row: every test function that covers it, with the outcomes of its cases."""

    id: str
    tests: dict[str, list[Outcome]]

    @property
    def outcome(self) -> Outcome:
        """A case that was skipped (no real data here, say) does not hide those that passed."""
        seen = [outcome for outcomes in self.tests.values() for outcome in outcomes]
        if Outcome.PASSED in seen:
            seen = [outcome for outcome in seen if outcome != Outcome.SKIPPED]
        return heaviest(seen)


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    recorder = Recorder()
    if arguments.junit:
        _pytest([*arguments.tests, *arguments.pytest, "--collect-only", "-qq"], recorder)
        for file in arguments.junit:
            recorder.outcomes |= outcomes_of_junit(file, recorder.rows)
    else:
        _pytest([*arguments.tests, *arguments.pytest, "--tb=short"], recorder)
    rows = rows_of(recorder)
    arguments.out.write_text(report(rows, ledger_counts(LEDGER), recorder.broken), encoding="utf-8")
    for row in unknown_rows(rows, LEDGER):
        sys.stderr.write(f"conformance: {row} is not a row of the ledger\n")
    proven = sum(row.outcome == Outcome.PASSED for row in rows)
    failed = sum(row.outcome == Outcome.FAILED for row in rows)
    sys.stdout.write(
        f"{proven} rows proven, {failed} failing, {len(rows)} covered: {arguments.out}\n"
    )
    return 1 if failed or recorder.broken else 0


def rows_of(recorder: Recorder) -> list[Row]:
    """Every covered row, sorted by area and number."""
    found: dict[str, dict[str, list[Outcome]]] = {}
    for test, rows in recorder.rows.items():
        function = test.partition("[")[0]
        for row in rows:
            outcomes = found.setdefault(row, {}).setdefault(function, [])
            outcomes.append(recorder.outcomes.get(test, Outcome.NOT_RUN))
    return [Row(row, found[row]) for row in sorted(found, key=_order)]


def outcomes_of_junit(file: Path, tests: Iterable[str]) -> dict[str, Outcome]:
    """How the given tests went in a run written with `pytest --junit-xml`."""
    by_name = {_junit_name(test): test for test in tests}
    found: dict[str, Outcome] = {}
    for case in ElementTree.parse(file).iter("testcase"):
        test = by_name.get((case.get("classname", ""), case.get("name", "")))
        if test is None:
            continue
        kinds = {child.tag for child in case}
        outcome = Outcome.PASSED
        if kinds & {"failure", "error"}:
            outcome = Outcome.FAILED
        elif "skipped" in kinds:
            outcome = Outcome.SKIPPED
        # A test that failed in both its call and its teardown is there twice.
        found[test] = heaviest([found.get(test, Outcome.PASSED), outcome])
    return found


def heaviest(outcomes: Iterable[Outcome]) -> Outcome:
    return min(outcomes, key=list(Outcome).index)


def ledger_counts(folder: Path) -> dict[str, int]:
    """How many rows each area of the ledger has; empty where there is no ledger."""
    counts: dict[str, int] = {}
    for row in _ledger_rows(folder):
        area = row.partition("-")[0]
        counts[area] = counts.get(area, 0) + 1
    return counts


def unknown_rows(rows: Sequence[Row], folder: Path) -> list[str]:
    """Covered rows that the ledger, where there is one, does not have: most likely misspelt."""
    known = _ledger_rows(folder)
    return [row.id for row in rows if known and row.id not in known]


def report(rows: Sequence[Row], ledger: dict[str, int], broken: Sequence[str]) -> str:
    return "\n".join([*_head(broken), *_summary(rows, ledger), *_areas(rows)]) + "\n"


def _head(broken: Sequence[str]) -> Iterator[str]:
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    yield "# Conformance"
    yield ""
    yield (
        "Which requirement rows are proven by tests. Written by `make conformance`; do not edit. A row "
        "is proven when every test that covers it passes."
    )
    yield ""
    yield f"{now}, commit {_commit()}, Python {platform.python_version()}, {platform.system()}."
    yield ""
    for file in broken:
        yield f"**Could not be collected: `{file}`.** Its rows are missing below.\n"


def _summary(rows: Sequence[Row], ledger: dict[str, int]) -> Iterator[str]:
    yield "| Area | | Proven | Failing | Not run or skipped | Covered | Rows in all |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: |"
    covered = {_area(row.id) for row in rows}
    totals = [0, 0, 0, 0]
    for area in sorted(covered | set(ledger), key=_area_order):
        own = [row.outcome for row in rows if _area(row.id) == area]
        proven, failing = own.count(Outcome.PASSED), own.count(Outcome.FAILED)
        figures = [proven, failing, len(own) - proven - failing, len(own)]
        totals = [total + figure for total, figure in zip(totals, figures, strict=True)]
        yield _line(area, AREAS.get(area, ""), *figures, ledger.get(area, ""))
    yield _line("", "**All**", *totals, sum(ledger.values()) or "")
    yield ""


def _areas(rows: Sequence[Row]) -> Iterator[str]:
    for area in sorted({_area(row.id) for row in rows}, key=_area_order):
        yield f"## {area} {AREAS.get(area, '')}".rstrip()
        yield ""
        yield "| Row | Result | Tests |"
        yield "| --- | --- | --- |"
        for row in rows:
            if _area(row.id) == area:
                tests = "<br>".join(_test(name, cases) for name, cases in row.tests.items())
                yield _line(row.id, row.outcome, tests)
        yield ""


def _test(function: str, cases: Sequence[Outcome]) -> str:
    text = f"`{function.removeprefix('tests/')}`"
    if len(cases) > 1:
        text += f" x {len(cases)}"
    others = sorted({case for case in cases if case != Outcome.PASSED})
    return f"{text} ({', '.join(others)})" if others else text


def _line(*cells: object) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def _area(row: str) -> str:
    return row.partition("-")[0]


def _area_order(area: str) -> tuple[int, str]:
    names = list(AREAS)
    return (names.index(area) if area in names else len(names), area)


def _order(row: str) -> tuple[tuple[int, str], bool, int, str]:
    match = _ROW.fullmatch(row)
    if match is None:
        return (_area_order(_area(row)), True, 0, row)
    return (_area_order(match[1]), match[2].startswith("X"), int(match[2].lstrip("X")), row)


def _junit_name(test: str) -> tuple[str, str]:
    """A node id as pytest writes it into a JUnit file: (classname, name)."""
    path, *inner = re.sub(r"\[.*", "", test, flags=re.DOTALL).split("::")
    parameters = test[test.index("[") :] if "[" in test else ""
    parts = [*path.removesuffix(".py").split("/"), *inner[:-1]]
    return ".".join(parts), inner[-1] + parameters


def _ledger_rows(folder: Path) -> set[str]:
    return {
        row
        for file in folder.glob("*.md")
        for row in _LEDGER_ROW.findall(file.read_text(encoding="utf-8"))
    }


def _commit() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True
    )
    return found.stdout.strip() or "unknown"


def _pytest(arguments: Sequence[str | Path], recorder: Recorder) -> None:
    given = ["-c", ROOT / "pyproject.toml", "--rootdir", ROOT, *arguments]
    code = pytest.main([str(argument) for argument in given], [recorder])
    if code in (pytest.ExitCode.USAGE_ERROR, pytest.ExitCode.INTERNAL_ERROR):
        sys.exit(f"conformance: pytest could not run ({code.name})")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="conformance", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--junit", type=Path, nargs="+", metavar="FILE", help="reuse these results")
    parser.add_argument(
        "--tests", type=Path, nargs="+", default=[ROOT / "tests"], help="where tests are"
    )
    parser.add_argument("--out", type=Path, default=REPORT, help="the report's file")
    parser.add_argument("pytest", nargs="*", help="more arguments for pytest, after --")
    return parser


if __name__ == "__main__":
    sys.path[0] = str(ROOT)  # as for `python -m pytest`; folders of tests must not pass for modules
    sys.exit(main())
