"""What the API says about suggestions."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from slipway.base.forms import Form
from slipway.labelling.suggest.run import Wish
from slipway.labelling.tables import SuggestionRow, TaskRow
from slipway.labelling.types import SuggestionState, SuggestState


class LabelSuggestForm(Form):
    service_id: str = Field(description="A running service for chat.")
    instructions: str = ""
    records: int = Field(1000, description="How many at most, of those not labelled yet.")
    uncertain_first: bool = Field(
        False, description="People get those first that the model is least sure of."
    )

    def to_wish(self) -> Wish:
        return Wish(self.service_id, self.instructions, self.records, self.uncertain_first)


class LabelDecisionForm(Form):
    accepted: bool


class LabelSuggestView(BaseModel):
    state: SuggestState | None = Field(description="Null: no model was ever asked.")
    service_name: str
    reason: str | None
    records: int
    asked: int
    unusable: int = Field(description="Replies that did not fit the schema.")
    uncertain_first: bool
    offered: int
    accepted: int
    rejected: int

    @classmethod
    def of(cls, row: TaskRow, counts: dict[str, int]) -> LabelSuggestView:
        wish = row.suggest or {}
        return cls(
            state=SuggestState(row.suggest_state) if row.suggest_state else None,
            service_name=wish.get("service_name", ""), reason=wish.get("reason"),
            records=wish.get("records", 0), asked=wish.get("asked", 0),
            unusable=wish.get("unusable", 0), uncertain_first=wish.get("uncertain_first", False),
            offered=counts.get(SuggestionState.OFFERED, 0),
            accepted=counts.get(SuggestionState.ACCEPTED, 0),
            rejected=counts.get(SuggestionState.REJECTED, 0),
        )  # fmt: skip


class LabelSuggestionView(BaseModel):
    answers: dict[str, Any]
    confidence: float
    state: SuggestionState
    service_name: str

    @classmethod
    def of(cls, row: SuggestionRow) -> LabelSuggestionView:
        return cls(
            answers=row.value["answers"], confidence=row.confidence,
            state=SuggestionState(row.state), service_name=row.service_name,
        )  # fmt: skip


class LabelSuggestionOne(BaseModel):
    suggestion: LabelSuggestionView | None
