"""What the API says about searches, analyses and views of a version."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from slipway.base.forms import Form
from slipway.data.progress import board
from slipway.data.saved_views import split
from slipway.data.search.facets import Facet
from slipway.data.search.language import FieldType
from slipway.data.types import (
    Analysis,
    AnalysisKind,
    AnalysisState,
    View,
    ViewDefinition,
    ViewState,
)
from slipway.data.views import NumbersView


class SearchFieldView(BaseModel):
    name: str
    type: FieldType


class SearchFieldList(BaseModel):
    items: list[SearchFieldView]


class FacetView(BaseModel):
    field: str
    type: FieldType
    of_length: bool = Field(description="The numbers are lengths of texts.")
    values: list[tuple[str, int]] = Field(
        description="The most frequent values, with their counts."
    )
    distinct_count: int = Field(description="About.")
    empty_count: int
    bins: list[tuple[float, float, int]] = Field(description="From, to, how many.")

    @classmethod
    def of(cls, facet: Facet) -> FacetView:
        return cls(
            field=facet.field, type=facet.type, of_length=facet.of_length,
            values=list(facet.values), distinct_count=facet.distinct_count,
            empty_count=facet.empty_count, bins=list(facet.bins),
        )  # fmt: skip


class AnalysisForm(Form):
    tokenizer: str | None = Field(
        None, description="text: bucket/path of a tokenizer.json. Left out: tokens are estimated."
    )
    against: list[str] | None = Field(
        None,
        description="quality: datasets that must not overlap. Left out: those that evaluations "
        "have used.",
    )


class AnalysisView(BaseModel):
    kind: AnalysisKind
    version: int
    state: AnalysisState
    progress_percent: int | None
    reason: str | None
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, analysis: Analysis) -> AnalysisView:
        running = analysis.state == AnalysisState.RUNNING
        return cls(
            kind=analysis.kind, version=analysis.version, state=analysis.state,
            progress_percent=board.percent(analysis.id) if running else None,
            reason=analysis.reason, created_at=analysis.created_at,
            finished_at=analysis.finished_at,
        )  # fmt: skip


class AnalysisList(BaseModel):
    items: list[AnalysisView]


class TextFieldView(BaseModel):
    name: str
    count: int
    chars: NumbersView | None
    tokens: NumbersView | None
    words: list[tuple[str, int]] = Field(description="The hundred commonest, stop words left out.")
    all_words: list[tuple[str, int]] = Field(description="With stop words.")


class TextStatisticsView(BaseModel):
    tokenizer: str = Field(description='"estimate", or the folder of the tokenizer that counted.')
    fields: list[TextFieldView]


class CopiesView(BaseModel):
    count: int = Field(description="Samples that repeat an earlier one.")
    group_count: int
    groups: list[list[int]] = Field(description="The largest groups, by the numbers of samples.")


class GapView(BaseModel):
    name: str
    missing: int
    empty: int
    cut: int = Field(description="Texts that end in the middle.")
    empty_examples: list[int]
    cut_examples: list[int]


class PersonalExample(BaseModel):
    index: int
    text: str = Field(description="Masked.")


class PersonalView(BaseModel):
    kind: str = Field(description="email, phone, citizen_id, card, ip.")
    count: int
    records: int
    examples: list[PersonalExample]


class OverlapView(BaseModel):
    dataset_id: str
    name: str
    version: int
    exact: int
    near: int
    examples: list[int]


class BrokenView(BaseModel):
    index: int
    path: str
    reason: str


class TinyView(BaseModel):
    index: int
    path: str
    label: str
    width: float
    height: float


class ImbalanceView(BaseModel):
    ratio: float = Field(description="How many times the commonest label outnumbers the rarest.")
    most: tuple[str, int]
    least: tuple[str, int]
    rare: list[tuple[str, int]]


class DataQualityView(BaseModel):
    """What there is depends on the kind: records or images."""

    samples: int
    labels: ImbalanceView | None = None
    exact: CopiesView | None = None
    near: CopiesView | None = None
    languages: list[tuple[str, int]] = []
    fields: list[GapView] = []
    personal: list[PersonalView] = []
    overlap: list[OverlapView] = []
    broken_count: int = 0
    broken: list[BrokenView] = []
    box_count: int = 0
    tiny_count: int = 0
    tiny: list[TinyView] = []


class ViewForm(Form):
    name: str
    query: str = Field("", description="Only samples that match; see the search.")
    sample_count: int | None = Field(None, ge=1, description="So many of them by chance.")
    seed: int = Field(0, ge=0, le=2**31)

    def to_definitions(self) -> list[tuple[str, ViewDefinition]]:
        return [(self.name, ViewDefinition(self.query, self.sample_count, self.seed))]


class PartForm(Form):
    name: str
    ratio: float = Field(gt=0)


class SplitForm(Form):
    parts: list[PartForm] = Field(min_length=2, max_length=10)
    query: str = ""
    seed: int = Field(0, ge=0, le=2**31)
    stratify: str | None = Field(
        None,
        description='Keep the shares of this field\'s values in each part; "label": of labels.',
    )
    group: str | None = Field(None, description="Keep samples of one value together.")

    def to_definitions(self) -> list[tuple[str, ViewDefinition]]:
        return split(
            [part.name for part in self.parts], [part.ratio for part in self.parts],
            query=self.query, seed=self.seed, stratify=self.stratify or None,
            group=self.group or None,
        )  # fmt: skip


class SavedView(BaseModel):
    name: str
    version: int
    ref: str = Field(description="How a task names it: v2/train.")
    definition: dict[str, Any]
    state: ViewState
    progress_percent: int | None
    reason: str | None
    content_hash: str | None
    sample_count: int
    size_bytes: int
    created_at: datetime
    created_by: str

    @classmethod
    def of(cls, view: View) -> SavedView:
        building = view.state == ViewState.BUILDING
        return cls(
            name=view.name, version=view.version, ref=f"v{view.version}/{view.name}",
            definition=view.definition.to_json(), state=view.state,
            progress_percent=board.percent(view.id) if building else None, reason=view.reason,
            content_hash=view.content_hash, sample_count=view.sample_count,
            size_bytes=view.size_bytes, created_at=view.created_at, created_by=view.created_by,
        )  # fmt: skip


class SavedViewList(BaseModel):
    items: list[SavedView]
