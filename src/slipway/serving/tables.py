"""Rows of online services. What is wanted is in `service_versions`; the rest is what was seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from slipway.base.database import JsonValue, Row


class ServiceRow(Row):
    __tablename__ = "services"
    __table_args__ = (Index("ix_services_list", "project_id", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str]
    description: Mapped[str]
    tags: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    resource_group: Mapped[str]
    llm: Mapped[bool]
    grpc: Mapped[bool] = mapped_column(default=False, server_default=false())
    auth: Mapped[bool]
    purpose: Mapped[str] = mapped_column(default="online", server_default="online")
    qps_per_replica: Mapped[int | None]
    concurrency_per_replica: Mapped[int | None]
    mode: Mapped[str] = mapped_column(default="STANDARD", server_default="STANDARD")
    site: Mapped[str] = mapped_column(default="local", server_default="local")
    stop_at: Mapped[datetime | None]
    # A progressive rollout that is under way, or how the last one ended.
    rollout: Mapped[dict[str, Any] | None] = mapped_column(JsonValue)
    rolling_out: Mapped[bool] = mapped_column(default=False, server_default=false())
    last_number: Mapped[int] = mapped_column(default=0)  # version numbers are never used again
    state: Mapped[str]
    created_by: Mapped[str]
    creator_name: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ServiceVersionRow(Row):
    __tablename__ = "service_versions"
    __table_args__ = (UniqueConstraint("service_id", "number", name="uq_service_versions_number"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    service_id: Mapped[str] = mapped_column(ForeignKey("services.id", ondelete="CASCADE"))
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))
    number: Mapped[int]
    description: Mapped[str]
    config: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    model_version_id: Mapped[str | None] = mapped_column(index=True)
    base_version_id: Mapped[str | None] = mapped_column(index=True)
    revision: Mapped[int] = mapped_column(default=1)
    replicas: Mapped[int]
    # What a start, and waking, brings back.
    default_replicas: Mapped[int] = mapped_column(server_default="1")
    scaling: Mapped[dict[str, Any]] = mapped_column(JsonValue, server_default="{}")
    scaled_until: Mapped[datetime | None]  # time rules are carried out up to here
    # Bounds of scaling by load that a time rule moved; None: the policy's own.
    bound_low: Mapped[int | None]
    bound_high: Mapped[int | None]
    weight: Mapped[int]
    wanted: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str] = mapped_column(default="")
    last_failure: Mapped[str] = mapped_column(default="")
    last_log: Mapped[list[Any]] = mapped_column(JsonValue)
    deployed: Mapped[bool] = mapped_column(default=False)
    served: Mapped[bool] = mapped_column(default=False)
    gave_up: Mapped[bool] = mapped_column(default=False)
    failures: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    updating: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[str]
    creator_name: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    started_at: Mapped[datetime | None]


class ScalingStepRow(Row):
    """A change of the wanted count that the platform made by itself, and why."""

    __tablename__ = "service_scaling_steps"
    __table_args__ = (Index("ix_service_scaling_steps_version", "version_id", "time"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("service_versions.id", ondelete="CASCADE"))
    time: Mapped[datetime]
    kind: Mapped[str]
    before: Mapped[int]
    after: Mapped[int]
    reason: Mapped[str]


class VersionMinuteRow(Row):
    """What a version was doing in one minute: means of what was measured, None where nothing was."""

    __tablename__ = "service_minutes"

    version_id: Mapped[str] = mapped_column(
        ForeignKey("service_versions.id", ondelete="CASCADE"), primary_key=True
    )
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    expected: Mapped[float]
    running: Mapped[float]
    cpu_pct: Mapped[float | None]
    mem_pct: Mapped[float | None]
    gpu_pct: Mapped[float | None]
    gpu_mem_pct: Mapped[float | None]
    in_flight: Mapped[float | None]
    llm_running: Mapped[float | None]
    llm_waiting: Mapped[float | None]
    kv_cache_pct: Mapped[float | None]


class ReplicaRow(Row):
    """One replica is one workload with one instance. Ended ones stay a while, for their logs."""

    __tablename__ = "service_replicas"
    __table_args__ = (
        Index("ix_service_replicas_version", "version_id", "state"),
        # How a change of a workload finds its replica.
        UniqueConstraint("workload_id", name="uq_service_replicas_workload"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    service_id: Mapped[str] = mapped_column(
        ForeignKey("services.id", ondelete="CASCADE"), index=True
    )
    version_id: Mapped[str] = mapped_column(ForeignKey("service_versions.id", ondelete="CASCADE"))
    revision: Mapped[int]
    state: Mapped[str]
    wanted: Mapped[str]
    # Why the platform ends it as failed (a probe, a time-out); None: nobody has.
    verdict: Mapped[str | None]
    counted: Mapped[bool] = mapped_column(default=False)  # its failure is in the version's count
    drain_until: Mapped[datetime | None]
    isolated: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")
    workload_id: Mapped[str]
    instance_id: Mapped[str | None]
    host: Mapped[str | None]
    port: Mapped[int | None]
    created_at: Mapped[datetime]
    queued_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ready_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class ServiceKeyRow(Row):
    """The hash is what the gateway gets; the sealed copy is for the owner to read again."""

    __tablename__ = "service_keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    service_id: Mapped[str] = mapped_column(
        ForeignKey("services.id", ondelete="CASCADE"), index=True
    )
    purpose: Mapped[str]
    name: Mapped[str]
    remark: Mapped[str]
    hint: Mapped[str]
    secret_hash: Mapped[str] = mapped_column(unique=True)
    secret_sealed: Mapped[str]
    enabled: Mapped[bool]
    rpm: Mapped[int | None]
    tpm: Mapped[int | None] = mapped_column(BigInteger)
    tpd: Mapped[int | None] = mapped_column(BigInteger)
    # Of `KeyRules`, without the three above.
    rules: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict, server_default="{}")
    # The project that calls with it, where that is not the service's own: one that tries a preset.
    tenant_id: Mapped[str | None]
    created_by: Mapped[str]
    creator_name: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ServiceUpdateRow(Row):
    __tablename__ = "service_updates"
    __table_args__ = (Index("ix_service_updates_version", "version_id", "created_at"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("service_versions.id", ondelete="CASCADE"))
    revision: Mapped[int]
    kind: Mapped[str]
    changes: Mapped[dict[str, Any]] = mapped_column(JsonValue)
    config: Mapped[dict[str, Any]] = mapped_column(JsonValue)  # as it was from here on
    replicas: Mapped[int]
    result: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    actor_id: Mapped[str]
    actor_name: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ServiceOwnerRow(Row):
    """Whose a service is, kept after its deletion: the last usage may arrive later than that."""

    __tablename__ = "service_owners"

    service_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"))


class GatewayBatchRow(Row):
    """Batches of usage already booked. The primary key makes a repeated one count once."""

    __tablename__ = "gateway_batches"

    id: Mapped[str] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(index=True)


class CallMinuteRow(Row):
    """Calls of one minute. `version_id` and `key_id` are '' where there was none."""

    __tablename__ = "call_minutes"

    service_id: Mapped[str] = mapped_column(primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    version_id: Mapped[str] = mapped_column(primary_key=True)
    key_id: Mapped[str] = mapped_column(primary_key=True)
    received: Mapped[int]
    succeeded: Mapped[int]
    failed: Mapped[int]
    throttled: Mapped[int]
    prompt_tokens: Mapped[int] = mapped_column(BigInteger)
    completion_tokens: Mapped[int] = mapped_column(BigInteger)
    request_bytes: Mapped[int] = mapped_column(BigInteger)
    response_bytes: Mapped[int] = mapped_column(BigInteger)
    duration_ms: Mapped[float]  # sum
    ttft_ms: Mapped[float]  # sum over `ttft_count` calls
    ttft_count: Mapped[int]
    # Of streamed answers: time after the first token, and tokens in it.
    later_ms: Mapped[float] = mapped_column(default=0, server_default="0")
    later_tokens: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    latency: Mapped[list[Any]] = mapped_column(JsonValue)  # calls per bucket of `histogram.BOUNDS`
    ttft: Mapped[list[Any]] = mapped_column(JsonValue)


class CallTotalRow(Row):
    """Calls of one minute by who called what and how it ended. `project_id` is the caller's;
    `group_id`, `service_id` and `model` are '' where there was none, `code` where it was answered."""

    __tablename__ = "call_totals"

    project_id: Mapped[str] = mapped_column(primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    group_id: Mapped[str] = mapped_column(primary_key=True)
    service_id: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(BigInteger)
    prompt_tokens: Mapped[int] = mapped_column(BigInteger)
    completion_tokens: Mapped[int] = mapped_column(BigInteger)
    images: Mapped[int] = mapped_column(BigInteger)
    cost: Mapped[int] = mapped_column(BigInteger)  # millionths


class CallCountRow(Row):
    """All calls of a service by a project, ever: lists and free trials must not add up minutes."""

    __tablename__ = "call_counts"

    service_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    calls: Mapped[int] = mapped_column(BigInteger)
    failed: Mapped[int] = mapped_column(BigInteger)
    tokens: Mapped[int] = mapped_column(BigInteger)
