"""What the API shows of environments. Nothing of the credentials but the user's name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from slipway.assets.environments import Environment
from slipway.compute.types import Workload
from slipway.environments.change import why_not_build, why_not_cancel, why_not_delete
from slipway.environments.types import Build, CustomEnvironment


class SourceView(BaseModel):
    kind: str
    python: str
    requirements: str
    constraints: str
    index_url: str
    user: str = Field(description="Of the index or the registry; the password is never shown.")
    on_platform: bool
    image: str


class CustomEnvironmentView(BaseModel):
    id: str
    name: str
    version: int
    description: str
    tags: dict[str, str]
    framework: str
    modes: list[str]
    purposes: list[str]
    kind: str
    python: str
    image: str
    on_platform: bool
    state: str
    reason: str
    size_bytes: int
    content_hash: str
    creator_id: str
    creator: str
    created_at: datetime
    updated_at: datetime
    blocked: dict[str, str | None]

    @classmethod
    def of(
        cls, e: CustomEnvironment, build: Build | None, uses: Sequence[Workload] = ()
    ) -> CustomEnvironmentView:
        return cls(**_summary(e, build, uses))


class PackageView(BaseModel):
    name: str
    version: str


class BuildView(BaseModel):
    id: str
    state: str
    reason: str
    location: str = Field(description="Directory, or image by digest.")
    python: str
    packages: list[PackageView]
    size_bytes: int
    created_at: datetime
    ended_at: datetime | None


class CustomEnvironmentDetail(CustomEnvironmentView):
    source: SourceView
    build: BuildView | None

    @classmethod
    def of_all(
        cls, e: CustomEnvironment, build: Build | None, uses: Sequence[Workload]
    ) -> CustomEnvironmentDetail:
        s = e.source
        source = SourceView(
            kind=s.kind, python=s.python, requirements=s.requirements, constraints=s.constraints,
            index_url=s.index_url, user=e.user, on_platform=s.on_platform, image=s.image,
        )  # fmt: skip
        return cls(**_summary(e, build, uses), source=source, build=_build(build))


class CustomEnvironmentPage(BaseModel):
    items: list[CustomEnvironmentView]
    next_cursor: str | None
    total: int


class EnvironmentUseView(BaseModel):
    workload_id: str
    kind: str
    owner_id: str
    name: str
    state: str
    created_at: datetime

    @classmethod
    def of(cls, w: Workload) -> EnvironmentUseView:
        return cls(
            workload_id=w.id, kind=w.kind, owner_id=w.owner_id, name=w.name, state=w.state,
            created_at=w.created_at,
        )  # fmt: skip


class EnvironmentUseList(BaseModel):
    items: list[EnvironmentUseView]


class FrameworkView(BaseModel):
    name: str
    modes: list[str]


class BuiltInView(BaseModel):
    id: str
    name: str
    framework: str
    modes: list[str]
    purposes: list[str]
    python: str
    packages: list[str]
    unavailable: str | None

    @classmethod
    def of(cls, e: Environment, python: str) -> BuiltInView:
        return cls(
            id=e.id, name=e.name, framework=e.framework, modes=list(e.modes),
            purposes=list(e.purposes), python=python, packages=list(e.packages),
            unavailable=e.unavailable_reason,
        )  # fmt: skip


class EnvironmentOptions(BaseModel):
    """What an environment can be made of on this machine."""

    frameworks: list[FrameworkView]
    pythons: list[str]
    own_python: str = Field(description="Version that goes with the platform's packages.")
    images_unavailable: str | None = Field(description="Why images cannot be used, or null.")
    built_in: list[BuiltInView]
    free_bytes: int
    min_free_bytes: int
    no_space: str | None


def _summary(
    e: CustomEnvironment, build: Build | None, uses: Sequence[Workload]
) -> dict[str, object]:
    return {
        "id": e.id, "name": e.name, "version": e.version, "description": e.description, "tags": e.tags,
        "framework": e.framework, "modes": list(e.modes), "purposes": list(e.purposes),
        "kind": e.source.kind, "python": (build.python if build else "") or e.source.python,
        "image": e.source.image, "on_platform": e.source.on_platform, "state": e.state, "reason": e.reason,
        "size_bytes": build.size_bytes if build else 0, "content_hash": e.content_hash,
        "creator_id": e.created_by, "creator": e.creator_name, "created_at": e.created_at,
        "updated_at": e.updated_at,
        "blocked": {
            "delete": why_not_delete(list(uses)), "rebuild": why_not_build(e), "cancel": why_not_cancel(e),
        },
    }  # fmt: skip


def _build(build: Build | None) -> BuildView | None:
    if build is None:
        return None
    return BuildView(
        id=build.id, state=build.state, reason=build.reason, location=build.location,
        python=build.python, packages=[PackageView(name=p.name, version=p.version) for p in build.packages],
        size_bytes=build.size_bytes, created_at=build.created_at, ended_at=build.ended_at,
    )  # fmt: skip
