"""Searching runs: the newest of the experiments asked for, filtered and ordered here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import Invalid
from slipway.compat.mlflow.filters import parse_filter, parse_order
from slipway.compat.mlflow.runs import RunReport, TrackedRun, of_run, of_task, report
from slipway.compute.output.files import InstanceFiles
from slipway.tracking import queries as tracking
from slipway.tracking.journal import MetricJournal
from slipway.training import queries as training

MAX_RUNS, MAX_RESULTS = 5000, 1000


async def search_runs(
    session: AsyncSession, files: InstanceFiles, journal: MetricJournal, *, project_id: str,
    experiment_ids: Collection[str], text: str, order: Sequence[str], view: str, limit: int, skip: int,
) -> tuple[list[RunReport], bool]:  # fmt: skip
    """A page of reports, and whether there are more."""
    conditions, ordering = parse_filter(text), parse_order(order)
    runs = [
        run for run in await _candidates(session, project_id, experiment_ids) if _shown(run, view)
    ]
    if not conditions and not ordering:  # the usual listing: only the page is looked into
        page = runs[skip : skip + limit]
        return await report(session, files, journal, page), len(runs) > skip + limit
    found = await report(session, files, journal, runs)
    facts = {one.run.id: one.facts() for one in found}
    found = [one for one in found if all(c.holds(facts[one.run.id]) for c in conditions)]
    for kind, key, descending in reversed(ordering):
        have = [one for one in found if facts[one.run.id][kind].get(key) is not None]
        lack = [one for one in found if facts[one.run.id][kind].get(key) is None]
        have.sort(key=lambda one: _sortable(facts[one.run.id][kind][key]), reverse=descending)
        found = have + lack
    return found[skip : skip + limit], len(found) > skip + limit


async def _candidates(
    session: AsyncSession, project_id: str, experiment_ids: Collection[str]
) -> list[TrackedRun]:
    """Newest first."""
    runs = [of_run(tracking.frozen_run(row)) for row in await tracking.list_runs(session, experiment_ids, limit=MAX_RUNS)]  # fmt: skip
    if project_id in experiment_ids:
        rows = await training.list_newest(session, project_id, limit=MAX_RUNS)
        runs += [of_task(training.frozen(row)) for row in rows]
    if len(runs) >= MAX_RUNS:
        raise Invalid(f"These experiments have more than {MAX_RUNS} runs; search in fewer of them.", field="experiment_ids")  # fmt: skip
    return sorted(runs, key=lambda run: (run.started_at, run.id), reverse=True)


def _shown(run: TrackedRun, view: str) -> bool:
    return view == "ALL" or run.deleted == (view == "DELETED_ONLY")


def _sortable(value: Any) -> tuple[int, Any]:
    return (0, value) if isinstance(value, int | float) else (1, str(value))
