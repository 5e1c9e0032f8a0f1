"""MLflow's tracking REST API on our store, for clients that speak nothing else.

An experiment is a project, or a named group of runs in one. A run is a training task, or one that
the client creates. Set `MLFLOW_TRACKING_URI` to `<address>/mlflow` and `MLFLOW_TRACKING_TOKEN` to
an API token; inside a training task both are set.
"""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import PlainTextResponse, RedirectResponse

from slipway.base.clock import utc_now
from slipway.base.errors import Invalid, NotFound
from slipway.compat.mlflow import artifacts
from slipway.compat.mlflow.access import Caller, CallerOf
from slipway.compat.mlflow.arguments import Args
from slipway.compat.mlflow.errors import MlflowRoute
from slipway.compat.mlflow.metrics import lines_of
from slipway.compat.mlflow.runs import STATE_OF, TrackedRun, metric_files, of_run, report
from slipway.compat.mlflow.search import MAX_RESULTS, search_runs
from slipway.compat.mlflow.views import experiment_view, info_view, run_view
from slipway.compute.http import Files
from slipway.compute.output.metrics import history
from slipway.iam.http import Db, anyone
from slipway.tracking import runs as use
from slipway.tracking.http import Reports
from slipway.tracking.queries import delete_values
from slipway.tracking.types import Experiment
from slipway.tracking.values import set_values

router = APIRouter(prefix="/mlflow", include_in_schema=False, tags=["MLflow"])
api = APIRouter(prefix="/api/2.0/mlflow", route_class=MlflowRoute, tags=["MLflow"])

Creates = Annotated[CallerOf, Depends(Caller("train:run:create"))]
Updates = Annotated[CallerOf, Depends(Caller("train:run:update"))]
Deletes = Annotated[CallerOf, Depends(Caller("train:run:delete"))]
Gets = Annotated[CallerOf, Depends(Caller("train:run:get"))]
Lists = Annotated[CallerOf, Depends(Caller("train:run:list"))]
Json = dict[str, Any]


# --- experiments ---------------------------------------------------------------------------------


@api.post("/experiments/create")
async def create_experiment(args: Args, db: Db, caller: Creates) -> Json:
    actor = await caller.in_project(None)
    made = await use.create_experiment(db, actor, args.text("name"), now=utc_now())
    return {"experiment_id": made.id}


@api.get("/experiments/get")
async def get_experiment(args: Args, db: Db, caller: Gets) -> Json:
    experiment_id = args.text("experiment_id")
    if experiment_id == "0":  # what a client calls the default one
        actor = await caller.in_project(None)
        experiment_id = actor.project_id
    else:
        actor = await caller.of_experiment(experiment_id)
    found = {e.id: e for e in await use.list_experiments(db, actor.project_id)}
    if experiment_id not in found:
        raise NotFound(f"There is no experiment {experiment_id!r}.")
    return {"experiment": experiment_view(found[experiment_id])}


@api.get("/experiments/get-by-name")
async def get_experiment_by_name(args: Args, db: Db, caller: Gets) -> Json:
    actor = await caller.in_project(None)
    name = args.text("experiment_name")
    for experiment in await use.list_experiments(db, actor.project_id):
        if experiment.name == name:
            return {"experiment": experiment_view(experiment)}
    raise NotFound(f"There is no experiment named {name!r} in this project.")


@api.get("/experiments/search")
@api.post("/experiments/search")
async def search_experiments(args: Args, db: Db, caller: Lists) -> Json:
    actor = await caller.in_project(None)
    if args.get("filter"):
        raise Invalid("Experiments cannot be filtered here; leave the filter out.", field="filter")
    found = [e for e in await use.list_experiments(db, actor.project_id) if _shown(e, args)]
    skip, limit = _page(args)
    more = {"next_page_token": str(skip + limit)} if len(found) > skip + limit else {}
    return {"experiments": [experiment_view(e) for e in found[skip : skip + limit]]} | more


@api.post("/experiments/update")
async def rename_experiment(args: Args, db: Db, caller: Updates) -> Json:
    actor = await caller.of_experiment(args.text("experiment_id"))
    await use.change_experiment(
        db, actor, args.text("experiment_id"), name=args.text("new_name"), now=utc_now()
    )
    return {}


@api.post("/experiments/delete")
async def delete_experiment(args: Args, db: Db, caller: Deletes) -> Json:
    actor = await caller.of_experiment(args.text("experiment_id"))
    await use.change_experiment(db, actor, args.text("experiment_id"), deleted=True, now=utc_now())
    return {}


@api.post("/experiments/restore")
async def restore_experiment(args: Args, db: Db, caller: Deletes) -> Json:
    actor = await caller.of_experiment(args.text("experiment_id"))
    await use.change_experiment(db, actor, args.text("experiment_id"), deleted=False, now=utc_now())
    return {}


# --- runs ----------------------------------------------------------------------------------------


@api.post("/runs/create")
async def create_run(args: Args, db: Db, files: Files, reports: Reports, caller: Creates) -> Json:
    experiment_id = args.text("experiment_id", "0")
    actor = await (
        caller.in_project(None) if experiment_id == "0" else caller.of_experiment(experiment_id)
    )
    now, tags = utc_now(), args.pairs("tags")
    name = args.get("run_name") or tags.get("mlflow.runName") or ""
    run = await use.create_run(
        db, actor, experiment_id=actor.project_id if experiment_id == "0" else experiment_id, name=str(name),
        started_at=args.moment("start_time") or now, now=now,
    )  # fmt: skip
    await set_values(db, run.id, parameters={}, tags=tags | {"mlflow.runName": run.name})
    return {"run": await _view(db, files, reports, of_run(run))}


@api.get("/runs/get")
async def get_run(args: Args, db: Db, files: Files, reports: Reports, caller: Gets) -> Json:
    _, run = await caller.of_run(_run_id(args), alive=False)
    return {"run": await _view(db, files, reports, run)}


@api.post("/runs/update")
async def update_run(args: Args, db: Db, caller: Updates) -> Json:
    """A task's state and name are the platform's to say: for a task nothing changes."""
    actor, run = await caller.of_run(_run_id(args))
    if run.task is not None:
        return {"run_info": info_view(run)}
    status = args.get("status")
    if status is not None and status not in STATE_OF:
        raise Invalid(f"status is one of {', '.join(STATE_OF)}.", field="status")
    changed = await use.change_run(
        db, actor, run.id, state=STATE_OF[status] if status else None, ended_at=args.moment("end_time"),
        name=args.get("run_name") or None, now=utc_now(),
    )  # fmt: skip
    return {"run_info": info_view(of_run(changed))}


@api.post("/runs/delete")
async def delete_run(args: Args, db: Db, caller: Deletes) -> Json:
    actor, run = await caller.of_run(_run_id(args), alive=False)
    _require_free(run)
    await use.delete_run(db, actor, run.id, now=utc_now())
    return {}


@api.post("/runs/restore")
async def restore_run(args: Args, db: Db, caller: Deletes) -> Json:
    actor, run = await caller.of_run(_run_id(args), alive=False)
    _require_free(run)
    await use.delete_run(db, actor, run.id, now=utc_now(), deleted=False)
    return {}


@api.post("/runs/search")
async def search(args: Args, db: Db, files: Files, reports: Reports, caller: Lists) -> Json:
    asked = args.texts("experiment_ids")
    if not asked:
        raise Invalid("Name the experiments to search in.", field="experiment_ids")
    actor = await (caller.in_project(None) if asked[0] == "0" else caller.of_experiment(asked[0]))
    known = {e.id for e in await use.list_experiments(db, actor.project_id)}
    ids = {actor.project_id if one == "0" else one for one in asked}
    if strange := sorted(ids - known):
        raise NotFound(f"There is no experiment {strange[0]!r} beside the first: search one project at a time.")  # fmt: skip
    skip, limit = _page(args)
    async with db.read() as session:
        found, more = await search_runs(
            session, files, reports.journal, project_id=actor.project_id, experiment_ids=ids,
            text=args.text("filter", ""), order=args.texts("order_by"),
            view=args.text("run_view_type", "ACTIVE_ONLY"), limit=limit, skip=skip,
        )  # fmt: skip
    token = {"next_page_token": str(skip + limit)} if more else {}
    return {"runs": [run_view(one) for one in found]} | token


@api.post("/runs/log-metric")
async def log_metric(args: Args, reports: Reports, caller: Updates) -> Json:
    actor, run = await caller.of_run(_run_id(args))
    await reports.journal.append(run.id, lines_of([args]))
    caller.remember(actor, run.id)
    return {}


@api.post("/runs/log-batch")
async def log_batch(args: Args, db: Db, reports: Reports, caller: Updates) -> Json:
    actor, run = await caller.of_run(_run_id(args))
    metrics = args.get("metrics") or []
    if not isinstance(metrics, list) or not all(isinstance(one, dict) for one in metrics):
        raise Invalid("metrics is a list.", field="metrics")
    lines = lines_of(metrics)
    parameters, tags = args.pairs("params"), args.pairs("tags")
    if parameters or tags:
        await set_values(db, run.id, parameters=parameters, tags=tags, fixed=run.task is None)
    if lines:
        await reports.journal.append(run.id, lines)
    caller.remember(actor, run.id)
    return {}


@api.post("/runs/log-parameter")
async def log_parameter(args: Args, db: Db, caller: Updates) -> Json:
    _, run = await caller.of_run(_run_id(args))
    parameters = {args.text("key"): str(args.get("value", ""))}
    await set_values(db, run.id, parameters=parameters, tags={}, fixed=run.task is None)
    return {}


@api.post("/runs/set-tag")
async def set_tag(args: Args, db: Db, caller: Updates) -> Json:
    _, run = await caller.of_run(_run_id(args))
    tags = {args.text("key"): str(args.get("value", ""))}
    await set_values(db, run.id, parameters={}, tags=tags)
    return {}


@api.post("/runs/delete-tag")
async def delete_tag(args: Args, db: Db, caller: Updates) -> Json:
    _, run = await caller.of_run(_run_id(args))
    async with db.begin() as session:
        await delete_values(session, run.id, args.text("key"))
    return {}


@api.get("/metrics/get-history")
async def get_history(args: Args, db: Db, files: Files, reports: Reports, caller: Gets) -> Json:
    _, run = await caller.of_run(_run_id(args), alive=False)
    key, skip = args.text("metric_key"), args.whole("page_token", 0)
    limit = args.whole("max_results", 25_000)
    async with db.read() as session:
        paths = (await metric_files(session, files, reports.journal, [run]))[run.id]
    points = list(islice(history(paths, key), skip, skip + limit + 1))
    items = [
        {"key": key, "value": value, "timestamp": round(time_s * 1000), "step": step}
        for value, time_s, step in points[:limit]
    ]
    token = {"next_page_token": str(skip + limit)} if len(points) > limit else {}
    return {"metrics": items} | token


@api.post("/logged-models/search")
async def search_logged_models(args: Args, caller: Lists) -> Json:
    """Clients ask when they list artifacts. Models are kept in the model repository, so there are none."""
    for experiment_id in args.texts("experiment_ids"):
        await (caller.in_project(None) if experiment_id == "0" else caller.of_experiment(experiment_id))  # fmt: skip
    return {"models": []}


# --- the rest ------------------------------------------------------------------------------------


@router.get("/")
async def page(_: Annotated[None, anyone("leads to the console")]) -> RedirectResponse:
    """Where the client says that the run can be seen."""
    return RedirectResponse("/training")


@router.get("/health")
@router.get("/version")
async def answers(_: Annotated[None, anyone("says only that it is there")]) -> PlainTextResponse:
    return PlainTextResponse("OK")


async def unknown(request: Request, _: Annotated[None, anyone("there is nothing here")]) -> Json:
    raise NotFound(f"{request.url.path} is not one of the MLflow calls that are answered here.")


router.include_router(api)
router.include_router(artifacts.router)
rest = APIRouter(route_class=MlflowRoute)
rest.add_api_route("/{path:path}", unknown, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
router.include_router(rest)


def _run_id(args: Args) -> str:
    return args.text("run_id", args.get("run_uuid") or "") or args.text("run_id")


def _require_free(run: TrackedRun) -> None:
    if run.task is not None:
        raise Invalid("This run is a training task; it is deleted and copied on its own page.", code="is_task")  # fmt: skip


def _page(args: Args) -> tuple[int, int]:
    limit = args.whole("max_results", MAX_RESULTS)
    if not 1 <= limit <= 50_000:
        raise Invalid("max_results is 1 to 50000.", field="max_results")
    return max(0, args.whole("page_token", 0)), min(limit, MAX_RESULTS)


def _shown(experiment: Experiment, args: Args) -> bool:
    view = args.get("view_type") or "ACTIVE_ONLY"
    return view == "ALL" or experiment.deleted == (view == "DELETED_ONLY")


async def _view(db: Db, files: Files, reports: Reports, run: TrackedRun) -> Json:
    async with db.read() as session:
        return run_view((await report(session, files, reports.journal, [run]))[0])
