"""Every setting of the platform, read once at start and passed down.

Each one is an environment variable `SLIPWAY_<NAME>`; `docs/settings.md` lists them all (a test
compares). Nothing else reads the environment.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
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
    public_url: str | None = Field(
        None, description="How people reach the console, if not by host and port."
    )
    gateway_public_url: str | None = Field(
        None, description="How callers reach the gateway, if not by host and port."
    )
    database_url: str | None = Field(
        None, description="postgresql://user:password@host/name; left out, SQLite below the home."
    )
    admin_password: SecretStr | None = Field(
        None,
        description="Password of the first administrator; first start only. Left out, one is made up and printed.",
    )
    site: str = Field("local", description="Name of this site, shown as the region.")
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
    isolate: Literal["auto", "off"] = Field(
        "auto",
        description="auto: instances get a private mount namespace where the machine allows it.",
    )
    sample_interval_s: float = Field(
        5.0, gt=0, description="Seconds between resource samples of an instance."
    )
    port_range_start: int = Field(20000, description="First port handed to instances.")
    port_range_end: int = Field(29999, description="Last port handed to instances.")
    log_retention_days: int = Field(
        7, ge=1, description="Days instance logs are kept after an instance ended."
    )
    mount_roots: str = Field(
        "",
        description="Directories of the nodes below which tasks may mount paths, separated by ':'; empty: none.",
    )
    max_datasets: int = Field(200, ge=1, description="Datasets per project.")
    max_upload_bytes: int = Field(200 * 2**30, ge=1, description="Largest single upload.")

    @property
    def root(self) -> Path:
        return self.home.expanduser().absolute()

    @property
    def mount_root_paths(self) -> tuple[Path, ...]:
        return tuple(Path(root).resolve() for root in self.mount_roots.split(":") if root)

    @property
    def sqlalchemy_url(self) -> str:
        if self.database_url is None:
            return f"sqlite+aiosqlite:///{self.root / 'slipway.db'}"
        return self.database_url.replace("postgres://", "postgresql://").replace(
            "postgresql://", "postgresql+asyncpg://", 1
        )
