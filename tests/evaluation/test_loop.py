"""Closing evaluations: what ends how, stale claims, and crashes in between."""

from __future__ import annotations

import asyncio
import contextlib
import json
from datetime import timedelta
from typing import Any

import pytest

from slipway.base.claims import claim
from slipway.base.clock import utc_now
from slipway.base.events import list_events
from slipway.compute import queries as compute
from slipway.compute.types import Workload, WorkloadState
from slipway.evaluation import queries
from slipway.evaluation.collect import collect
from slipway.evaluation.follow import EvaluationFollower
from slipway.evaluation.keys import KeyFolders
from slipway.evaluation.loop import EvaluationContext, EvaluationLoop, outcome
from slipway.evaluation.tables import EvaluationRow
from slipway.evaluation.types import EvaluationState
from tests.evaluation.conftest import context_of
from tests.evaluation.forms import adds_up, created, form_of, third_party
from tests.models.house import House, until
from tests.runtime_evaluate.conftest import ChatService

RESULT = {
    "model": "served", "set": "sums", "samples": 8, "failed": [], "metrics": {"accuracy": 0.75},
    "standard_errors": {}, "run_time_s": 1.0, "tokens": {"prompt": 1, "completion": 1},
    "format": "qa", "template": None, "tokenizer": "word",
}  # fmt: skip


async def prepared(house: House, service: ChatService) -> Any:
    """An evaluation whose workload has left its results, as far as files go."""
    service.reply = adds_up
    made = await created(house, form_of(house, [third_party(service, api_key="sk-1")]))
    folder = house.path(made["output"])
    (folder / "models" / "0").mkdir(parents=True)
    states = {
        "models": [{"name": "served", "state": "completed", "reason": "", "deployment": None}]
    }
    (folder / "models.json").write_text(json.dumps(states))
    (folder / "models" / "0" / "results.json").write_text(json.dumps({"results": [RESULT]}))
    return made


async def end_workload(house: House, evaluation_id: str, state: WorkloadState) -> None:
    """What the compute floor does in its transaction when a workload has ended."""
    async with house.db.begin() as session:
        [row] = await compute.list_workloads_of(session, evaluation_id)
        row.state, row.ended_at = state, utc_now()
        row.reason = "exit code 1" if state == WorkloadState.FAILED else ""
        await session.flush()
        workload: Workload = compute.frozen_workload(row)
        await EvaluationFollower(utc_now).workload_changed(session, workload)


async def row_of(house: House, evaluation_id: str) -> EvaluationRow:
    async with house.db.read() as session:
        row = await queries.find_evaluation(session, evaluation_id)
        assert row is not None
        return row


async def test_an_ended_workload_wakes_the_loop_which_closes_the_evaluation(
    house: House, service: ChatService
) -> None:
    made = await prepared(house, service)
    keys = KeyFolders(house.settings.root).folder(made["id"])
    assert json.loads((keys / "keys.json").read_text()) == {"0": "sk-1"}
    loop = asyncio.create_task(EvaluationLoop(context_of(house)).run())
    await asyncio.sleep(0)
    await end_workload(house, made["id"], WorkloadState.SUCCEEDED)

    async def state() -> str:
        return (await row_of(house, made["id"])).state

    await until(state, lambda seen: seen == "Completed", 10)
    loop.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await loop
    row = await row_of(house, made["id"])
    assert row.results is not None and row.ended_as is None and row.claim_token is None
    assert row.results["models"][0]["results"][0]["metrics"] == {"accuracy": 0.75}
    assert not keys.exists()
    async with house.db.read() as session:
        events = await list_events(session, project_id=house.project)
    types = [e.type for e in events if e.subject_id == made["id"]]
    assert types[-1] == "evaluation:evaluationCompleted"


@pytest.mark.parametrize(
    ("ended_as", "final"),
    [(WorkloadState.FAILED, "Failed"), (WorkloadState.STOPPED, "Stopped")],
)
async def test_figures_of_what_was_done_are_kept_however_it_ended(
    house: House, service: ChatService, ended_as: WorkloadState, final: str
) -> None:
    made = await prepared(house, service)
    await end_workload(house, made["id"], ended_as)
    assert (await row_of(house, made["id"])).state in ("Inferring", "Stopping")
    await EvaluationLoop(context_of(house)).settle_one(made["id"])
    row = await row_of(house, made["id"])
    assert row.state == final and row.results is not None
    assert row.results["models"][0]["results"] == [RESULT]


async def test_a_claimed_evaluation_is_left_alone(house: House, service: ChatService) -> None:
    made = await prepared(house, service)
    await end_workload(house, made["id"], WorkloadState.SUCCEEDED)
    async with house.db.begin() as session:
        assert await claim(session, EvaluationRow, made["id"], now=utc_now())
    await EvaluationLoop(context_of(house)).settle_one(made["id"])
    assert (await row_of(house, made["id"])).ended_as == "succeeded"


async def test_a_loop_that_lost_its_claim_writes_nothing(
    house: House, service: ChatService, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await prepared(house, service)
    await end_workload(house, made["id"], WorkloadState.SUCCEEDED)
    loop = EvaluationLoop(context_of(house))
    settle = loop._settle

    async def late(*arguments: Any) -> None:
        async with house.db.begin() as session:
            later = utc_now() + timedelta(minutes=2)
            assert await claim(session, EvaluationRow, made["id"], now=later)
        await settle(*arguments)

    monkeypatch.setattr(loop, "_settle", late)
    await loop.settle_one(made["id"])
    row = await row_of(house, made["id"])
    assert row.ended_as == "succeeded" and row.results is None


async def test_a_crash_before_settling_is_finished_by_the_next_start(
    house: House, service: ChatService, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await prepared(house, service)
    await end_workload(house, made["id"], WorkloadState.SUCCEEDED)

    async def crash(*_: Any) -> None:
        raise SystemError("the process died here")

    with monkeypatch.context() as patch:
        patch.setattr(EvaluationLoop, "_settle", crash)
        with pytest.raises(SystemError):
            await EvaluationLoop(context_of(house)).settle_one(made["id"])
    context = context_of(house)
    later = EvaluationContext(
        context.db, context.storage, context.keys, lambda: utc_now() + timedelta(minutes=2)
    )
    await EvaluationLoop(later).settle_one(made["id"])
    assert (await row_of(house, made["id"])).state == "Completed"


async def test_an_evaluation_that_is_not_over_is_not_closed(
    house: House, service: ChatService
) -> None:
    made = await prepared(house, service)
    await EvaluationLoop(context_of(house)).settle_one(made["id"])
    row = await row_of(house, made["id"])
    assert row.state == "Queued" and row.claim_token is None


def test_results_are_judged_by_every_model(tmp_path: Any) -> None:
    nothing = collect(tmp_path, ["a", "b"])
    assert not nothing.complete and nothing.progress["percent"] == 0
    state, reason = outcome(WorkloadState.SUCCEEDED, "", nothing)
    assert (state, reason) == (EvaluationState.FAILED, "The evaluation ended without results.")
    assert outcome(WorkloadState.FAILED, "It was killed.", nothing)[1] == "It was killed."
    (tmp_path / "models.json").write_text("{ broken")
    assert not collect(tmp_path, ["a"]).complete
