"""Rows of the labelling room.

A task over a million records starts with one row a labeller and grows with the work: records that
nobody has touched are kept as spans (`label_spans`), so that "the next one" is one look at an index.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.database import Row

_ID = BigInteger().with_variant(Integer, "sqlite")
_MAYBE_JSON = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class TaskRow(Row):
    __tablename__ = "label_tasks"
    __table_args__ = (
        UniqueConstraint("project_id", "name", name="uq_label_tasks_name"),
        Index("ix_label_tasks_list", "project_id", "created_at", "id"),
        Index("ix_label_tasks_work", "state", "publish_state"),
        Index("ix_label_tasks_dataset", "dataset_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    description: Mapped[str]
    tags: Mapped[dict[str, Any]]
    kind: Mapped[str]
    dataset_id: Mapped[str]
    dataset_name: Mapped[str]
    dataset_version: Mapped[int]
    label_format: Mapped[str]
    labels: Mapped[list[Any]]
    renames: Mapped[dict[str, Any]]  # old name of a label -> new one
    schema_text: Mapped[str | None]
    mode: Mapped[str]
    sharing: Mapped[str]
    labellers: Mapped[list[Any]]
    needs_review: Mapped[bool]
    overlap: Mapped[int] = mapped_column(default=1, server_default="1")
    overlap_percent: Mapped[int] = mapped_column(default=100, server_default="100")
    gold_least_percent: Mapped[int | None]
    suggest_state: Mapped[str | None]
    suggest: Mapped[dict[str, Any] | None] = mapped_column(_MAYBE_JSON)  # what a model is asked
    state: Mapped[str]
    reason: Mapped[str | None]
    record_count: Mapped[int] = mapped_column(BigInteger, default=0)
    labelled_count: Mapped[int] = mapped_column(BigInteger, default=0)
    approved_count: Mapped[int] = mapped_column(BigInteger, default=0)
    sent_back_count: Mapped[int] = mapped_column(BigInteger, default=0)
    deleted_count: Mapped[int] = mapped_column(BigInteger, default=0)
    write_state: Mapped[str | None]  # of the user's own files, where they are labelled in place
    write_reason: Mapped[str | None]
    publish_number: Mapped[int] = mapped_column(default=0)
    publish_state: Mapped[str | None]
    publish_format: Mapped[str | None]
    publish_description: Mapped[str | None]
    publish_version: Mapped[int | None]
    publish_reason: Mapped[str | None]
    publish_by: Mapped[str | None]
    publish_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    created_by: Mapped[str]
    creator_name: Mapped[str]
    ocr_type: Mapped[str | None]
    ocr_service: Mapped[str | None]


class RecordRow(Row):
    """A record that somebody has opened, or that came labelled."""

    __tablename__ = "label_records"
    __table_args__ = (
        PrimaryKeyConstraint("task_id", "number", name="pk_label_records"),
        # The next one to do: of this state and owner ('' is nobody), in order.
        Index("ix_label_records_next", "task_id", "state", "owner", "number"),
        # The next one to review, and the lists by state.
        Index("ix_label_records_state", "task_id", "state", "number"),
    )

    task_id: Mapped[str] = mapped_column(ForeignKey("label_tasks.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]
    owner: Mapped[str] = mapped_column(default="")
    value: Mapped[dict[str, Any] | None] = mapped_column(_MAYBE_JSON)
    revision: Mapped[int] = mapped_column(default=0)
    lock_user: Mapped[str | None]
    lock_name: Mapped[str | None]
    lock_until: Mapped[datetime | None]
    labelled_by: Mapped[str | None]
    labeller_name: Mapped[str | None]
    labelled_at: Mapped[datetime | None]
    reviewed_by: Mapped[str | None]
    reviewer_name: Mapped[str | None]
    comment: Mapped[str | None]
    agreement: Mapped[float | None]  # of several people's answers; 1 is perfect
    time_s: Mapped[float] = mapped_column(default=0)


class SpanRow(Row):
    """Records `first` to `last` that nobody has touched; for `owner`, or ('') for anybody."""

    __tablename__ = "label_spans"
    __table_args__ = (Index("ix_label_spans_next", "task_id", "owner", "last"),)

    id: Mapped[int] = mapped_column(_ID, primary_key=True, autoincrement=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("label_tasks.id", ondelete="CASCADE"))
    owner: Mapped[str]
    first: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)


class HistoryRow(Row):
    """What happened to a record; the values of before are here, too."""

    __tablename__ = "label_history"
    __table_args__ = (
        Index("ix_label_history_record", "task_id", "number", "id"),
        Index("ix_label_history_user", "task_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(_ID, primary_key=True, autoincrement=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("label_tasks.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int]
    action: Mapped[str]
    user_id: Mapped[str]
    user_name: Mapped[str]
    at: Mapped[datetime]
    state: Mapped[str]
    value: Mapped[dict[str, Any] | None] = mapped_column(_MAYBE_JSON)
    comment: Mapped[str | None]
    time_s: Mapped[float] = mapped_column(default=0)


class WriteRow(Row):
    """A record whose line in the user's file is to be written anew."""

    __tablename__ = "label_writes"
    __table_args__ = (PrimaryKeyConstraint("task_id", "number", name="pk_label_writes"),)

    task_id: Mapped[str] = mapped_column(ForeignKey("label_tasks.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int]


class SchemaRow(Row):
    """The schema of a dataset of records, and how all of them fit it."""

    __tablename__ = "label_schemas"

    dataset_id: Mapped[str] = mapped_column(
        ForeignKey("datasets.id", ondelete="CASCADE"), primary_key=True
    )
    project_id: Mapped[str]
    text: Mapped[str]
    saved: Mapped[int] = mapped_column(default=1)  # the how-manieth text
    state: Mapped[str]
    version: Mapped[int]  # of the dataset, whose records were looked at
    record_count: Mapped[int] = mapped_column(BigInteger, default=0)
    problem_count: Mapped[int] = mapped_column(BigInteger, default=0)
    problems: Mapped[list[Any]]
    reason: Mapped[str | None]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]


class AnswerRow(Row):
    """What one of several people said of a record, or of a control question (then with a score)."""

    __tablename__ = "label_answers"
    __table_args__ = (
        # One person never answers the same record twice.
        PrimaryKeyConstraint("task_id", "number", "user_id", name="pk_label_answers"),
        Index("ix_label_answers_user", "task_id", "user_id", "number"),
    )

    task_id: Mapped[str] = mapped_column(ForeignKey("label_tasks.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(BigInteger)
    user_id: Mapped[str]
    user_name: Mapped[str]
    value: Mapped[dict[str, Any]]
    score: Mapped[float | None]
    time_s: Mapped[float] = mapped_column(default=0)
    at: Mapped[datetime]


class GoldRow(Row):
    """A record of which the right label is known: a control question, given to each labeller."""

    __tablename__ = "label_gold"
    __table_args__ = (PrimaryKeyConstraint("task_id", "number", name="pk_label_gold"),)

    task_id: Mapped[str] = mapped_column(ForeignKey("label_tasks.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(BigInteger)
    value: Mapped[dict[str, Any]]
    created_by: Mapped[str]
    at: Mapped[datetime]


class SuggestionRow(Row):
    """What a model proposes for a record, and what became of it."""

    __tablename__ = "label_suggestions"
    __table_args__ = (
        PrimaryKeyConstraint("task_id", "number", name="pk_label_suggestions"),
        # The least certain of those that nobody has decided on.
        Index("ix_label_suggestions_next", "task_id", "state", "confidence"),
    )

    task_id: Mapped[str] = mapped_column(ForeignKey("label_tasks.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(BigInteger)
    value: Mapped[dict[str, Any]]
    confidence: Mapped[float]
    state: Mapped[str]
    service_name: Mapped[str]
    at: Mapped[datetime]
