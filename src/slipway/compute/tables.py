"""Rows of the compute floor."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.database import JsonValue, Row


class ResourceGroupRow(Row):
    """A deleted group keeps its row: what ran in it names it. Its name is free again."""

    __tablename__ = "resource_groups"
    __table_args__ = (
        # A name stands once among the groups of a site that are there.
        Index(
            "uq_resource_groups_live_name",
            "site",
            "name",
            unique=True,
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    engine: Mapped[str]
    site: Mapped[str] = mapped_column(default="")
    tags: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    policy: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)  # empty: the default
    preset_by_gpu: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class QuotaRow(Row):
    """Cards of one type, in hundredths, that a project is sure of and may have at most in a group."""

    __tablename__ = "card_quotas"

    group_id: Mapped[str] = mapped_column(ForeignKey("resource_groups.id"), primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    card_model: Mapped[str] = mapped_column(primary_key=True)
    guaranteed: Mapped[int]
    maximum: Mapped[int | None]
    updated_at: Mapped[datetime]


class FlavourRow(Row):
    """A size that tasks of a group may ask for by name; see `groups/flavours.py`."""

    __tablename__ = "resource_flavours"
    __table_args__ = (UniqueConstraint("group_id", "name", name="uq_resource_flavours_name"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    group_id: Mapped[str] = mapped_column(ForeignKey("resource_groups.id"))
    name: Mapped[str]
    cpu_cores: Mapped[float]
    memory_bytes: Mapped[int] = mapped_column(BigInteger)
    gpus: Mapped[float]
    gpu_model: Mapped[str | None]
    created_by: Mapped[str]
    created_at: Mapped[datetime]


class CardTypeRow(Row):
    """What an administrator set for a card type; without a row the default holds."""

    __tablename__ = "card_types"

    model: Mapped[str] = mapped_column(primary_key=True)
    sharing: Mapped[bool]
    updated_by: Mapped[str]
    updated_at: Mapped[datetime]


class NodeRow(Row):
    __tablename__ = "nodes"

    id: Mapped[str] = mapped_column(primary_key=True)
    group_id: Mapped[str] = mapped_column(ForeignKey("resource_groups.id"))
    name: Mapped[str]
    engine: Mapped[str]
    host: Mapped[str]
    cpu_cores: Mapped[float]
    memory_bytes: Mapped[int] = mapped_column(BigInteger)
    gpus: Mapped[list[Any]] = mapped_column(JsonValue)  # of Card
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    state_since: Mapped[datetime | None]
    error_code: Mapped[str] = mapped_column(default="")  # of a deployment that failed
    cordoned: Mapped[bool] = mapped_column(default=False)
    cordon_reason: Mapped[str] = mapped_column(default="")
    drain_until: Mapped[datetime | None]  # what still runs on it then is moved away
    clearing: Mapped[str] = mapped_column(default="")  # Clearing: its work is being taken away
    engine_node: Mapped[str] = mapped_column(default="", index=True)  # its id in the engine
    info: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    zone: Mapped[str] = mapped_column(default="")  # as an administrator set it; empty: `info`'s
    rack: Mapped[str] = mapped_column(default="")
    created_by: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    joined_at: Mapped[datetime | None]
    planned_end: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class JoinTokenRow(Row):
    """The right to join one machine to one group, once. Only the hash is kept."""

    __tablename__ = "node_join_tokens"

    hash: Mapped[str] = mapped_column(primary_key=True)
    group_id: Mapped[str] = mapped_column(ForeignKey("resource_groups.id"))
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class WorkloadRow(Row):
    """`revision` guards every write: a step computed from an older view of the row changes nothing."""

    __tablename__ = "workloads"
    __table_args__ = (
        Index("ix_workloads_open", "state", "created_at"),
        Index("ix_workloads_owner", "owner_id"),
        Index("ix_workloads_queue", "group_id", "state", "queue_priority", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    kind: Mapped[str]
    owner_id: Mapped[str]
    name: Mapped[str]
    spec: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    group_id: Mapped[str] = mapped_column(ForeignKey("resource_groups.id"))
    tags: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    priority: Mapped[int | None]  # its own
    queue_priority: Mapped[int] = mapped_column(default=0)  # computed from the group's policy
    displaced_for: Mapped[str | None] = mapped_column(index=True)
    wanted: Mapped[str]
    state: Mapped[str]
    ending: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="")
    attempt: Mapped[int] = mapped_column(default=1)
    restarts: Mapped[int] = mapped_column(default=0)
    evictions: Mapped[int] = mapped_column(default=0)
    reschedules: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    queued_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}


class InstanceRow(Row):
    __tablename__ = "instances"
    # One instance per place of a run: a placement computed twice is written once.
    __table_args__ = (
        UniqueConstraint("workload_id", "attempt", "rank", name="uq_instances_place"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    workload_id: Mapped[str] = mapped_column(ForeignKey("workloads.id", ondelete="CASCADE"))
    attempt: Mapped[int]
    role: Mapped[str]
    index: Mapped[int]
    rank: Mapped[int]
    node_id: Mapped[str] = mapped_column(ForeignKey("nodes.id"), index=True)
    engine: Mapped[str]
    host: Mapped[str]
    ports: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    resources: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    gpu_indexes: Mapped[list[Any]] = mapped_column(JsonValue)
    state: Mapped[str] = mapped_column(index=True)
    notes: Mapped[list[Any]] = mapped_column(JsonValue)
    namespace: Mapped[bool | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    exit_code: Mapped[int | None]
    signal: Mapped[int | None]
    reason: Mapped[str] = mapped_column(default="")
    metered_until: Mapped[datetime | None]
    waited_s: Mapped[float] = mapped_column(default=0.0)  # in the queue, until it was placed


class AttemptRow(Row):
    """An attempt of a workload that has ended, and why. The one that goes on is the workload itself."""

    __tablename__ = "workload_attempts"
    __table_args__ = (
        UniqueConstraint("workload_id", "number", name="uq_workload_attempts_number"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    workload_id: Mapped[str] = mapped_column(ForeignKey("workloads.id", ondelete="CASCADE"))
    number: Mapped[int]
    queued_at: Mapped[datetime]
    placed_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime]
    ending: Mapped[str]
    reason: Mapped[str]


class NetworkProfileRow(Row):
    """The variables that tasks on whole machines with these cards get for their fast network."""

    __tablename__ = "network_profiles"

    gpu_model: Mapped[str] = mapped_column(primary_key=True)
    variables: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    updated_by: Mapped[str]
    updated_at: Mapped[datetime]


class PortRow(Row):
    """A port in use on a node. The primary key is the guarantee that no two instances share one."""

    __tablename__ = "ports"

    node_id: Mapped[str] = mapped_column(ForeignKey("nodes.id"), primary_key=True)
    port: Mapped[int] = mapped_column(primary_key=True)
    instance_id: Mapped[str] = mapped_column(
        ForeignKey("instances.id", ondelete="CASCADE"), index=True
    )
