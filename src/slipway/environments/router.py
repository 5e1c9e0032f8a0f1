"""HTTP of environments."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import Field

from slipway.assets.containers import why_unavailable
from slipway.assets.environments import BUILT_IN
from slipway.assets.pythons import list_interpreters, own_version
from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.base.forms import Form
from slipway.compute.http import Files, LogArgs, LogPageView, live_log, log_page
from slipway.compute.output.files import instances_of_owner
from slipway.compute.types import Instance
from slipway.environments import change, queries
from slipway.environments.checks import NewEnvironment
from slipway.environments.create import create_environment
from slipway.environments.presets import EnvironmentPresetList, presets
from slipway.environments.space import read_space
from slipway.environments.types import (
    MODES_OF,
    Build,
    Credentials,
    CustomEnvironment,
    EnvironmentPurpose,
    Source,
    SourceKind,
)
from slipway.environments.uses import list_uses
from slipway.environments.views import (
    BuiltInView,
    CustomEnvironmentDetail,
    CustomEnvironmentPage,
    CustomEnvironmentView,
    EnvironmentOptions,
    EnvironmentUseList,
    EnvironmentUseView,
    FrameworkView,
)
from slipway.iam.http import Config, Db, PageArgs, Seal, allow
from slipway.iam.types import Actor

router = APIRouter(prefix="/environments", tags=["Environments"])

Reader = Annotated[Actor, allow("asset:environment:get")]
Creator = Annotated[Actor, allow("asset:environment:create")]
Editor = Annotated[Actor, allow("asset:environment:update")]


class EnvironmentVersionForm(Form):
    """Everything of an environment but its name."""

    framework: str = "python"
    modes: list[str] = Field([], description="Left out, all that the framework offers.")
    purposes: list[EnvironmentPurpose] = [EnvironmentPurpose.TRAINING]
    description: str = ""
    tags: dict[str, str] = {}
    kind: SourceKind = SourceKind.PYTHON
    python: str = Field("", description="Version such as 3.11; left out, the platform's own.")
    requirements: str = Field("", description="requirements.txt or a lock, for pip.")
    constraints: str = ""
    index_url: str = Field("", description="Package index; left out, the machine's own.")
    on_platform: bool = Field(False, description="On top of the platform's own packages.")
    image: str = Field("", description="Container image, registry/name:tag.")
    user: str = Field("", description="Of the index or the registry.")
    password: str = Field("", description="Kept encrypted and never shown again.")

    def new(self, name: str) -> NewEnvironment:
        given = self.user or self.password
        return NewEnvironment(
            name, self.framework,
            Source(
                self.kind, self.python, self.requirements, self.constraints, self.index_url,
                self.on_platform, self.image,
            ),
            tuple(self.modes), tuple(self.purposes), self.description, self.tags,
            Credentials(self.user, self.password) if given else None,
        )  # fmt: skip


class EnvironmentForm(EnvironmentVersionForm):
    name: str


class EnvironmentPatch(Form):
    description: str | None = None
    tags: dict[str, str] | None = None
    purposes: list[EnvironmentPurpose] | None = None


@router.get("/options")
async def get_environment_options(
    config: Config, actor: Annotated[Actor, allow("asset:environment:list")]
) -> EnvironmentOptions:
    """Frameworks with their modes, Python versions found here, container engine, free space."""
    interpreters = await asyncio.to_thread(list_interpreters)
    space = await asyncio.to_thread(read_space, config)
    return EnvironmentOptions(
        frameworks=[FrameworkView(name=n, modes=list(m)) for n, m in MODES_OF.items()],
        pythons=[i.version for i in interpreters], own_python=own_version(),
        images_unavailable=await asyncio.to_thread(why_unavailable),
        built_in=[BuiltInView.of(e, own_version()) for e in BUILT_IN],
        free_bytes=space.free_bytes, min_free_bytes=space.min_free_bytes, no_space=space.reason,
    )  # fmt: skip


@router.get("/presets")
async def list_environment_presets(
    actor: Annotated[Actor, allow("asset:environment:list")],
) -> EnvironmentPresetList:
    """Inference environments as locked sets of packages, to build one from."""
    return presets()


@router.get("")
async def list_environments(
    db: Db,
    page: PageArgs,
    actor: Annotated[Actor, allow("asset:environment:list")],
    purpose: Annotated[EnvironmentPurpose | None, Query(description="Only those for it.")] = None,
) -> CustomEnvironmentPage:
    """The project's own environments, each version by itself."""
    async with db.read() as session:
        found = await queries.page_environments(
            session, actor.project_id, actor.user_id, page, purpose
        )
        builds = {r.id: await queries.find_build(session, r.build_id) for r in found.items}
        uses = {row.id: await list_uses(session, row.id) for row in found.items}
    items = [
        CustomEnvironmentView.of(
            queries.frozen(row),
            queries.frozen_build(build) if (build := builds[row.id]) else None,
            uses[row.id],
        )
        for row in found.items
    ]
    return CustomEnvironmentPage(items=items, next_cursor=found.next_cursor, total=found.total)


@router.post("", status_code=201)
async def create(
    form: EnvironmentForm, db: Db, config: Config, sealer: Seal, actor: Creator
) -> CustomEnvironmentDetail:
    made = await create_environment(
        db, config, sealer, actor, form.new(form.name), now=utc_now()
    )  # fmt: skip
    return await _detail(db, actor, made.id)


@router.post("/{environment_id}/versions", status_code=201)
async def create_version(
    environment_id: str,
    form: EnvironmentVersionForm,
    db: Db,
    config: Config,
    sealer: Seal,
    actor: Creator,
) -> CustomEnvironmentDetail:
    """The next version, under the same name. The versions before stay as they are."""
    made = await create_environment(
        db, config, sealer, actor, form.new(""), next_of=environment_id, now=utc_now()
    )
    return await _detail(db, actor, made.id)


@router.get("/{environment_id}")
async def get_environment(environment_id: str, db: Db, actor: Reader) -> CustomEnvironmentDetail:
    return await _detail(db, actor, environment_id)


@router.patch("/{environment_id}")
async def edit_environment(
    environment_id: str, form: EnvironmentPatch, db: Db, actor: Editor
) -> CustomEnvironmentDetail:
    await change.edit_environment(
        db, actor, environment_id, description=form.description, tags=form.tags,
        purposes=tuple(form.purposes) if form.purposes is not None else None, now=utc_now(),
    )  # fmt: skip
    return await _detail(db, actor, environment_id)


@router.post("/{environment_id}/rebuild")
async def rebuild_environment(
    environment_id: str, db: Db, config: Config, actor: Editor
) -> CustomEnvironmentDetail:
    """Build the same content again. What runs keeps the build it was started with."""
    await change.rebuild_environment(db, config, actor, environment_id, now=utc_now())
    return await _detail(db, actor, environment_id)


@router.post("/{environment_id}/cancel")
async def cancel_build(environment_id: str, db: Db, actor: Editor) -> CustomEnvironmentDetail:
    await change.cancel(db, actor, environment_id, now=utc_now())
    return await _detail(db, actor, environment_id)


@router.delete("/{environment_id}", status_code=204)
async def delete_environment(
    environment_id: str, db: Db, actor: Annotated[Actor, allow("asset:environment:delete")]
) -> None:
    await change.delete_environment(db, actor, environment_id, now=utc_now())


@router.get("/{environment_id}/uses")
async def list_environment_uses(environment_id: str, db: Db, actor: Reader) -> EnvironmentUseList:
    """Tasks and service replicas that run in it, then those that did."""
    async with db.read() as session:
        await queries.get_environment(session, actor.project_id, environment_id)
        found = await list_uses(session, environment_id)
    return EnvironmentUseList(items=[EnvironmentUseView.of(w) for w in found])


@router.get("/{environment_id}/logs")
async def read_build_log(
    environment_id: str, db: Db, files: Files, query: LogArgs, actor: Reader
) -> LogPageView:
    """The log of the newest build."""
    return await log_page(files, await _builders(db, actor, environment_id), query)


@router.get("/{environment_id}/logs/stream", response_class=StreamingResponse)
async def stream_build_log(
    environment_id: str, request: Request, db: Db, files: Files, actor: Reader
) -> StreamingResponse:
    """SSE of the newest build's log; ends when the build has."""
    await _load(db, actor, environment_id)

    async def instances() -> list[Instance]:
        return await _builders(db, actor, environment_id)

    async def finished() -> bool:
        environment, _ = await _load(db, actor, environment_id)
        async with db.read() as session:
            return await queries.running_build(session, environment.content_hash) is None

    return StreamingResponse(
        live_log(files, instances, finished, request, subject=environment_id),
        media_type="text/event-stream",
    )


async def _load(
    db: Database, actor: Actor, environment_id: str
) -> tuple[CustomEnvironment, Build | None]:
    async with db.read() as session:
        row = await queries.get_environment(session, actor.project_id, environment_id)
        build = await queries.find_build(session, row.build_id)
    return queries.frozen(row), queries.frozen_build(build) if build else None


async def _detail(db: Database, actor: Actor, environment_id: str) -> CustomEnvironmentDetail:
    environment, build = await _load(db, actor, environment_id)
    async with db.read() as session:
        uses = await list_uses(session, environment_id)
    return CustomEnvironmentDetail.of_all(environment, build, uses)


async def _builders(db: Database, actor: Actor, environment_id: str) -> list[Instance]:
    """Instances of the build under way, else of the one the environment has."""
    async with db.read() as session:
        row = await queries.get_environment(session, actor.project_id, environment_id)
        running = await queries.running_build(session, row.content_hash)
        return await instances_of_owner(session, running.id if running else row.build_id)
