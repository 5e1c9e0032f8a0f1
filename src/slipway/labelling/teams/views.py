"""What the API says about several people's answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from slipway.base.forms import Form
from slipway.labelling.teams.answers import GOLD_BEFORE_PAUSE
from slipway.labelling.teams.report import Quality
from slipway.labelling.types import Answer, Record, RecordState


class LabelGoldForm(Form):
    known: bool = Field(True, description="False: it is no control question any more.")


class LabelAnswerView(BaseModel):
    user_id: str
    user_name: str
    value: dict[str, Any]
    score: float | None = Field(description="Against the known label of a control question.")
    time_s: float
    at: datetime

    @classmethod
    def of(cls, answer: Answer) -> LabelAnswerView:
        return cls(
            user_id=answer.user_id, user_name=answer.user_name, value=dict(answer.value),
            score=answer.score, time_s=answer.time_s, at=answer.at,
        )  # fmt: skip


class LabelAnswerList(BaseModel):
    items: list[LabelAnswerView]
    gold: bool = Field(description="Whether the record is a control question.")


class LabelFieldAgreementView(BaseModel):
    key: str
    items: int
    exact: float = Field(description="Share of records where all say the same.")
    fleiss_kappa: float | None
    krippendorff_alpha: float | None


class LabelPairView(BaseModel):
    first: str
    second: str
    items: int
    agreement: float
    cohen_kappa: float | None


class LabelPersonView(BaseModel):
    user_id: str
    user_name: str
    answers: int
    agreement: float | None = Field(description="With the others; 1 is perfect.")
    gold_count: int
    gold_score: float | None
    paused: bool
    time_s: float


class LabelDisputedView(BaseModel):
    index: int
    agreement: float
    state: RecordState


class LabelGoldView(BaseModel):
    index: int
    at: datetime


class LabelQualityView(BaseModel):
    records: int = Field(description="That more than one person has labelled.")
    agreement: float | None
    mean_iou: float | None
    fields: list[LabelFieldAgreementView]
    pairs: list[LabelPairView]
    people: list[LabelPersonView]
    disputed: list[LabelDisputedView]
    gold: list[LabelGoldView]

    @classmethod
    def of(
        cls,
        quality: Quality,
        disputed: list[Record],
        gold: list[tuple[int, datetime]],
        least_percent: int | None,
    ) -> LabelQualityView:
        return cls(
            records=quality.records, agreement=quality.agreement, mean_iou=quality.mean_iou,
            fields=[
                LabelFieldAgreementView(
                    key=one.key, items=one.items, exact=one.exact, fleiss_kappa=one.fleiss_kappa,
                    krippendorff_alpha=one.krippendorff_alpha,
                )
                for one in quality.fields
            ],
            pairs=[
                LabelPairView(
                    first=one.first, second=one.second, items=one.items, agreement=one.agreement,
                    cohen_kappa=one.cohen_kappa,
                )
                for one in quality.pairs
            ],
            people=[
                LabelPersonView(
                    user_id=one.user_id, user_name=one.user_name, answers=one.answers,
                    agreement=one.agreement, gold_count=one.gold_count, gold_score=one.gold_score,
                    paused=least_percent is not None
                    and one.gold_count >= GOLD_BEFORE_PAUSE
                    and 100 * (one.gold_score or 0) < least_percent,
                    time_s=one.time_s,
                )
                for one in quality.people
            ],
            disputed=[
                LabelDisputedView(index=one.index, agreement=one.agreement or 0, state=one.state)
                for one in disputed
            ],
            gold=[LabelGoldView(index=index, at=at) for index, at in gold],
        )  # fmt: skip
