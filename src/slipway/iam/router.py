"""HTTP of accounts and access."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, SecretStr

from slipway.base.clock import utc_now
from slipway.base.errors import Forbidden
from slipway.base.forms import Form
from slipway.iam import keys, queries, signin, users
from slipway.iam.http import CSRF_COOKIE, SESSION_COOKIE, Config, Db, PageArgs, Seal, allow, anyone
from slipway.iam.roles import Role, grants_of
from slipway.iam.types import Actor, KeyInfo, KeyKind, User

router = APIRouter(tags=["Accounts"])


class LoginForm(Form):
    name: str = Field(max_length=100)
    password: SecretStr = Field(max_length=1000)


class UserView(BaseModel):
    id: str
    name: str
    display_name: str
    is_admin: bool
    enabled: bool
    created_at: datetime
    last_login_at: datetime | None
    last_login_from: str | None

    @classmethod
    def of(cls, user: User) -> UserView:
        return cls(
            id=user.id, name=user.name, display_name=user.display_name, is_admin=user.is_admin, enabled=user.enabled,
            created_at=user.created_at, last_login_at=user.last_login_at, last_login_from=user.last_login_from,
        )  # fmt: skip


class MembershipView(BaseModel):
    id: str
    name: str
    role: Role
    actions: list[str] = Field(description="Patterns of what the role may do, such as train:*:*.")


class MeView(BaseModel):
    user: UserView
    projects: list[MembershipView]


class LoginView(MeView):
    csrf_token: str


class PasswordForm(Form):
    old_password: SecretStr
    new_password: SecretStr


class UserForm(Form):
    name: str
    password: SecretStr
    display_name: str = Field("", max_length=60)
    is_admin: bool = False


class UserPatch(Form):
    display_name: str | None = Field(None, max_length=60)
    enabled: bool | None = None
    is_admin: bool | None = None
    password: SecretStr | None = None


class UserPage(BaseModel):
    items: list[UserView]
    next_cursor: str | None
    total: int


class ProjectForm(Form):
    name: str
    description: str = ""


class ProjectView(BaseModel):
    id: str
    name: str
    description: str
    created_at: datetime


class ProjectList(BaseModel):
    items: list[ProjectView]


class MemberForm(Form):
    user: str = Field(description="User name.")
    role: Role


class MemberView(BaseModel):
    user_id: str
    user_name: str
    display_name: str
    role: Role
    created_at: datetime


class MemberList(BaseModel):
    items: list[MemberView]


class KeyForm(Form):
    kind: KeyKind = KeyKind.TOKEN
    name: str = ""
    lasts_days: float | None = Field(None, gt=0, le=3650)


class KeyPatch(Form):
    enabled: bool


class KeyView(BaseModel):
    id: str
    kind: KeyKind
    name: str
    enabled: bool = Field(description="One that is switched off is refused.")
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None

    @classmethod
    def of(cls, key: KeyInfo) -> KeyView:
        return cls(
            id=key.id, kind=key.kind, name=key.name, enabled=key.enabled, created_at=key.created_at,
            last_used_at=key.last_used_at, expires_at=key.expires_at,
        )  # fmt: skip


class NewKeyView(KeyView):
    secret: str = Field(description="Shown this once.")


class KeyList(BaseModel):
    items: list[KeyView]


@router.post("/auth/login", dependencies=[anyone("how one signs in")])
async def login(
    form: LoginForm, request: Request, response: Response, db: Db, config: Config
) -> LoginView:
    lasts = timedelta(days=config.session_days)
    done = await signin.sign_in(
        db, request.app.state.attempts, name=form.name, password=form.password.get_secret_value(),
        address=request.client.host if request.client else "", now=utc_now(), lasts=lasts,
    )  # fmt: skip
    secure = request.url.scheme == "https"
    age = int(lasts.total_seconds())
    response.set_cookie(
        SESSION_COOKIE, done.token, max_age=age, httponly=True, samesite="lax", secure=secure
    )
    response.set_cookie(CSRF_COOKIE, done.csrf, max_age=age, samesite="lax", secure=secure)
    return LoginView(
        user=UserView.of(done.user),
        projects=await _projects(db, done.user.id),
        csrf_token=done.csrf,
    )


@router.post("/auth/logout", status_code=204)
async def logout(
    request: Request, response: Response, db: Db, actor: Annotated[Actor, allow("iam:me:update")]
) -> None:
    if token := request.cookies.get(SESSION_COOKIE):
        await signin.sign_out(db, token)
    response.delete_cookie(SESSION_COOKIE)
    response.delete_cookie(CSRF_COOKIE)


@router.get("/me")
async def me(db: Db, actor: Annotated[Actor, allow("iam:me:get")]) -> MeView:
    async with db.read() as session:
        row = await queries.find_user(session, actor.user_id)
    assert row is not None
    return MeView(
        user=UserView.of(queries.frozen_user(row)), projects=await _projects(db, actor.user_id)
    )


@router.post("/me/password", status_code=204)
async def change_password(
    form: PasswordForm, db: Db, actor: Annotated[Actor, allow("iam:me:update")]
) -> None:
    await signin.change_password(
        db,
        actor.user_id,
        old=form.old_password.get_secret_value(),
        new=form.new_password.get_secret_value(),
    )


@router.get("/users")
async def list_users(
    db: Db, page: PageArgs, actor: Annotated[Actor, allow("iam:user:list")]
) -> UserPage:
    async with db.read() as session:
        found = await queries.page_users(session, page)
    return UserPage(
        items=[UserView.of(queries.frozen_user(row)) for row in found.items],
        next_cursor=found.next_cursor, total=found.total,
    )  # fmt: skip


@router.post("/users", status_code=201)
async def create_user(
    form: UserForm, db: Db, actor: Annotated[Actor, allow("iam:user:create")]
) -> UserView:
    user = await users.create_user(
        db, actor, name=form.name, password=form.password.get_secret_value(), display_name=form.display_name,
        is_admin=form.is_admin, now=utc_now(),
    )  # fmt: skip
    return UserView.of(user)


@router.patch("/users/{user_id}")
async def update_user(
    user_id: str, form: UserPatch, db: Db, actor: Annotated[Actor, allow("iam:user:update")]
) -> UserView:
    user = await users.update_user(
        db, actor, user_id, display_name=form.display_name, enabled=form.enabled, is_admin=form.is_admin,
        password=form.password.get_secret_value() if form.password else None,
    )  # fmt: skip
    return UserView.of(user)


@router.get("/projects")
async def list_projects(db: Db, actor: Annotated[Actor, allow("iam:me:get")]) -> ProjectList:
    async with db.read() as session:
        rows = await queries.list_projects(session)
        own = {m.project_id for m in await queries.list_memberships(session, actor.user_id)}
    visible = [row for row in rows if actor.is_admin or row.id in own]
    return ProjectList(
        items=[
            ProjectView(id=r.id, name=r.name, description=r.description, created_at=r.created_at)
            for r in visible
        ]
    )


@router.post("/projects", status_code=201)
async def create_project(
    form: ProjectForm, db: Db, actor: Annotated[Actor, allow("iam:project:create")]
) -> ProjectView:
    row = await users.create_project(
        db, actor, name=form.name, description=form.description, now=utc_now()
    )
    return ProjectView(
        id=row.id, name=row.name, description=row.description, created_at=row.created_at
    )


@router.get("/projects/{project_id}/members")
async def list_members(
    project_id: str, db: Db, actor: Annotated[Actor, allow("iam:member:list")]
) -> MemberList:
    _own_project(actor, project_id)
    async with db.read() as session:
        rows = await queries.list_members(session, project_id)
    return MemberList(
        items=[
            MemberView(
                user_id=u.id,
                user_name=u.name,
                display_name=u.display_name,
                role=Role(m.role),
                created_at=m.created_at,
            )
            for u, m in rows
        ]
    )


@router.put("/projects/{project_id}/members", status_code=204)
async def set_member(
    project_id: str, form: MemberForm, db: Db, actor: Annotated[Actor, allow("iam:member:update")]
) -> None:
    _own_project(actor, project_id)
    await users.set_member(
        db, actor, project_id, user_name=form.user, role=form.role, now=utc_now()
    )


@router.delete("/projects/{project_id}/members/{user_id}", status_code=204)
async def remove_member(
    project_id: str, user_id: str, db: Db, actor: Annotated[Actor, allow("iam:member:delete")]
) -> None:
    _own_project(actor, project_id)
    await users.remove_member(db, actor, project_id, user_id)


@router.get("/keys")
async def list_keys(db: Db, actor: Annotated[Actor, allow("iam:key:list")]) -> KeyList:
    return KeyList(items=[KeyView.of(key) for key in await keys.list_keys(db, actor)])


@router.post("/keys", status_code=201)
async def create_key(
    form: KeyForm, db: Db, sealer: Seal, actor: Annotated[Actor, allow("iam:key:create")]
) -> NewKeyView:
    lasts = timedelta(days=form.lasts_days) if form.lasts_days else None
    made = await keys.create_key(
        db, sealer, actor, kind=form.kind, name=form.name, lasts=lasts, now=utc_now()
    )
    return NewKeyView(**KeyView.of(made.info).model_dump(), secret=made.secret)


@router.patch("/keys/{key_id}")
async def update_key(
    key_id: str, form: KeyPatch, db: Db, actor: Annotated[Actor, allow("iam:key:update")]
) -> KeyView:
    return KeyView.of(await keys.switch_key(db, actor, key_id, enabled=form.enabled))


@router.delete("/keys/{key_id}", status_code=204)
async def delete_key(key_id: str, db: Db, actor: Annotated[Actor, allow("iam:key:delete")]) -> None:
    await keys.delete_key(db, actor, key_id)


def _own_project(actor: Actor, project_id: str) -> None:
    """The role that was checked is the one in the actor's project: the path must name the same."""
    if not actor.is_admin and actor.project_id != project_id:
        raise Forbidden("Choose that project first (X-Slipway-Project).", code="other_project")


async def _projects(db: Db, user_id: str) -> list[MembershipView]:
    async with db.read() as session:
        found = await queries.list_memberships(session, user_id)
    return [
        MembershipView(
            id=m.project_id, name=m.project_name, role=m.role, actions=list(grants_of(m.role))
        )
        for m in found
    ]
