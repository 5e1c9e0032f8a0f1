"""From what an evaluation names (datasets, versions, services, addresses) to what it runs on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets import buckets
from slipway.assets.keys import Address
from slipway.assets.storage import Storage
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid
from slipway.data.mount import mount_source as dataset_source
from slipway.evaluation.checks import with_names
from slipway.evaluation.types import (
    EvaluatedModel,
    EvaluationSpec,
    ModelKind,
    QuestionSet,
    SetKind,
)
from slipway.models.mounting import mount_source as model_source
from slipway.models.mounting import usable_version
from slipway.serving import queries as serving

_SUFFIXES = (".jsonl", ".json", ".csv")


@dataclass(frozen=True, slots=True)
class Places:
    """`home` is the platform's, below which datasets lie."""

    storage: Storage
    home: Path


async def completed(
    db: Database, places: Places, project_id: str, spec: EvaluationSpec
) -> EvaluationSpec:
    """The spec with every name, dataset version and question file filled in, or a refusal."""
    async with db.read() as session:
        found = [await _set(session, places, project_id, s) for s in spec.sets]
        model_names = [await _model_name(session, project_id, m) for m in spec.models]
        for model in spec.models:
            for directory in await model_directories(session, places, project_id, model):
                if not directory.is_dir():
                    raise Invalid(f"The files of {model.ref} are missing.", field="models")
    sets = [
        replace(s, files=await asyncio.to_thread(_files, place, s)) for s, place, _name in found
    ]
    return with_names(replace(spec, sets=tuple(sets)), model_names, [n for _, _, n in found])


async def set_directory(
    session: AsyncSession, places: Places, project_id: str, question_set: QuestionSet
) -> Path:
    """The directory that the set's files are relative to."""
    place = await _set_place(session, places, project_id, question_set)
    return place.parent if place.is_file() else place


async def model_directories(
    session: AsyncSession, places: Places, project_id: str, model: EvaluatedModel
) -> list[Path]:
    """The model's own directory and that of its base, as far as it has them."""
    wanted = [(model.kind, model.ref), (model.base_kind, model.base_ref)]
    return [
        await _directory(session, places, project_id, kind, ref)
        for kind, ref in wanted
        if kind is not None and kind.is_served_here
    ]


async def _directory(
    session: AsyncSession, places: Places, project_id: str, kind: ModelKind, ref: str
) -> Path:
    if kind == ModelKind.MODEL_VERSION:
        return await model_source(session, places.storage, project_id, ref)
    return await buckets.resolve_directory(session, places.storage, project_id, ref)


async def _set(
    session: AsyncSession, places: Places, project_id: str, question_set: QuestionSet
) -> tuple[QuestionSet, Path, str]:
    """The set with its version fixed, its place, and a name for it."""
    if question_set.kind == SetKind.DATASET:
        place, info = await dataset_source(
            session, places.home, project_id, question_set.ref, question_set.version
        )
        return replace(question_set, version=info.version), place, info.title
    place = await _set_place(session, places, project_id, question_set)
    return question_set, place, _short(question_set.ref)


async def _set_place(
    session: AsyncSession, places: Places, project_id: str, question_set: QuestionSet
) -> Path:
    if question_set.kind == SetKind.STORAGE:
        return await buckets.resolve_any(session, places.storage, project_id, question_set.ref)
    place, _info = await dataset_source(
        session, places.home, project_id, question_set.ref, question_set.version
    )
    return place


def _files(place: Path, question_set: QuestionSet) -> tuple[str, ...]:
    """Every question file, relative to its directory. Blocking."""
    if place.is_file():
        found = [place.name]
    else:
        files = (path for path in place.rglob("*") if path.is_file() and not path.is_symlink())
        found = sorted(path.relative_to(place).as_posix() for path in files)
    questions = [name for name in found if PurePosixPath(name).suffix.lower() in _SUFFIXES]
    if not questions:
        raise Invalid(
            f"The set {question_set.name or question_set.ref} holds no question file "
            f"({', '.join(_SUFFIXES)}).",
            field="sets",
            code="no_questions",
        )
    return tuple(questions)


async def _model_name(session: AsyncSession, project_id: str, model: EvaluatedModel) -> str:
    match model.kind:
        case ModelKind.SERVICE:
            service = serving.frozen_service(
                await serving.get_service(session, project_id, model.ref)
            )
            if not service.llm:
                raise Invalid(
                    f"The service {service.name} serves no language model.", field="models"
                )
            if service.state.is_down:
                raise Conflict(
                    f"The service {service.name} is {service.state}. Start it first.",
                    code="service_down",
                )
            return service.name
        case ModelKind.MODEL_VERSION:
            version = await usable_version(session, project_id, model.ref)
            return f"{version.model_name} {version.name}"
        case ModelKind.STORAGE:
            last = _short(model.ref)
            return f"{model.task_name} {last}" if model.task_name else last
        case ModelKind.THIRD_PARTY:
            return model.model


def _short(address: str) -> str:
    place = Address.parse(address)
    return PurePosixPath(str(place)).name
