"""A second look: approve a record, or send it back to its labeller with a comment."""

from __future__ import annotations

from datetime import datetime

from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid
from slipway.iam.types import Actor
from slipway.labelling import queries
from slipway.labelling.save import check_unchanged, move, write_history
from slipway.labelling.take import open_task, row_of
from slipway.labelling.teams import queries as team_queries
from slipway.labelling.types import DONE, Record, RecordState

MAX_COMMENT = 2000


async def review_record(
    db: Database,
    actor: Actor,
    task_id: str,
    number: int,
    *,
    approve: bool,
    comment: str,
    revision: int,
    now: datetime,
) -> Record:
    comment = comment.strip()
    if len(comment) > MAX_COMMENT:
        raise Invalid(f"A comment has at most {MAX_COMMENT} characters.", field="comment")
    if not approve and not comment:
        raise Invalid("Say what is to be done better.", field="comment", code="comment_missing")
    async with db.begin() as session:
        task = await open_task(session, actor, task_id)
        row = await row_of(session, task, number)
        check_unchanged(row, actor, revision, now)
        if row.state not in DONE:
            raise Conflict(
                "Only a record that has been labelled can be reviewed.", code="wrong_state"
            )
        move(task, row, RecordState.APPROVED if approve else RecordState.SENT_BACK)
        row.reviewed_by, row.reviewer_name = actor.user_id, actor.user_name
        row.comment = comment or None
        if not approve and row.agreement is not None:  # all of them say it again
            await team_queries.forget_answers(session, task_id, number)
            row.agreement = None
        row.lock_user = row.lock_name = row.lock_until = None
        # It goes to whoever labelled it; labels that came with the dataset are anybody's.
        row.owner = row.labelled_by or row.owner
        await write_history(
            session, row, actor, "approve" if approve else "send_back", now, comment=comment or None
        )
        task.updated_at = now
        return queries.frozen_record(row)
