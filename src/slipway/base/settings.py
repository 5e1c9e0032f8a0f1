"""Every setting of the platform, read once at start and passed down.

Each one is an environment variable `SLIPWAY_<NAME>`; `docs/settings.md` lists them all (a test
compares). Nothing else reads the environment.
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SLIPWAY_", extra="ignore", frozen=True)

    home: Path = Field(
        Path("~/.slipway"), description="Where everything is kept: database, storage, logs."
    )
    host: str = Field("127.0.0.1", description="Address the API and the console listen on.")
    port: int = Field(
        8700, ge=0, le=65535, description="Port of the API and the console; 0 picks a free one."
    )
    gateway_host: str = Field("127.0.0.1", description="Address the gateway listens on.")
    gateway_port: int = Field(
        8701, ge=0, le=65535, description="Port of the gateway; 0 picks a free one."
    )
    gateway_grpc_port: int = Field(
        8090, ge=1, le=65535, description="Port of gRPC services, opened with the first of them."
    )
    gateway_processes: int = Field(
        1,
        ge=1,
        le=16,
        description="Gateway processes that share the port; more than one where one core is not enough.",
    )
    gateway_limits_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Port at which gateways of other machines ask this one what is left of limits.",
    )
    service_qps_ceiling: int = Field(
        500, ge=0, description="Most requests a second for one service; 0: no ceiling."
    )
    s3_host: str = Field("127.0.0.1", description="Address the S3-compatible endpoint listens on.")
    s3_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="Port of the S3-compatible endpoint; left out 8703, or a free one (0) where `port` is 0.",
    )
    s3_public_url: str | None = Field(
        None, description="How callers reach the S3-compatible endpoint, if not by host and port."
    )
    s3_region: str = Field("us-east-1", description="Region that S3 clients are told.")
    s3_domains: str = Field(
        "localhost",
        description="Domains, separated by ',', below which a bucket may be named in the host (bucket.domain).",
    )
    s3_idle_s: float = Field(
        60, gt=0, description="Seconds without a byte after which an S3 client is let go."
    )
    storage_sync: bool = Field(
        True,
        description="Whether a stored file is on disk, not only in memory, before its sender is answered.",
    )
    public_url: str | None = Field(
        None, description="How people reach the console, if not by host and port."
    )
    gateway_public_url: str | None = Field(
        None, description="How callers reach the gateway, if not by host and port."
    )
    gateway_tls_cert: Path | None = Field(
        None, description="Certificate chain (PEM): the gateway serves HTTPS."
    )
    gateway_tls_key: Path | None = Field(
        None, description="Private key of that certificate (PEM); left out, it is in the same file."
    )
    gateway_otlp: str = Field(
        "",
        description="Collector of the gateway's OpenTelemetry traces, http://host:4318; empty: none.",
    )
    upstream_reach: Literal["public", "private", "local"] = Field(
        "private",
        description="Where providers and audit hooks of services may be: the internet only, private networks too, or this machine too.",
    )
    database_url: str | None = Field(
        None, description="postgresql://user:password@host/name; left out, SQLite below the home."
    )
    admin_password: SecretStr | None = Field(
        None,
        description="Password of the first administrator; first start only. Left out, one is made up and printed.",
    )
    site: str = Field("local", description="Name of this site, shown as the region.")
    time_zone: str = Field(
        "",
        description="Time zone of scaling rules and dates, such as Asia/Shanghai; left out, that of this machine.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least level written to the log."
    )
    session_days: float = Field(7, gt=0, description="Days a sign-in lasts.")
    signin_attempts: int = Field(
        8, ge=1, description="Failed sign-ins per user name and address within five minutes."
    )
    cpu_overcommit: float = Field(
        2.0,
        gt=0,
        description="Cores that can be asked for per real core of this machine (process engine).",
    )
    queue_guard_s: float | None = Field(
        None,
        gt=0,
        description="Seconds after which a waiting item is not overtaken any more in its queue; left out, it can be.",
    )
    eviction_limit: int | None = Field(
        None,
        ge=0,
        description="Evictions after which a training task is left alone; left out, there is no limit.",
    )
    isolate: Literal["auto", "off"] = Field(
        "auto",
        description="auto: instances get a private mount namespace where the machine allows it.",
    )
    sample_interval_s: float = Field(
        5.0, gt=0, description="Seconds between resource samples of an instance."
    )
    port_range_start: int = Field(20000, description="First port handed to instances.")
    port_range_end: int = Field(29999, description="Last port handed to instances.")
    ray_address: str | None = Field(
        None,
        description="Ray cluster to run on besides this machine: host:port of its head (this machine must have joined it), or auto.",
    )
    ray_node_root: str = Field(
        "~/.slipway-node", description="Where instances are kept on machines of the Ray cluster."
    )
    ray_lost_after_s: float = Field(
        120,
        ge=3,
        description="Seconds in which a machine that Ray calls dead may come back with its instances; a third of them after Ray died there, its instances end by themselves.",
    )
    log_retention_days: int = Field(
        7, ge=1, description="Days instance logs are kept after an instance ended."
    )
    service_log_retention_days: int = Field(
        15, ge=1, description="The same for instances of online services."
    )
    webhook_reach: Literal["public", "private", "local"] = Field(
        "private",
        description="Where alert webhooks may go: public (the internet only), private (also private networks), local (also this machine). Link-local and metadata addresses are never reached.",
    )
    alert_log_days: int = Field(
        30, ge=1, description="Days that delivered alerts and inbox messages are kept."
    )
    shell_idle_s: float = Field(
        1800, gt=0, description="Seconds without typing after which a web shell is closed."
    )
    metrics_calls_per_s: int = Field(
        20, ge=0, description="Calls that push metrics, per account and second; 0 is no limit."
    )
    tensorboard_idle_minutes: float = Field(
        60, gt=0, description="A TensorBoard that nobody looks at is stopped after this long."
    )
    mount_roots: str = Field(
        "",
        description="Directories of the nodes below which tasks may mount paths, separated by ':'; empty: none.",
    )
    built_in_models: str = Field(
        "",
        description="Directory of the nodes whose folders are the platform's built-in models, which tasks may mount read-only; empty: none.",
    )
    max_datasets: int = Field(200, ge=1, description="Datasets per project.")
    max_label_tasks: int = Field(50, ge=1, description="Labelling tasks per user.")
    environment_min_free_bytes: int = Field(
        2 * 2**30,
        ge=0,
        description="Free disk below which no environment is built and a node takes no new work.",
    )
    environment_group: str = Field(
        "rsg-local",
        description="Resource group whose nodes build environments. They must see the platform's home at the same path, and have the interpreters and images that are chosen.",
    )
    environment_keep_unused: int = Field(
        3, ge=0, description="Built environments kept for reuse though nothing names them."
    )
    environment_max_bytes: int = Field(
        0,
        ge=0,
        description="Space of all built environments above which unused ones go at once; 0: no such limit.",
    )
    git_local: bool = Field(
        False,
        description="Whether Git repositories may be directories of this machine (file://); for tests.",
    )
    max_upload_bytes: int = Field(200 * 2**30, ge=1, description="Largest single upload.")

    @property
    def root(self) -> Path:
        return self.home.expanduser().absolute()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name and name not in available_timezones():
            raise ValueError(f"{name!r} is no time zone; use a name such as Asia/Shanghai or UTC")
        return name

    @property
    def zone(self) -> tzinfo | None:
        """None: that of this machine, which `datetime.astimezone` means by None, too."""
        return ZoneInfo(self.time_zone) if self.time_zone else None

    @property
    def zone_name(self) -> str:
        return self.time_zone or (datetime.now().astimezone().tzname() or "UTC")

    @property
    def s3_domain_names(self) -> tuple[str, ...]:
        return tuple(name.strip() for name in self.s3_domains.split(",") if name.strip())

    @property
    def mount_root_paths(self) -> tuple[Path, ...]:
        return tuple(Path(root).resolve() for root in self.mount_roots.split(":") if root)

    @property
    def built_in_models_path(self) -> Path | None:
        return Path(self.built_in_models).resolve() if self.built_in_models else None

    @property
    def sqlalchemy_url(self) -> str:
        if self.database_url is None:
            return f"sqlite+aiosqlite:///{self.root / 'slipway.db'}"
        return self.database_url.replace("postgres://", "postgresql://").replace(
            "postgresql://", "postgresql+asyncpg://", 1
        )
