"""Publish a task's result as a new version of its dataset; done by the loop."""

from __future__ import annotations

from datetime import datetime

from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid
from slipway.base.events import record
from slipway.base.names import checked_description
from slipway.data.types import LabelFormat
from slipway.iam.types import Actor
from slipway.labelling import queries
from slipway.labelling.types import FORMATS, LabelKind, PublishState, Task, TaskState


def publish_blocked(task: Task) -> str | None:
    if task.state is not TaskState.CREATED:
        return f"The task is {task.state}; only a created one has something to publish."
    if task.publication is not None and task.publication.state is PublishState.WANTED:
        return "It is being published."
    if task.needs_review and not task.counts.approved:
        return "Only approved records are published, and none is approved yet."
    if not task.counts.done:
        return "No record is labelled yet."
    return None


def losses(task: Task, label_format: LabelFormat) -> list[str]:
    """What a format cannot say, for people to know before they publish in it."""
    segmented = task.kind is LabelKind.SEGMENTATION
    match label_format:
        case LabelFormat.VOC if segmented:
            return [
                "Outlines become pixels.", "Of shapes that overlap the upper one keeps the pixels.",
                "An image has at most 254 objects.", "Confidence and flags are dropped.",
            ]  # fmt: skip
        case LabelFormat.VOC:
            return ["Polygons and lines become their bounding box.", "Confidence is dropped."]
        case LabelFormat.COCO:
            return [] if segmented else ["Lines become their bounding box."]
        case LabelFormat.YOLO:
            return [
                *(["Masks become outlines; their holes are filled."] if segmented else []),
                "Lines become their bounding box.", "Polygons in several parts become one.",
                "Confidence and flags are dropped.",
            ]  # fmt: skip
        case LabelFormat.LABEL_STUDIO if task.kind is not LabelKind.CLASSIFICATION:
            return [
                "Lines become their bounding box.", "Polygons in several parts become several.",
                "Confidence and flags are dropped.",
            ]  # fmt: skip
        case LabelFormat.CVAT if task.kind is not LabelKind.CLASSIFICATION:
            return ["Polygons in several parts become several."]
        case LabelFormat.MANIFEST if task.kind is LabelKind.DETECTION:
            return ["Polygons and lines become their bounding box.", "Flags are dropped."]
        case LabelFormat.FOLDER:
            return ["Images get a place in the folder of their class."]
        case _:
            return []


async def publish_task(
    db: Database,
    actor: Actor,
    task_id: str,
    *,
    label_format: LabelFormat | None,
    description: str,
    now: datetime,
) -> Task:
    async with db.begin() as session:
        row = await queries.get_task(session, actor.project_id, task_id, lock=True)
        task = queries.frozen_task(row)
        if why := publish_blocked(task):
            raise Conflict(why, code="publish_blocked")
        chosen = label_format or task.label_format
        if chosen not in FORMATS[task.kind]:
            possible = ", ".join(FORMATS[task.kind])
            raise Invalid(
                f"The label format of {task.kind} is one of: {possible}.", field="label_format"
            )
        row.publish_number += 1
        row.publish_state, row.publish_format = PublishState.WANTED, chosen
        row.publish_description = checked_description(description)
        row.publish_version, row.publish_reason = None, None
        row.publish_by, row.publish_at, row.updated_at = actor.user_id, now, now
        await record(
            session, "label:publishRequested", subject=("label-task", task_id), now=now,
            project_id=actor.project_id, actor_id=actor.user_id, name=row.name,
        )  # fmt: skip
        return queries.frozen_task(row)
