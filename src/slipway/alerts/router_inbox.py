"""HTTP of a user's inbox and of the platform's mail server."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from slipway.alerts import mail_server
from slipway.alerts import queries_deliveries as queries
from slipway.alerts.http import Ctx
from slipway.alerts.mail_server import MailServerSettings
from slipway.alerts.views import (
    InboxMessageView,
    InboxPage,
    MailServerForm,
    MailServerView,
    ReadForm,
    TestMailForm,
    TestMailResult,
    UnreadView,
)
from slipway.base.clock import utc_now
from slipway.base.errors import NotFound
from slipway.iam.http import PageArgs, allow
from slipway.iam.types import Actor

inbox_router = APIRouter(prefix="/inbox", tags=["Inbox"])
mail_router = APIRouter(prefix="/mail-server", tags=["Mail server"])

Owner = Annotated[Actor, allow("iam:inbox:list")]
Changer = Annotated[Actor, allow("iam:inbox:update")]


@inbox_router.get("")
async def list_messages(ctx: Ctx, page: PageArgs, actor: Owner) -> InboxPage:
    """Your messages of all projects. `state=unread` leaves out those that are read."""
    async with ctx.db.read() as session:
        found = await queries.page_inbox(session, actor.user_id, page)
        unread = await queries.count_unread(session, actor.user_id)
    return InboxPage(
        items=[InboxMessageView.of(queries.frozen_message(row)) for row in found.items],
        next_cursor=found.next_cursor, total=found.total, unread=unread,
    )  # fmt: skip


@inbox_router.post("/read")
async def read_all(ctx: Ctx, actor: Changer) -> UnreadView:
    async with ctx.db.begin() as session:
        await queries.mark_read(session, actor.user_id, utc_now(), None)
    return UnreadView(unread=0)


@inbox_router.patch("/{message_id}")
async def mark_message(message_id: str, form: ReadForm, ctx: Ctx, actor: Changer) -> UnreadView:
    async with ctx.db.begin() as session:
        moment = utc_now() if form.read else None
        if not await queries.mark_read(session, actor.user_id, moment, message_id):
            raise NotFound(f"There is no message {message_id} in your inbox.")
        return UnreadView(unread=await queries.count_unread(session, actor.user_id))


@mail_router.get("")
async def get_mail_server(
    ctx: Ctx, actor: Annotated[Actor, allow("platform:mail:get")]
) -> MailServerView:
    async with ctx.db.read() as session:
        return MailServerView.of(await queries.find_mail_server(session))


@mail_router.put("")
async def set_mail_server(
    form: MailServerForm, ctx: Ctx, actor: Annotated[Actor, allow("platform:mail:update")]
) -> MailServerView:
    wanted = MailServerSettings(
        host=form.host.strip(), port=form.port, security=form.security, user=form.user,
        password=form.password.get_secret_value() if form.password is not None else None,
        sender=form.sender.strip(),
    )  # fmt: skip
    return MailServerView.of(await mail_server.set_mail_server(ctx, actor, wanted, utc_now()))


@mail_router.delete("", status_code=204)
async def remove_mail_server(
    ctx: Ctx, actor: Annotated[Actor, allow("platform:mail:update")]
) -> None:
    await mail_server.remove_mail_server(ctx, actor)


@mail_router.post("/test")
async def test_mail_server(
    form: TestMailForm, ctx: Ctx, actor: Annotated[Actor, allow("platform:mail:update")]
) -> TestMailResult:
    """Sends one mail now with the saved settings; the answer says how it went."""
    sent = await mail_server.test_mail_server(ctx, form.to, form.language)
    return TestMailResult(ok=sent.ok, error=sent.error, response=sent.response)
