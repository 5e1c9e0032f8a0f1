"""HTTP of Git repositories."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from slipway.base.clock import utc_now
from slipway.base.forms import Form
from slipway.iam.http import Config, Db, PageArgs, Seal, allow
from slipway.iam.types import Actor
from slipway.repositories import queries
from slipway.repositories.change import (
    NewRepository,
    RepositoryChange,
    create_repository,
    delete_repository,
    edit_repository,
)
from slipway.repositories.probe import probe_repository
from slipway.repositories.types import Credentials, Repository

router = APIRouter(prefix="/repositories", tags=["Repositories"])


class CredentialsForm(Form):
    """Kept encrypted and never shown again."""

    user: str = Field("", description="Of https; left out, a token alone is enough.")
    password: str = Field("", description="Password or access token, for https.")
    ssh_key: str = Field("", description="Private key, for SSH.")

    def given(self) -> Credentials:
        return Credentials(self.user, self.password, self.ssh_key)


class RepositoryForm(Form):
    name: str
    url: str = Field(description="https://... or git@host:path.")
    ref: str = Field("", description="Branch, tag or commit; left out, the default branch.")
    description: str = ""
    tags: dict[str, str] = {}
    credentials: CredentialsForm = CredentialsForm()


class RepositoryPatch(Form):
    url: str | None = Field(None, description="A new address forgets the credentials.")
    ref: str | None = None
    description: str | None = None
    tags: dict[str, str] | None = None
    credentials: CredentialsForm | None = None


class RepositoryProbeView(BaseModel):
    time: datetime
    ok: bool
    commit: str
    reason: str = Field(description="What Git said, where it refused.")


class RepositoryView(BaseModel):
    id: str
    name: str
    description: str
    tags: dict[str, str]
    url: str
    ref: str
    credential: str = Field(description="none, password or ssh_key.")
    user: str
    probe: RepositoryProbeView | None
    creator_id: str
    creator: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, r: Repository) -> RepositoryView:
        probe = r.probe and RepositoryProbeView(
            time=r.probe.time, ok=r.probe.ok, commit=r.probe.commit, reason=r.probe.reason
        )
        return cls(
            id=r.id, name=r.name, description=r.description, tags=r.tags, url=r.url, ref=r.ref,
            credential=r.credential, user=r.user, probe=probe, creator_id=r.created_by,
            creator=r.creator_name, created_at=r.created_at, updated_at=r.updated_at,
        )  # fmt: skip


class RepositoryPage(BaseModel):
    items: list[RepositoryView]
    next_cursor: str | None
    total: int


@router.get("")
async def list_repositories(
    db: Db, page: PageArgs, actor: Annotated[Actor, allow("asset:repository:list")]
) -> RepositoryPage:
    async with db.read() as session:
        found = await queries.page_repositories(session, actor.project_id, actor.user_id, page)
    items = [RepositoryView.of(queries.frozen(row)) for row in found.items]
    return RepositoryPage(items=items, next_cursor=found.next_cursor, total=found.total)


@router.post("", status_code=201)
async def create(
    form: RepositoryForm, db: Db, config: Config, sealer: Seal,
    actor: Annotated[Actor, allow("asset:repository:create")],
) -> RepositoryView:  # fmt: skip
    new = NewRepository(
        form.name, form.url, form.ref, form.description, form.tags, form.credentials.given()
    )
    made = await create_repository(db, config, sealer, actor, new, now=utc_now())
    return RepositoryView.of(made)


@router.get("/{repository_id}")
async def get_repository(
    repository_id: str, db: Db, actor: Annotated[Actor, allow("asset:repository:get")]
) -> RepositoryView:
    async with db.read() as session:
        row = await queries.get_repository(session, actor.project_id, repository_id)
    return RepositoryView.of(queries.frozen(row))


@router.patch("/{repository_id}")
async def edit(
    repository_id: str, form: RepositoryPatch, db: Db, config: Config, sealer: Seal,
    actor: Annotated[Actor, allow("asset:repository:update")],
) -> RepositoryView:  # fmt: skip
    credentials = form.credentials.given() if form.credentials is not None else None
    change = RepositoryChange(form.description, form.tags, form.url, form.ref, credentials)
    found = await edit_repository(db, config, sealer, actor, repository_id, change, now=utc_now())
    return RepositoryView.of(found)


@router.post("/{repository_id}/test")
async def test_connection(
    repository_id: str, db: Db, config: Config, sealer: Seal,
    actor: Annotated[Actor, allow("asset:repository:update")],
) -> RepositoryView:  # fmt: skip
    """Ask the server for the branch's commit. `probe` says what was found."""
    found = await probe_repository(db, config, sealer, actor, repository_id, now=utc_now())
    return RepositoryView.of(found)


@router.delete("/{repository_id}", status_code=204)
async def delete(
    repository_id: str, db: Db, actor: Annotated[Actor, allow("asset:repository:delete")]
) -> None:
    await delete_repository(db, actor, repository_id, now=utc_now())
