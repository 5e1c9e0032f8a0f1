"""Real receivers: a web server that keeps what is posted to it, and an SMTP server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

MAIL_USER, MAIL_PASSWORD = "slipway", "mail secret"


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class WebReceiver:
    """Answers with the statuses it was given, one a request, then 200."""

    port: int = 0
    got: list[Received] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    stalled: bool = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/very-secret-path"


@contextlib.asynccontextmanager
async def web_receiver() -> AsyncIterator[WebReceiver]:
    receiver = WebReceiver()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        receiver.got.append(Received(first.split(" ")[1], headers, body))
        if receiver.stalled:
            await reader.read()
        else:
            status = receiver.answers.pop(0) if receiver.answers else 200
            to = f"Location: {receiver.url}\r\n" if 300 <= status < 400 else ""
            writer.write(f"HTTP/1.1 {status} X\r\n{to}Content-Length: 2\r\n\r\nok".encode())
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


@dataclass
class MailReceiver:
    port: int = 0
    got: list[EmailMessage] = field(default_factory=list)
    refuse: bool = False

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.refuse:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.got.append(mail)  # type: ignore[arg-type]
        return "250 OK"


@contextlib.asynccontextmanager
async def mail_receiver() -> AsyncIterator[MailReceiver]:
    receiver = MailReceiver()

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        fits = (data.login.decode(), data.password.decode()) == (MAIL_USER, MAIL_PASSWORD)
        return AuthResult(success=fits, handled=fits)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(
            receiver, authenticator=check, auth_require_tls=False, loop=loop, hostname="mail.test"
        ),
        "127.0.0.1",
        0,
    )
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
