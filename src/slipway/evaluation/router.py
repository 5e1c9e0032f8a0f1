"""HTTP of evaluations."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from slipway.assets.http import Store
from slipway.assets.keys import Address
from slipway.assets.storage import Storage
from slipway.base.clock import utc_now
from slipway.base.errors import NotFound
from slipway.base.events import bus
from slipway.compute.http import (
    Files,
    InstanceList,
    InstanceView,
    LogArgs,
    LogPageView,
    live_log,
    log_page,
)
from slipway.compute.output.files import InstanceFiles, instances_of_owner
from slipway.compute.submit import unsaid_amounts
from slipway.compute.types import Instance
from slipway.evaluation import change, queries, submit
from slipway.evaluation.collect import collect, read_progress
from slipway.evaluation.compare import compare
from slipway.evaluation.export import results_csv, samples_csv, samples_jsonl
from slipway.evaluation.keys import KeyFolders
from slipway.evaluation.logs import InferenceFiles, LogKind
from slipway.evaluation.samples import SampleQuery, all_samples, read_samples
from slipway.evaluation.sources import Places
from slipway.evaluation.submit import Surroundings
from slipway.evaluation.types import Evaluation
from slipway.evaluation.views import (
    CompareForm,
    ComparisonView,
    EvaluationDetail,
    EvaluationForm,
    EvaluationPage,
    EvaluationPatch,
    EvaluationView,
    ModelResultView,
    ProgressView,
    ResultsView,
    SamplePageView,
    SampleView,
    summary,
)
from slipway.iam.http import Config, Db, PageArgs, Seal, allow
from slipway.iam.types import Actor

router = APIRouter(prefix="/evaluations", tags=["Evaluation"])

Lister = Annotated[Actor, allow("eval:task:list")]
Reader = Annotated[Actor, allow("eval:task:get")]
Names = Annotated[list[str] | None, Query()]


def get_surroundings(
    request: Request, config: Config, storage: Store, sealer: Seal
) -> Surroundings:
    return Surroundings(
        Places(storage, config.root), KeyFolders(config.root), sealer,
        request.app.state.gateway_url,
    )  # fmt: skip


Around = Annotated[Surroundings, Depends(get_surroundings)]


def sample_query(
    model: Names = None,
    set_: Annotated[list[str] | None, Query(alias="set")] = None,
    wrong: Annotated[
        bool, Query(description="Only failed ones and those with accuracy 0.")
    ] = False,
    search: Annotated[
        str | None, Query(max_length=400, description="All words must match.")
    ] = None,
    index: Annotated[int | None, Query(description="One question, over all models.")] = None,
) -> SampleQuery:
    return SampleQuery(
        frozenset(model or ()), frozenset(set_ or ()), wrong, tuple((search or "").split()), index
    )


Samples = Annotated[SampleQuery, Depends(sample_query)]


@router.post("", status_code=201)
async def create_evaluation(
    form: EvaluationForm, db: Db, around: Around, storage: Store,
    actor: Annotated[Actor, allow("eval:task:create")],
) -> EvaluationView:  # fmt: skip
    async with db.read() as session:
        unsaid = await unsaid_amounts(session, form.resource_group, form.model_fields_set)
    spec = form.model_copy(update=unsaid).spec()
    made = await submit.create_evaluation(db, around, actor, spec, keys=form.keys(), now=utc_now())
    return await _view(storage, made)


@router.get("")
async def list_evaluations(
    db: Db, storage: Store, page: PageArgs, actor: Lister,
    task_id: Annotated[
        str | None, Query(description="Only those about checkpoints of this training task.")
    ] = None,
) -> EvaluationPage:  # fmt: skip
    async with db.read() as session:
        found = await queries.page_evaluations(
            session, actor.project_id, actor.user_id, page, task_id=task_id
        )
        evaluations = [queries.frozen(row) for row in found.items]
    items = [await _view(storage, evaluation) for evaluation in evaluations]
    return EvaluationPage(items=items, next_cursor=found.next_cursor, total=found.total)


@router.post("/compare")
async def compare_evaluations(form: CompareForm, db: Db, actor: Reader) -> ComparisonView:
    """Models x sets with every figure, and the same as radar lines."""
    async with db.read() as session:
        rows = await queries.list_evaluations(session, actor.project_id, form.ids)
    found = {row.id: queries.frozen(row) for row in rows}
    for evaluation_id in form.ids:
        if evaluation_id not in found:
            raise NotFound(f"There is no evaluation {evaluation_id} in this project.")
    chosen = [found[evaluation_id] for evaluation_id in dict.fromkeys(form.ids)]
    made = compare(chosen, sets=form.sets, models=form.models, metric=form.metric)
    return ComparisonView.of(made)


@router.get("/{evaluation_id}")
async def get_evaluation(
    evaluation_id: str, db: Db, storage: Store, actor: Reader
) -> EvaluationDetail:
    evaluation = await _load(db, actor, evaluation_id)
    progress = await _progress(storage, evaluation)
    return EvaluationDetail(
        **summary(evaluation, progress), spec=evaluation.spec.as_json(),
        progress=ProgressView(**progress),
    )  # fmt: skip


@router.get("/{evaluation_id}/wait")
async def wait_for_evaluation(
    evaluation_id: str, db: Db, storage: Store, actor: Reader,
    timeout_s: Annotated[float, Query(ge=0, le=120)] = 60,
) -> EvaluationView:  # fmt: skip
    """Answers when the evaluation has ended, or after `timeout_s` with the state it is in."""
    changed = asyncio.Event()
    stop = bus.listen(lambda e: changed.set() if e.subject_id == evaluation_id else None)
    try:
        deadline = asyncio.get_running_loop().time() + timeout_s
        while True:
            changed.clear()
            evaluation = await _load(db, actor, evaluation_id)
            left = deadline - asyncio.get_running_loop().time()
            if evaluation.state.is_final or left <= 0:
                return await _view(storage, evaluation)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await changed.wait()
    finally:
        stop()


@router.patch("/{evaluation_id}")
async def edit_evaluation(
    evaluation_id: str, form: EvaluationPatch, db: Db, storage: Store,
    actor: Annotated[Actor, allow("eval:task:update")],
) -> EvaluationView:  # fmt: skip
    edited = await change.edit_evaluation(
        db, actor, evaluation_id, tags=form.tags, description=form.description, now=utc_now()
    )
    return await _view(storage, edited)


@router.post("/{evaluation_id}/stop")
async def stop_evaluation(
    evaluation_id: str, db: Db, storage: Store, actor: Annotated[Actor, allow("eval:task:stop")]
) -> EvaluationView:
    return await _view(
        storage, await change.stop_evaluation(db, actor, evaluation_id, now=utc_now())
    )


@router.post("/{evaluation_id}/restart")
async def restart_evaluation(
    evaluation_id: str, db: Db, around: Around, storage: Store,
    actor: Annotated[Actor, allow("eval:task:start")],
) -> EvaluationView:  # fmt: skip
    """Run a stopped or failed evaluation again; answers that are there are kept."""
    again = await submit.restart_evaluation(db, around, actor, evaluation_id, now=utc_now())
    return await _view(storage, again)


@router.delete("/{evaluation_id}", status_code=204)
async def delete_evaluation(
    evaluation_id: str, db: Db, storage: Store, actor: Annotated[Actor, allow("eval:task:delete")]
) -> None:
    await change.delete_evaluation(db, storage, actor, evaluation_id, now=utc_now())


@router.get("/{evaluation_id}/results")
async def get_evaluation_results(
    evaluation_id: str, db: Db, storage: Store, actor: Reader
) -> ResultsView:
    """Per model its state and figures; of models that are done also while others run."""
    evaluation = await _load(db, actor, evaluation_id)
    results = await _results(storage, evaluation)
    return ResultsView(
        evaluation_id=evaluation.id, state=evaluation.state,
        models=[ModelResultView(**part) for part in results["models"]],
    )  # fmt: skip


@router.get("/{evaluation_id}/samples")
async def list_evaluation_samples(
    evaluation_id: str, db: Db, storage: Store, query: Samples, actor: Reader,
    limit: Annotated[int, Query(ge=1, le=200)] = 20, cursor: str | None = None,
) -> SamplePageView:  # fmt: skip
    """Answers one by one, by set, question and model."""
    evaluation = await _load(db, actor, evaluation_id)
    page = await storage.run(
        read_samples, _folder(storage, evaluation), _models(evaluation), _sets(evaluation), query,
        limit=limit, cursor=cursor,
    )  # fmt: skip
    items = [SampleView(**item) for item in page.items]
    return SamplePageView(items=items, next_cursor=page.next_cursor, total=page.total)


@router.get("/{evaluation_id}/download", response_class=Response)
async def download_evaluation(
    evaluation_id: str, db: Db, storage: Store, query: Samples, actor: Reader,
    what: Literal["results", "samples"] = "results", format: Literal["csv", "json"] = "csv",  # noqa: A002
) -> Response:  # fmt: skip
    """Results, or answers (filtered like their list), with every decimal. Answers as JSON are one
    object a line."""
    evaluation = await _load(db, actor, evaluation_id)
    name = f"{evaluation.spec.name}-{what}"
    if what == "samples":
        folder, models, sets = _folder(storage, evaluation), _models(evaluation), _sets(evaluation)
        samples = all_samples(folder, models, sets, query)
        if format == "csv":
            return _file(storage, samples_csv(samples, evaluation.spec.metrics), f"{name}.csv")
        return _file(storage, samples_jsonl(samples), f"{name}.jsonl")
    results = await _results(storage, evaluation)
    if format == "csv":
        return _file(storage, results_csv(results), f"{name}.csv")
    content = {"evaluation": evaluation.id, "name": evaluation.spec.name, **results}
    return JSONResponse(content, headers=_attachment(f"{name}.json"))


@router.get("/{evaluation_id}/instances")
async def list_evaluation_instances(evaluation_id: str, db: Db, actor: Reader) -> InstanceList:
    await _load(db, actor, evaluation_id)
    return InstanceList(items=[InstanceView.of(i) for i in await _instances(db, evaluation_id)])


@router.get("/{evaluation_id}/logs")
async def read_evaluation_logs(
    evaluation_id: str, db: Db, files: Files, storage: Store, query: LogArgs, actor: Reader,
    log: LogKind = LogKind.CALL,
) -> LogPageView:  # fmt: skip
    evaluation = await _load(db, actor, evaluation_id)
    source = _log_files(storage, files, evaluation, log)
    return await log_page(source, await _instances(db, evaluation_id), query)


@router.get("/{evaluation_id}/logs/stream", response_class=StreamingResponse)
async def stream_evaluation_logs(
    evaluation_id: str, request: Request, db: Db, files: Files, storage: Store, actor: Reader,
    log: LogKind = LogKind.CALL,
) -> StreamingResponse:  # fmt: skip
    """SSE of log lines as they are written; ends when the evaluation has."""
    evaluation = await _load(db, actor, evaluation_id)

    async def instances() -> list[Instance]:
        return await _instances(db, evaluation_id)

    async def finished() -> bool:
        return (await _load(db, actor, evaluation_id)).state.is_final

    source = _log_files(storage, files, evaluation, log)
    lines = live_log(source, instances, finished, request, subject=evaluation_id)
    return StreamingResponse(lines, media_type="text/event-stream")


async def _load(db: Db, actor: Actor, evaluation_id: str) -> Evaluation:
    async with db.read() as session:
        return queries.frozen(
            await queries.get_evaluation(session, actor.project_id, evaluation_id)
        )


async def _instances(db: Db, evaluation_id: str) -> list[Instance]:
    async with db.read() as session:
        return await instances_of_owner(session, evaluation_id)


async def _view(storage: Storage, evaluation: Evaluation) -> EvaluationView:
    return EvaluationView.of(evaluation, await _progress(storage, evaluation))


async def _progress(storage: Storage, evaluation: Evaluation) -> dict[str, Any]:
    if evaluation.progress is not None:
        return evaluation.progress
    return await storage.run(read_progress, _folder(storage, evaluation), _models(evaluation))


async def _results(storage: Storage, evaluation: Evaluation) -> dict[str, Any]:
    if evaluation.results is not None:
        return evaluation.results
    found = await storage.run(collect, _folder(storage, evaluation), _models(evaluation))
    return found.results


def _folder(storage: Storage, evaluation: Evaluation) -> Path:
    place = Address.parse(evaluation.output)
    return storage.path_of(place.bucket, place.key)


def _models(evaluation: Evaluation) -> list[str]:
    return [model.name for model in evaluation.spec.models]


def _sets(evaluation: Evaluation) -> list[str]:
    return [question_set.name for question_set in evaluation.spec.sets]


def _log_files(
    storage: Storage, files: InstanceFiles, evaluation: Evaluation, log: LogKind
) -> InstanceFiles:
    if log == LogKind.CALL:
        return files
    return InferenceFiles(evaluation.id, _folder(storage, evaluation))


def _file(storage: Storage, lines: Iterator[str], name: str) -> StreamingResponse:
    media_type = "text/csv; charset=utf-8" if name.endswith(".csv") else "application/x-ndjson"
    return StreamingResponse(
        _blocks(storage, lines), media_type=media_type, headers=_attachment(name)
    )


async def _blocks(storage: Storage, lines: Iterator[str]) -> AsyncIterator[bytes]:
    """Lines are made in storage's threads, some at a time."""

    def some() -> bytes:
        return "".join(itertools.islice(lines, 200)).encode()

    while block := await storage.run(some):
        yield block


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
