"""Running evaluations as users of model versions and datasets, which must stay meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.data.queries import project_of
from slipway.data.uses import Use as DatasetUse
from slipway.evaluation import queries
from slipway.evaluation.types import KIND, Evaluation, ModelKind, SetKind
from slipway.models.uses import Use

_LOOKED_BACK = 200


class EvaluationUses:
    """Implements `models.uses.VersionUse`."""

    async def uses(self, session: AsyncSession, version_id: str) -> list[Use]:
        def names_it(evaluation: Evaluation) -> bool:
            refs = [
                ref
                for m in evaluation.spec.models
                for kind, ref in ((m.kind, m.ref), (m.base_kind, m.base_ref))
                if kind == ModelKind.MODEL_VERSION
            ]
            return version_id in refs

        found = await _open(session, names_it)
        return [Use(KIND, e.id, e.spec.name, e.state, active=True) for e in found]


async def uses_of_dataset(session: AsyncSession, dataset_id: str) -> list[DatasetUse]:
    """A `data.uses.UseFinder`."""

    project_id = await project_of(session, dataset_id)
    if project_id is None:
        return []
    rows = await queries.list_newest(session, project_id, limit=_LOOKED_BACK)
    rows += await queries.list_open(session)
    found = {row.id: queries.frozen(row) for row in rows}
    return [
        DatasetUse(KIND, e.id, e.spec.name, version, active=not e.state.is_final)
        for e in found.values()
        for version in _versions(e, dataset_id)
    ]


def _versions(evaluation: Evaluation, dataset_id: str) -> list[int]:
    return [
        s.version
        for s in evaluation.spec.sets
        if s.kind == SetKind.DATASET and s.ref == dataset_id and s.version is not None
    ]


async def _open(session: AsyncSession, wanted: Callable[[Evaluation], bool]) -> list[Evaluation]:
    found = [queries.frozen(row) for row in await queries.list_open(session)]
    return [evaluation for evaluation in found if wanted(evaluation)]
