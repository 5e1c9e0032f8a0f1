"""HTTP of searching a version and of what is worked out of it."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query

from slipway.assets.http import Store
from slipway.base.clock import utc_now
from slipway.base.errors import Conflict, NotFound
from slipway.base.paging import MAX_LIMIT
from slipway.data import queries
from slipway.data.analyses import index_place, read_result, start_analysis
from slipway.data.preview import open_content, open_version, read_numbers
from slipway.data.search.facets import facet_of
from slipway.data.search.index import Index, open_index
from slipway.data.shelf import Shelf
from slipway.data.types import AnalysisKind, AnalysisState
from slipway.data.views import SamplePage, sample_view
from slipway.data.views_search import (
    AnalysisForm,
    AnalysisList,
    AnalysisView,
    DataQualityView,
    FacetView,
    SearchFieldList,
    SearchFieldView,
    TextStatisticsView,
)
from slipway.iam.http import Config, Db, allow
from slipway.iam.types import Actor

router = APIRouter(prefix="/{dataset_id}/versions/{number}")
Reader = Annotated[Actor, allow("data:dataset:get")]
Asked = Annotated[str, Query(max_length=4000, description="Such as: lang = zh and len(text) > 200")]


@router.get("/search")
async def search_samples(
    dataset_id: str,
    number: int,
    db: Db,
    config: Config,
    actor: Reader,
    q: Asked = "",
    order: Annotated[
        str, Query(max_length=400, description="A field or len(field), with - for descending.")
    ] = "",
    offset: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 10,
) -> SamplePage:
    """Samples that match, in order. The version must have been indexed (analysis `index`)."""
    shelf = Shelf(config.root)
    dataset, manifest = await open_content(db, shelf, actor, dataset_id, number)
    place = index_place(shelf, dataset_id, number)

    def found() -> SamplePage:
        numbers = open_index(place).numbers(q, order)
        page = read_numbers(manifest, numbers[offset : offset + limit].tolist())
        return SamplePage(
            items=[sample_view(sample, dataset, number) for sample in page],
            offset=offset, total=len(numbers),
        )  # fmt: skip

    return await asyncio.to_thread(found)


@router.get("/search/fields")
async def list_search_fields(
    dataset_id: str, number: int, db: Db, config: Config, actor: Reader
) -> SearchFieldList:
    index = await _index(db, config, actor, dataset_id, number)
    return SearchFieldList(
        items=[SearchFieldView(name=f.name, type=f.type) for f in index.fields.values()]
    )


@router.get("/search/facet")
async def get_facet(
    dataset_id: str,
    number: int,
    db: Db,
    config: Config,
    actor: Reader,
    field: Annotated[str, Query(max_length=400)],
    q: Asked = "",
) -> FacetView:
    """How the values of a field are spread over the samples that match."""
    index = await _index(db, config, actor, dataset_id, number)
    return FacetView.of(await asyncio.to_thread(facet_of, index, field, q))


@router.get("/analyses")
async def list_analyses(
    dataset_id: str, number: int, db: Db, config: Config, actor: Reader
) -> AnalysisList:
    await open_version(db, Shelf(config.root), actor, dataset_id, number)
    async with db.read() as session:
        rows = await queries.list_analyses(session, dataset_id, number)
    return AnalysisList(items=[AnalysisView.of(queries.frozen_analysis(row)) for row in rows])


@router.post("/analyses/{kind}", status_code=202)
async def analyse(
    dataset_id: str,
    number: int,
    kind: AnalysisKind,
    form: AnalysisForm,
    db: Db,
    store: Store,
    actor: Annotated[Actor, allow("data:dataset:get")],
) -> AnalysisView:
    """Start it, again where it has ended. One that runs already goes on."""
    made = await start_analysis(
        db, store, actor, dataset_id, number, kind, tokenizer=form.tokenizer,
        against=form.against, now=utc_now(),
    )  # fmt: skip
    return AnalysisView.of(made)


@router.get("/text")
async def get_text_statistics(
    dataset_id: str, number: int, db: Db, config: Config, actor: Reader
) -> TextStatisticsView:
    """Lengths and words; the analysis `text` must be done."""
    value = await _result(db, config, actor, dataset_id, number, AnalysisKind.TEXT)
    return TextStatisticsView.model_validate(value)


@router.get("/quality")
async def get_quality(
    dataset_id: str, number: int, db: Db, config: Config, actor: Reader
) -> DataQualityView:
    """What is likely wrong; the analysis `quality` must be done."""
    value = await _result(db, config, actor, dataset_id, number, AnalysisKind.QUALITY)
    return DataQualityView.model_validate(value)


async def _index(db: Db, config: Config, actor: Actor, dataset_id: str, number: int) -> Index:
    shelf = Shelf(config.root)
    await open_content(db, shelf, actor, dataset_id, number)
    return await asyncio.to_thread(open_index, index_place(shelf, dataset_id, number))


async def _result(
    db: Db, config: Config, actor: Actor, dataset_id: str, number: int, kind: AnalysisKind
) -> dict[str, Any]:
    shelf = Shelf(config.root)
    await open_content(db, shelf, actor, dataset_id, number)
    async with db.read() as session:
        row = await queries.find_analysis(session, dataset_id, number, kind)
    if row is None:
        raise NotFound(f"The analysis {kind} of v{number} was never started.", code="no_analysis")
    if row.state != AnalysisState.DONE:
        raise Conflict(f"The analysis {kind} is {row.state}.", code="not_done")
    return await asyncio.to_thread(read_result, shelf, queries.frozen_analysis(row))
