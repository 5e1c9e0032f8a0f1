"""Bringing a model in: a new model, or the next version of one (MOD-13 to MOD-25).

The row is written here in state Importing; the loop copies the files (`loop.py`).
"""

from __future__ import annotations

import json
import math
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets import buckets
from slipway.assets.keys import Address
from slipway.assets.storage import Storage
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid
from slipway.base.ids import new_id
from slipway.base.names import checked_description, checked_name, checked_tags
from slipway.iam.types import Actor
from slipway.models import queries
from slipway.models.events import tell
from slipway.models.formats import get_format
from slipway.models.tables import ModelRow, ModelVersionRow
from slipway.models.types import ImportState, ModelVersion, SourceKind, TaskSource

__all__ = ["TaskSource", "import_version", "retry_import"]

_MAX_METRICS_CHARS = 20_000


async def import_version(
    db: Database,
    storage: Storage,
    actor: Actor,
    *,
    model_id: str | None,
    name: str | None,
    source: Address | str,
    fmt: str,
    framework: str | None,
    environment: str | None,
    metrics: dict[str, float] | str | None,
    tags: dict[str, str],
    move: bool,
    task: TaskSource | None,
    now: datetime,
    description: str = "",
    save_root: str | None = None,
    optimised: bool = False,
) -> ModelVersion:
    """A new model `name`, or the next version of `model_id`, from the folder `source`.

    `tags` are a new model's, or are added to an existing one's. `move` removes the source files
    once their copies are verified. `save_root` is a storage address; left out, `models/` in the
    project's bucket.
    """
    if (model_id is None) == (name is None):
        raise Invalid(
            "Give either the name of a new model or the id of an existing one.", field="name"
        )
    address = Address.parse(source) if isinstance(source, str) else source
    figures, text = _split_metrics(metrics)
    version_id = new_id("mv")
    try:
        async with db.begin() as session:
            await buckets.resolve_directory(session, storage, actor, str(address))
            model = await _model(
                session, actor, model_id=model_id, name=name, tags=checked_tags(tags),
                description=checked_description(description), optimised=optimised, now=now,
            )  # fmt: skip
            root = await _save_root(session, actor.project_id, save_root)
            save_path = f"{root}{model.id}/{version_id}/"
            _check_apart(address, Address.parse(save_path))
            if move and await queries.holds_versions(session, actor.project_id, str(address)):
                raise Invalid(
                    "The folder belongs to a version in the repository, which never changes. "
                    "Copy instead of moving.",
                    field="move",
                )
            row = ModelVersionRow(
                id=version_id, project_id=actor.project_id, model_id=model.id,
                model_name=model.name, number=await queries.next_number(session, model.id, now),
                state=ImportState.IMPORTING, warnings=[], source_kind=_kind(task, optimised),
                source_address=f"{str(address).rstrip('/')}/", task_id=task.id if task else None,
                task_name=task.name if task else None, move=move, format=get_format(fmt).name,
                framework=framework or "", environment=environment or "", metrics=figures,
                metrics_text=text, save_path=save_path, created_by=actor.user_id,
                creator_name=actor.user_name, created_at=now,
            )  # fmt: skip
            session.add(row)
            await session.flush()
            await tell(session, row, "versionImporting", actor_id=actor.user_id, now=now)
            return queries.frozen_version(row)
    except IntegrityError as error:
        raise Conflict(
            f"There is already a model named {name} in this project. Choose another name, "
            "or import a new version of it.",
            code="name_taken",
            field="name",
        ) from error


async def retry_import(
    db: Database, actor: Actor, version_id: str, *, now: datetime
) -> ModelVersion:
    """Try a failed import again from the same source."""
    async with db.begin() as session:
        row = await queries.get_version(session, actor.project_id, version_id, lock=True)
        if row.state != ImportState.FAILED:
            raise Conflict(
                f"The import is {row.state}; only a failed one can be tried again.",
                code="wrong_state",
            )
        row.state, row.reason, row.warnings = ImportState.IMPORTING, "", []
        await session.flush()
        await tell(session, row, "versionImporting", actor_id=actor.user_id, now=now)
        return queries.frozen_version(row)


async def _model(
    session: AsyncSession,
    actor: Actor,
    *,
    model_id: str | None,
    name: str | None,
    description: str,
    tags: dict[str, str],
    optimised: bool,
    now: datetime,
) -> ModelRow:
    if model_id is not None:
        row = await queries.get_model(session, actor.project_id, model_id, lock=True)
        if tags:
            row.tags = checked_tags({**row.tags, **tags})
            await session.flush()
        return row
    row = ModelRow(
        id=new_id("m"), project_id=actor.project_id, name=checked_name(name or ""), tags=tags,
        description=description, optimised=optimised, last_number=0, created_by=actor.user_id,
        creator_name=actor.user_name, created_at=now, updated_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row


async def _save_root(session: AsyncSession, project_id: str, chosen: str | None) -> str:
    if chosen is None:
        return f"{await buckets.ensure_default_bucket(session, project_id)}/models/"
    root = Address.parse(chosen)
    await buckets.require_bucket(session, project_id, root.bucket)
    return f"{str(root).rstrip('/')}/"


def _check_apart(source: Address, target: Address) -> None:
    """A version below its own source would be copied into itself."""
    below = source.key.rstrip("/") + "/" if source.key else ""
    if source.bucket == target.bucket and target.key.startswith(below):
        raise Invalid(
            f"The folder {source} holds the repository itself. Choose the model's own folder.",
            field="source",
        )


def _kind(task: TaskSource | None, optimised: bool) -> SourceKind:
    if optimised:
        return SourceKind.OPTIMISED
    return SourceKind.TASK if task else SourceKind.STORAGE


def _split_metrics(metrics: dict[str, float] | str | None) -> tuple[dict[str, float], str]:
    """Figures, and free text (MOD-21). Text that is a JSON object of numbers counts as figures."""
    if metrics is None:
        return {}, ""
    if isinstance(metrics, str):
        if len(metrics) > _MAX_METRICS_CHARS:
            raise Invalid(
                f"The metrics have at most {_MAX_METRICS_CHARS} characters.", field="metrics"
            )
        return _parsed(metrics), metrics.strip()
    for name, value in metrics.items():
        if isinstance(value, bool) or not math.isfinite(value):
            raise Invalid(f"The metric {name!r} must be a finite number.", field="metrics")
    return {name: float(value) for name, value in metrics.items()}, ""


def _parsed(text: str) -> dict[str, float]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    numbers = {
        name: float(value)
        for name, value in found.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    }
    return numbers if len(numbers) == len(found) else {}
