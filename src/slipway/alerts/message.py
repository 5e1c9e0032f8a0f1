"""What a recipient reads (TRN-72): the same facts as a title and lines, as plain text and as HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any
from urllib.parse import quote

from slipway.alerts.catalogue import EventService
from slipway.alerts.types import Language, Message

_LABELS: dict[Language, dict[str, str]] = {
    Language.EN: {
        "rule": "Rule", "event": "Event", "subject": "Object", "name": "Name", "creator": "Creator",
        "tags": "Tags", "time": "Time", "region": "Region", "reason": "Reason", "state": "State",
        "open": "Open in the console", "test": "Test",
    },
    Language.ZH: {
        "rule": "规则", "event": "事件", "subject": "对象", "name": "名称", "creator": "创建者",
        "tags": "标签", "time": "时间", "region": "地域", "reason": "原因", "state": "状态",
        "open": "在控制台中查看", "test": "测试",
    },
}  # fmt: skip
_REASON_CHARS = 500


@dataclass(frozen=True, slots=True)
class Site:
    """Where people reach the console, and the name of this site."""

    url: str
    region: str

    def link(self, project_id: str | None, service: EventService, subject_id: str) -> str:
        page = service.page.replace("{id}", quote(subject_id, safe=""))
        return f"{self.url.rstrip('/')}/p/{project_id}{page}" if project_id else self.url


def message_of(
    shape: dict[str, Any],
    service: EventService,
    *,
    rule_name: str,
    creator_name: str,
    link: str,
    language: Language,
    test: bool = False,
) -> Message:
    label, data = _LABELS[language], shape["data"]
    kind = service.kind_of(shape["type"])
    words = kind.zh if kind and language == Language.ZH else kind.en if kind else shape["type"]
    name = str(data[service.fields.name])
    colon = "：" if language == Language.ZH else ": "
    prefix = f"[{label['test']}] " if test else ""
    facts = (
        ("rule", rule_name),
        ("event", f"{words} ({shape['type']})"),
        ("subject", str(data[service.fields.id])),
        ("name", name),
        ("creator", creator_name or str(data[service.fields.creator])),
        ("tags", str(data["tags"])),
        ("state", str(data["state"])),
        ("time", _time(str(shape["time"]))),
        ("region", str(shape["region"])),
        ("reason", str(data["reason"])[:_REASON_CHARS]),
    )
    lines = tuple((label[key], value) for key, value in facts if value)
    return Message(f"{prefix}{words}{colon}{name}", lines, link)


def as_text(message: Message, language: Language) -> str:
    colon = "：" if language == Language.ZH else ": "
    lines = [f"{label}{colon}{value}" for label, value in message.lines]
    return "\n".join(
        [message.title, "", *lines, "", f"{_LABELS[language]['open']}{colon}{message.link}"]
    )


def as_html(message: Message, language: Language) -> str:
    """Plain tables and inline styles: what mail programs understand."""
    rows = "".join(
        f'<tr><td style="padding:4px 16px 4px 0;color:#667085;vertical-align:top;white-space:nowrap">{escape(label)}</td>'
        f'<td style="padding:4px 0;word-break:break-word">{escape(value)}</td></tr>'
        for label, value in message.lines
    )
    return (
        f'<!doctype html><html lang="{language}"><body style="margin:0;padding:24px;background:#f5f6f8;'
        'font-family:-apple-system,Segoe UI,Roboto,PingFang SC,Microsoft YaHei,sans-serif;font-size:14px;color:#1d2433">'
        '<div style="max-width:640px;margin:0 auto;background:#fff;border:1px solid #e4e7ec;border-radius:8px;padding:24px">'
        f'<h1 style="font-size:18px;margin:0 0 16px">{escape(message.title)}</h1>'
        f'<table style="border-collapse:collapse;font-size:14px">{rows}</table>'
        f'<p style="margin:20px 0 0"><a href="{escape(message.link, quote=True)}" style="color:#2563eb">'
        f"{_LABELS[language]['open']}</a></p></div></body></html>"
    )


def _time(written: str) -> str:
    moment = datetime.fromisoformat(written)
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
