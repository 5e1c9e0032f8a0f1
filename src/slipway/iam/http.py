"""What routers use: the database, the signed-in actor, and the permission an endpoint declares.

    async def create(body: TaskForm, actor: Annotated[Actor, allow("train:task:create")], db: Db): ...

A test walks every route of the application and fails where none is declared.
"""

from __future__ import annotations

import base64
import contextlib
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from slipway.base.clock import utc_now
from slipway.base.crypto import Sealer, fingerprint
from slipway.base.database import Database
from slipway.base.errors import Forbidden, Invalid, NotFound, SignedOut
from slipway.base.paging import MAX_LIMIT, PageQuery
from slipway.base.settings import Settings
from slipway.iam import queries
from slipway.iam.roles import Role
from slipway.iam.signin import csrf_matches
from slipway.iam.tables import UserRow
from slipway.iam.types import Actor

SESSION_COOKIE = "slipway_session"
CSRF_COOKIE = "slipway_csrf"
_SAFE = {"GET", "HEAD", "OPTIONS"}


def get_db(request: HTTPConnection) -> Database:
    db: Database = request.app.state.db
    return db


def get_settings(request: HTTPConnection) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def get_sealer(request: HTTPConnection) -> Sealer:
    sealer: Sealer = request.app.state.sealer
    return sealer


Db = Annotated[Database, Depends(get_db)]
Config = Annotated[Settings, Depends(get_settings)]
Seal = Annotated[Sealer, Depends(get_sealer)]


class Allow:
    """A dependency that lets in an actor who may do `action`, in the project asked for.

    Also for WebSockets."""

    def __init__(self, action: str) -> None:
        self.action = action

    async def __call__(self, request: HTTPConnection) -> Actor:
        actor = await actor_in(request, asked_project(request))
        actor.require(self.action)
        return actor


class Anyone:
    """Marks an endpoint that needs no sign-in; says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def __call__(self) -> None:
        return None


def allow(action: str) -> Any:
    return Depends(Allow(action))


def anyone(reason: str) -> Any:
    return Depends(Anyone(reason))


def page_query(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 20,
    cursor: str | None = None,
    search: Annotated[
        str | None, Query(max_length=400, description="Words separated by |; any may match.")
    ] = None,
    state: Annotated[list[str] | None, Query()] = None,
    tag: Annotated[list[str] | None, Query(description="key:value; all must match.")] = None,
    order: Annotated[
        str, Query(description="A field, with - in front for descending.")
    ] = "-created_at",
    mine: bool = False,
) -> PageQuery:
    tags = []
    for item in tag or []:
        key, colon, value = item.partition(":")
        if not colon or not key:
            raise Invalid(f"A tag filter has the form key:value; got {item!r}.", field="tag")
        tags.append((key, value))
    return PageQuery(limit, cursor, search, tuple(state or ()), tuple(tags), order, mine)


PageArgs = Annotated[PageQuery, Depends(page_query)]


def asked_project(request: HTTPConnection) -> str | None:
    return request.headers.get("x-slipway-project") or request.query_params.get("project")


def sent_secret(request: HTTPConnection) -> str | None:
    """A token of the Authorization header: Bearer, or the password of Basic (for clients that have only that)."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    match scheme.lower():
        case "bearer":
            return given.strip() or None
        case "basic":
            with contextlib.suppress(ValueError):
                return base64.b64decode(given).decode().partition(":")[2] or None
    return None


async def actor_in(
    request: HTTPConnection, project_id: str | None, *, checks_csrf: bool = True
) -> Actor:
    """The signed-in user acting in the project; in the user's first where it is None.

    `checks_csrf=False` is for whoever makes sure in another way that a write comes from our page.
    """
    db = get_db(request)
    now = utc_now()
    async with db.peek() as session:
        user, stale_key = await _user(session, request, now, checks_csrf)
        actor = await _in_project(session, user, project_id)
    if stale_key is not None:
        async with db.begin() as session:
            await queries.touch_key(session, stale_key, now)
    return actor


async def _in_project(session: AsyncSession, user: UserRow, project_id: str | None) -> Actor:
    memberships = {m.project_id: m for m in await queries.list_memberships(session, user.id)}
    if project_id and project_id not in memberships:
        if not user.is_admin or await queries.find_project(session, project_id) is None:
            raise NotFound(
                f"There is no project {project_id}, or you are not a member.", code="no_project"
            )
        return Actor(user.id, user.name, True, project_id, Role.ADMIN)
    if not memberships:
        return Actor(user.id, user.name, user.is_admin, "", Role.VIEWER)
    chosen = memberships[project_id] if project_id else next(iter(memberships.values()))
    return Actor(user.id, user.name, user.is_admin, chosen.project_id, chosen.role)


async def _user(
    session: AsyncSession, request: HTTPConnection, now: datetime, checks_csrf: bool
) -> tuple[UserRow, str | None]:
    """The user, and the token to mark as used (at most once a minute: reads stay reads)."""
    if secret := sent_secret(request):
        found = await queries.find_key_by_hash(session, fingerprint(secret), now)
        if found is None:
            raise SignedOut("The token is unknown, expired or deleted.", code="bad_token")
        key, user = found
        stale = key.last_used_at is None or (now - key.last_used_at).total_seconds() > 60
        return user, key.id if stale else None
    cookie = request.cookies.get(SESSION_COOKIE)
    if not cookie:
        raise SignedOut("Sign in first, or send a token as 'Authorization: Bearer ...'.")
    signed_in = await queries.find_session(session, fingerprint(cookie), now)
    if signed_in is None:
        raise SignedOut("Your sign-in has ended. Sign in again.", code="session_ended")
    row, user = signed_in
    if request.scope["type"] == "websocket":
        _check_origin(request)
        return user, None
    writes = checks_csrf and request.scope["method"] not in _SAFE
    if writes and not csrf_matches(row, request.headers.get("x-csrf-token")):
        raise Forbidden(
            "The X-CSRF-Token header is missing or wrong. Reload the page.", code="csrf"
        )
    return user, None


def _check_origin(request: HTTPConnection) -> None:
    """A page of another site may open a WebSocket with our cookie, and cannot send a header: the
    browser's own word for where it comes from takes the place of the CSRF token."""
    origin = urlsplit(request.headers.get("origin", "")).netloc
    public = urlsplit(get_settings(request).public_url or "").netloc
    if not origin or origin not in (request.headers.get("host"), public):
        raise Forbidden("This connection comes from another site.", code="csrf")
