"""The platform's mail server: set by an administrator, its password sealed and never shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from slipway.alerts import queries_deliveries as queries
from slipway.alerts.context import AlertContext
from slipway.alerts.mail import checked_address, mail_of, send_mail
from slipway.alerts.tables import MailServerRow
from slipway.alerts.types import Language, MailSecurity, MailServer, Message, Sent
from slipway.base.crypto import Sealer
from slipway.base.errors import Conflict, Invalid
from slipway.base.events import record
from slipway.base.ids import new_id
from slipway.iam.types import Actor


@dataclass(frozen=True, slots=True)
class MailServerSettings:
    """`password` None keeps the one that is stored; empty means none."""

    host: str
    port: int
    security: MailSecurity
    user: str
    password: str | None
    sender: str


def opened(row: MailServerRow, sealer: Sealer) -> MailServer:
    password = sealer.unseal(row.password_sealed) if row.password_sealed else ""
    return MailServer(
        row.host, row.port, MailSecurity(row.security), row.user, password, row.sender
    )


async def set_mail_server(
    ctx: AlertContext, actor: Actor, wanted: MailServerSettings, now: datetime
) -> MailServerRow:
    checked_address(wanted.sender, field="sender")
    if not wanted.host or any(c.isspace() for c in wanted.host):
        raise Invalid("Give the name or address of the mail server, without spaces.", field="host")
    async with ctx.db.begin() as session:
        before = await queries.find_mail_server(session)
        sealed = before.password_sealed if before is not None else None
        if wanted.password is not None:
            sealed = ctx.sealer.seal(wanted.password) if wanted.password else None
        if wanted.password is None and before is not None and before.host != wanted.host:
            raise Invalid(
                "The password is for another server: give it again with the new host.",
                field="password",
            )
        await queries.put_mail_server(
            session,
            {
                "host": wanted.host, "port": wanted.port, "security": wanted.security, "user": wanted.user,
                "password_sealed": sealed, "sender": wanted.sender, "updated_at": now,
            },
        )  # fmt: skip
        await record(
            session, "platform:mailServerSet", subject=("mail_server", "main"), project_id=None,
            actor_id=actor.user_id, now=now, host=wanted.host, port=wanted.port, security=wanted.security,
        )  # fmt: skip
    async with ctx.db.read() as session:
        row = await queries.find_mail_server(session)
    assert row is not None
    return row


async def remove_mail_server(ctx: AlertContext, actor: Actor) -> None:
    async with ctx.db.begin() as session:
        await queries.delete_mail_server(session)
        await record(
            session, "platform:mailServerRemoved", subject=("mail_server", "main"), project_id=None,
            actor_id=actor.user_id,
        )  # fmt: skip


async def test_mail_server(ctx: AlertContext, to: str, language: Language) -> Sent:
    checked_address(to, field="to")
    async with ctx.db.read() as session:
        row = await queries.find_mail_server(session)
    if row is None:
        raise Conflict("Save the mail server first.", code="no_mail_server")
    server = opened(row, ctx.sealer)
    title = "Slipway: test mail" if language == Language.EN else "Slipway：测试邮件"
    line = (
        ("Server", f"{server.host}:{server.port}")
        if language == Language.EN
        else ("服务器", f"{server.host}:{server.port}")
    )
    message = Message(title, (line,), ctx.site.url)
    mail = mail_of(message, language, sender=server.sender, to=(to,), delivery_id=new_id("mail"))
    return await send_mail(server, mail)
