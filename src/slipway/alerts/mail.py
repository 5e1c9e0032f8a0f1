"""E-mail through the platform's SMTP server: plain text and HTML in one message."""

from __future__ import annotations

import asyncio
import re
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from slipway.alerts.message import as_html, as_text
from slipway.alerts.types import Language, MailSecurity, MailServer, Message, Sent
from slipway.base.errors import Invalid

_TIMEOUT_S = 20.0
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?"
)


def checked_address(address: str, *, field: str) -> str:
    if not _ADDRESS.fullmatch(address):
        raise Invalid(f"{address!r} is not an e-mail address such as ann@example.com.", field=field)
    return address


def mail_of(
    message: Message, language: Language, *, sender: str, to: tuple[str, ...], delivery_id: str
) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = " ".join(message.title.split())
    mail["From"], mail["To"], mail["Date"] = sender, ", ".join(to), formatdate()
    mail["Message-ID"] = make_msgid(delivery_id, domain=sender.rpartition("@")[2])
    mail["Auto-Submitted"], mail["X-Slipway-Delivery"] = "auto-generated", delivery_id
    mail.set_content(as_text(message, language))
    mail.add_alternative(as_html(message, language), subtype="html")
    return mail


async def send_mail(server: MailServer, mail: EmailMessage) -> Sent:
    request = f"SMTP {server.host}:{server.port} to {mail['To']}"
    try:
        refused = await asyncio.to_thread(_send, server, mail)
    except smtplib.SMTPRecipientsRefused as error:
        return Sent(
            False, error=f"The mail server refuses {_list(error.recipients)}.", request=request
        )
    except smtplib.SMTPAuthenticationError as error:
        return Sent(
            False,
            error=f"The mail server refuses the user and password ({error.smtp_code}).",
            request=request,
        )
    except (smtplib.SMTPException, OSError) as error:
        return Sent(False, error=f"The mail server could not be used: {error}.", request=request)
    response = f"Accepted; refused for {_list(refused)}" if refused else "Accepted"
    return Sent(True, request=request, response=response)


def _send(server: MailServer, mail: EmailMessage) -> dict[str, tuple[int, bytes]]:
    secure = ssl.create_default_context()
    if server.security == MailSecurity.TLS:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=_TIMEOUT_S, context=secure
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_S)
    with smtp:
        if server.security == MailSecurity.STARTTLS:
            smtp.starttls(context=secure)
        if server.user:
            smtp.login(server.user, server.password)
        return smtp.send_message(mail)


def _list(recipients: dict[str, tuple[int, bytes]]) -> str:
    return ", ".join(sorted(recipients))
