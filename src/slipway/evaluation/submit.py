"""Creating an evaluation, and starting one again from where it was."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets import buckets
from slipway.assets.keys import Address
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.errors import Conflict
from slipway.base.ids import new_id
from slipway.compute import submit as compute
from slipway.compute.types import Mode, Mount, Resources, Role, TextFile, WorkloadSpec
from slipway.evaluation import queries
from slipway.evaluation.checks import check_spec
from slipway.evaluation.events import tell
from slipway.evaluation.keys import FILE, KeyFolders
from slipway.evaluation.sources import Places, completed, model_directories, set_directory
from slipway.evaluation.tables import EvaluatedCheckpointRow, EvaluationRow
from slipway.evaluation.third_party import check_answers
from slipway.evaluation.types import (
    KIND,
    EvaluatedModel,
    Evaluation,
    EvaluationSpec,
    EvaluationState,
    ModelKind,
)
from slipway.iam.types import Actor
from slipway.serving.internal_keys import lend_key

_PORT = "main"
_COMMAND = (
    "exec python -m slipway.runtime.evaluate.serve_and_run "
    f'--config "$ML_EVALUATION_CONFIG" --keys "$ML_KEYS_DIR/{FILE}" --out "$ML_OUTPUT_DIR" '
    f"--port {{port:{_PORT}}}"
)
_SERVED_NAME = "model"  # what a model that is served here is called in requests


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What use cases need besides the database."""

    places: Places
    keys: KeyFolders
    sealer: Sealer
    gateway_url: str


def why_not_restart(evaluation: Evaluation) -> str | None:
    if evaluation.state in (EvaluationState.STOPPED, EvaluationState.FAILED):
        return None
    return (
        f"Only a stopped or failed evaluation can be started again; this one is {evaluation.state}."
    )


async def create_evaluation(
    db: Database,
    around: Surroundings,
    actor: Actor,
    spec: EvaluationSpec,
    *,
    keys: dict[int, str],
    now: datetime,
) -> Evaluation:
    """`keys`: index of the model -> key to call it with (third parties; services if wished)."""
    check_spec(spec)
    spec = await completed(db, around.places, actor.project_id, spec)
    for index, model in enumerate(spec.models):
        if model.kind == ModelKind.THIRD_PARTY:
            await check_answers(model.name, model.base_url, model.model, keys.get(index))
    evaluation_id = new_id("eval")
    sealed = {str(index): around.sealer.seal(key) for index, key in keys.items()}
    try:
        async with db.begin() as session:
            bucket = await buckets.ensure_default_bucket(session, actor.project_id)
            row = EvaluationRow(
                id=evaluation_id, project_id=actor.project_id, name=spec.name,
                description=spec.description, tags=spec.tags, spec=spec.as_json(),
                sealed_keys=sealed, lent_keys=[], state=EvaluationState.QUEUED, workload_id="",
                output=f"{bucket}/evaluations/{evaluation_id}/", created_by=actor.user_id,
                creator_name=actor.user_name, created_at=now, updated_at=now, queued_at=now,
            )  # fmt: skip
            session.add(row)
            await session.flush()
            for task_id in {model.task_id for model in spec.models if model.task_id}:
                session.add(EvaluatedCheckpointRow(evaluation_id=evaluation_id, task_id=task_id))
            await _enqueue(session, around, actor, row, spec, now)
            return queries.frozen(row)
    except IntegrityError as error:
        around.keys.remove(evaluation_id)
        raise Conflict(
            f"There is already an evaluation named {spec.name} in this project. "
            "Choose another name.",
            code="name_taken",
            field="name",
        ) from error
    except BaseException:
        around.keys.remove(evaluation_id)
        raise


async def restart_evaluation(
    db: Database, around: Surroundings, actor: Actor, evaluation_id: str, *, now: datetime
) -> Evaluation:
    """Run a stopped or failed evaluation again; answers it has already are kept."""
    async with db.begin() as session:
        row = await queries.get_evaluation(session, actor.project_id, evaluation_id, lock=True)
        evaluation = queries.frozen(row)
        if reason := why_not_restart(evaluation):
            raise Conflict(reason, code="wrong_state")
        row.results = row.progress = row.started_at = row.ended_at = None
        row.queued_at = row.updated_at = now
        await _enqueue(session, around, actor, row, evaluation.spec, now)
        return queries.frozen(row)


async def _enqueue(
    session: AsyncSession,
    around: Surroundings,
    actor: Actor,
    row: EvaluationRow,
    spec: EvaluationSpec,
    now: datetime,
) -> None:
    secrets = {index: around.sealer.unseal(key) for index, key in row.sealed_keys.items()}
    models = []
    for index, model in enumerate(spec.models):
        asked = _asked(index, model)
        if model.kind == ModelKind.SERVICE:
            lent = await lend_key(
                session, around.sealer, actor, model.ref, borrower=row.id, now=now
            )
            row.lent_keys = [*row.lent_keys, lent.key_id]
            secrets.setdefault(str(index), lent.secret)
            asked |= {
                "base_url": around.gateway_url.rstrip("/") + lent.path,
                "model": model.model or lent.model,
            }
        models.append(asked)
    workload = await compute.submit(
        session, project_id=row.project_id, kind=KIND, owner_id=row.id, name=row.name,
        spec=await _workload_spec(session, around, row, spec, models), created_by=actor.user_id,
        now=now, group_id=spec.resource_group,
    )  # fmt: skip
    # Tiny and local; it must be there before the commit lets the workload start.
    around.keys.put(row.id, secrets)
    row.workload_id, row.state, row.reason = workload.id, EvaluationState.QUEUED, ""
    row.ended_as = None
    await session.flush()
    await tell(session, row, actor_id=actor.user_id, now=now)


def _asked(index: int, model: EvaluatedModel) -> dict[str, Any]:
    """The model's part of the runtime's configuration."""
    asked: dict[str, Any] = {
        "name": model.name, "model": model.model, "base_url": model.base_url,
        "params": model.params, "concurrency": model.concurrency, "retries": model.retries,
        "timeout_s": model.timeout_s,
    }  # fmt: skip
    if model.kind.is_served_here:
        del asked["base_url"]
        asked["model"] = _SERVED_NAME
        asked["serve"] = {
            "model_env": f"ML_MODEL_{index}",
            "base_env": f"ML_BASE_{index}" if model.base_kind else None,
            "max_model_len": model.max_model_len,
        }
    return asked


async def _workload_spec(
    session: AsyncSession,
    around: Surroundings,
    row: EvaluationRow,
    spec: EvaluationSpec,
    models: list[dict[str, Any]],
) -> WorkloadSpec:
    config = {
        "models": models,
        "sets": [
            {
                "name": s.name, "dir_env": f"ML_SET_{number}", "files": list(s.files),
                "format": s.format, "system": s.system, "template": s.template, "limit": s.limit,
            }
            for number, s in enumerate(spec.sets)
        ],
        "metrics": list(spec.metrics), "tokenizer": spec.tokenizer, "seed": spec.seed,
    }  # fmt: skip
    text = json.dumps(config, ensure_ascii=False, indent=1)
    resources = Resources(spec.cpu_cores, spec.memory_bytes, spec.gpus, spec.gpu_model)
    return WorkloadSpec(
        mode=Mode.SINGLE,
        roles=(Role("evaluator", 1, _COMMAND, resources=resources, ports=(_PORT,)),),
        environment="llm", mounts=await _mounts(session, around, row, spec),
        files=(TextFile("/opt/ml/input/config/evaluation.json", text, "ML_EVALUATION_CONFIG"),),
        workdir="/opt/ml/output", grace_s=15.0,
    )  # fmt: skip


async def _mounts(
    session: AsyncSession, around: Surroundings, row: EvaluationRow, spec: EvaluationSpec
) -> tuple[Mount, ...]:
    output = Address.parse(row.output)
    folder = around.places.storage.path_of(output.bucket, output.key)
    mounts = [
        Mount(str(folder), "/opt/ml/output", env="ML_OUTPUT_DIR", purpose="output", create=True),
        Mount(
            str(around.keys.folder(row.id)), "/opt/ml/input/keys", True, "ML_KEYS_DIR", "other",
            create=True,
        ),
    ]  # fmt: skip
    for number, question_set in enumerate(spec.sets):
        place = await set_directory(session, around.places, row.project_id, question_set)
        target = f"/opt/ml/input/sets/{number}"
        mounts.append(Mount(str(place), target, True, f"ML_SET_{number}", "training_data"))
    for number, model in enumerate(spec.models):
        found = await model_directories(session, around.places, row.project_id, model)
        for name, place in zip(("model", "base"), found, strict=False):
            target, variable = f"/opt/ml/input/{name}/{number}", f"ML_{name.upper()}_{number}"
            mounts.append(Mount(str(place), target, True, variable, "own_model"))
    return tuple(mounts)
