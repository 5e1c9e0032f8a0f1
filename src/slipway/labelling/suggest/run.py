"""Have a deployed service propose labels for what is not labelled yet; decide on a proposal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid, NotFound
from slipway.base.events import record
from slipway.iam.types import Actor
from slipway.labelling import queries
from slipway.labelling.schema.document import document_for
from slipway.labelling.suggest import queries as suggest_queries
from slipway.labelling.suggest.asker import Asker
from slipway.labelling.suggest.words import asked_fields
from slipway.labelling.tables import TaskRow
from slipway.labelling.take import open_task
from slipway.labelling.types import LabelKind, Sharing, SuggestionState, SuggestState, TaskState

MAX_RECORDS, MAX_INSTRUCTIONS = 100_000, 8000


@dataclass(frozen=True, slots=True)
class Wish:
    service_id: str
    instructions: str
    records: int  # how many at most
    uncertain_first: bool  # people get those first that the model is least sure of


async def start_suggesting(
    db: Database, asker: Asker, actor: Actor, task_id: str, wish: Wish, *, now: datetime
) -> TaskRow:
    if not 1 <= wish.records <= MAX_RECORDS:
        raise Invalid(f"Between 1 and {MAX_RECORDS} records.", field="records")
    if len(wish.instructions) > MAX_INSTRUCTIONS:
        raise Invalid(
            f"The instructions have at most {MAX_INSTRUCTIONS} characters.", field="instructions"
        )
    name = await asker.name_of(actor, wish.service_id)
    async with db.begin() as session:
        row = await queries.get_task(session, actor.project_id, task_id, lock=True)
        _check(row, wish)
        row.suggest_state = SuggestState.RUNNING
        row.suggest = {
            "service_id": wish.service_id, "service_name": name,
            "instructions": wish.instructions, "records": wish.records, "asked": 0, "unusable": 0,
            "uncertain_first": wish.uncertain_first, "reason": None, "after": -1,
            "user_id": actor.user_id, "user_name": actor.user_name, "role": actor.role,
        }  # fmt: skip
        row.updated_at = now
        await record(
            session, "label:suggestionsWanted", subject=("label-task", task_id), now=now,
            project_id=actor.project_id, actor_id=actor.user_id, name=row.name, service=name,
        )  # fmt: skip
        return row


async def stop_suggesting(db: Database, actor: Actor, task_id: str, *, now: datetime) -> TaskRow:
    """What has been proposed stays."""
    async with db.begin() as session:
        row = await queries.get_task(session, actor.project_id, task_id, lock=True)
        if row.suggest_state != SuggestState.RUNNING:
            raise Conflict("No model is being asked.", code="wrong_state")
        row.suggest_state, row.updated_at = SuggestState.STOPPED, now
        await record(
            session, "label:suggestionsStopped", subject=("label-task", task_id), now=now,
            project_id=actor.project_id, actor_id=actor.user_id, name=row.name,
        )  # fmt: skip
        return row


async def decide(db: Database, actor: Actor, task_id: str, number: int, *, accepted: bool) -> None:
    """Keep what a labeller made of a proposal; the label itself is saved like any other."""
    async with db.begin() as session:
        await open_task(session, actor, task_id)
        row = await suggest_queries.find(session, task_id, number)
        if row is None:
            raise NotFound(f"Nothing was proposed for record {number}.")
        row.state = SuggestionState.ACCEPTED if accepted else SuggestionState.REJECTED


def _check(row: TaskRow, wish: Wish) -> None:
    if row.kind != LabelKind.RECORDS:
        raise Invalid("A model proposes labels for text records only.", field="service_id")
    if row.state != TaskState.CREATED:
        raise Conflict(
            f"The task is {row.state}; try again once it is created.", code="wrong_state"
        )
    if row.suggest_state == SuggestState.RUNNING:
        raise Conflict("A model is being asked already. Stop it first.", code="wrong_state")
    if wish.uncertain_first and row.sharing == Sharing.SPLIT:
        raise Invalid(
            "Where records are split among people, each goes through their own in order.",
            field="uncertain_first",
        )
    if not asked_fields(document_for(row.schema_text or "", {})):
        raise Invalid(
            "The schema asks for nothing that a model could fill in: a text, a number or a choice.",
            field="service_id",
        )
