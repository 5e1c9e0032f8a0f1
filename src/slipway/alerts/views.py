"""What requests carry and answers show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, SecretStr

from slipway.alerts.catalogue import Catalogue, EventService, sample_of
from slipway.alerts.errors import PatternFault
from slipway.alerts.form import RuleForm, form_of
from slipway.alerts.pattern import parse_pattern
from slipway.alerts.resend import why_not_again
from slipway.alerts.rules import RuleWish
from slipway.alerts.tables import MailServerRow
from slipway.alerts.targets import TargetWish, in_use
from slipway.alerts.types import (
    Delivery,
    DeliveryState,
    InboxMessage,
    Language,
    MailSecurity,
    Recipients,
    Rule,
    RuleMode,
    Target,
    TargetKind,
)
from slipway.base.forms import Form


class ConditionForm(Form):
    """Empty lists set no condition. `tags` are alternatives; the tags of one must all be there."""

    service: str
    types: list[str] = Field([], description="Event names, such as taskCompleted.")
    subjects: list[str] = Field(
        [], max_length=200, description="Ids; empty means all, also later ones."
    )
    creator: str = Field("", max_length=100)
    tags: list[list[str]] = Field(
        [], max_length=50, description='Such as [["team:vision", "stage:test"]].'
    )

    def plain(self) -> RuleForm:
        return RuleForm(
            self.service,
            tuple(self.types),
            tuple(self.subjects),
            self.creator,
            tuple(tuple(group) for group in self.tags),
        )

    @classmethod
    def of(cls, form: RuleForm) -> ConditionForm:
        return cls(
            service=form.service, types=list(form.types), subjects=list(form.subjects),
            creator=form.creator, tags=[list(group) for group in form.tags],
        )  # fmt: skip


class AlertRuleForm(Form):
    name: str
    description: str = ""
    enabled: bool = True
    targets: list[str] = Field(max_length=50)
    form: ConditionForm | None = Field(
        None, description="The condition as a form; or give `pattern`."
    )
    pattern: str | None = Field(None, description="The condition in the matching language.")

    def wish(self) -> RuleWish:
        return RuleWish(
            self.name, self.description, self.enabled, tuple(self.targets),
            self.form.plain() if self.form else None, self.pattern,
        )  # fmt: skip


class AlertRuleView(BaseModel):
    id: str
    name: str
    description: str
    enabled: bool
    mode: RuleMode
    service: str
    pattern: str
    form: ConditionForm | None
    targets: list[str]
    target_names: list[str]
    own: bool = Field(description="A notice that you made for yourself.")
    creator: str
    created_at: datetime
    updated_at: datetime
    blocked: dict[str, str | None]


class AlertRulePage(BaseModel):
    items: list[AlertRuleView]
    next_cursor: str | None
    total: int


class TestForm(Form):
    """A condition, and what to try it on."""

    form: ConditionForm | None = None
    pattern: str | None = None
    sample: dict[str, Any] | None = Field(
        None, description="An event; left out, the service's sample."
    )
    recent: int = Field(20, ge=0, le=200, description="How many of the newest real events to try.")


class FaultView(BaseModel):
    message: str
    line: int
    column: int


class TriedEvent(BaseModel):
    event: dict[str, Any]
    matches: bool


class TestResult(BaseModel):
    fault: FaultView | None
    pattern: str | None
    form: ConditionForm | None
    service: str | None
    sample: TriedEvent | None
    recent: list[TriedEvent]


class EventKindView(BaseModel):
    name: str
    type: str
    en: str
    zh: str


class EventServiceView(BaseModel):
    key: str
    source: str
    en: str
    zh: str
    subject_kind: str
    platform: bool
    fields: dict[str, str] = Field(description="The keys of data for id, name and creator.")
    events: list[EventKindView]
    sample: dict[str, Any]


class EventServiceList(BaseModel):
    items: list[EventServiceView]


class AlertTargetForm(Form):
    name: str
    kind: TargetKind
    language: Language = Language.EN
    url: str | None = Field(None, description="Of a webhook; left out in a change, it stays.")
    addresses: list[str] = Field([], max_length=50, description="E-mail addresses.")
    users: list[str] = Field([], max_length=200, description="User ids, for in-app messages.")
    members: bool = Field(False, description="In-app messages for all members of the project.")
    creator: bool = Field(False, description="In-app messages for the creator of the object.")

    def wish(self) -> TargetWish:
        return TargetWish(
            self.name, self.kind, self.language, self.url, tuple(self.addresses),
            Recipients(tuple(self.users), self.members, self.creator),
        )  # fmt: skip


class AlertTargetView(BaseModel):
    id: str
    name: str
    kind: TargetKind
    language: Language
    shown: str
    addresses: list[str]
    users: list[str]
    members: bool
    creator: bool
    own: bool
    failures: int
    resting_until: datetime | None = Field(
        description="It failed often in a row and is left alone."
    )
    last_error: str
    created_by: str
    created_at: datetime
    updated_at: datetime
    blocked: dict[str, str | None]


class NewAlertTargetView(AlertTargetView):
    secret: str | None = Field(description="Signs a webhook's messages. Shown this once.")


class AlertTargetPage(BaseModel):
    items: list[AlertTargetView]
    next_cursor: str | None
    total: int


class TryView(BaseModel):
    number: int
    time: datetime
    ok: bool
    error: str
    request: str
    response: str
    duration_ms: int


class MessageView(BaseModel):
    title: str
    lines: list[tuple[str, str]]
    link: str


class DeliveryView(BaseModel):
    id: str
    state: DeliveryState
    test: bool
    rule_id: str
    rule_name: str
    target_id: str
    target_name: str
    target_kind: TargetKind
    event_type: str
    subject_id: str
    subject_name: str
    attempts: int
    next_at: datetime | None
    last_error: str
    created_at: datetime
    delivered_at: datetime | None
    message: MessageView
    event: dict[str, Any]
    tries: list[TryView]
    blocked: dict[str, str | None]


class DeliveryPage(BaseModel):
    items: list[DeliveryView]
    next_cursor: str | None
    total: int


class NoticeForm(Form):
    service: str = "training"
    subject: str
    email: str = Field("", max_length=320)
    language: Language = Language.EN


class NoticeView(BaseModel):
    on: bool
    email: str
    since: datetime | None


class InboxMessageView(BaseModel):
    id: str
    project_id: str
    title: str
    lines: list[tuple[str, str]]
    link: str
    event_type: str
    created_at: datetime
    read_at: datetime | None

    @classmethod
    def of(cls, message: InboxMessage) -> InboxMessageView:
        return cls(
            id=message.delivery_id, project_id=message.project_id, title=message.title, lines=list(message.lines),
            link=message.link, event_type=message.event_type, created_at=message.created_at, read_at=message.read_at,
        )  # fmt: skip


class InboxPage(BaseModel):
    items: list[InboxMessageView]
    next_cursor: str | None
    total: int
    unread: int


class ReadForm(Form):
    read: bool = True


class UnreadView(BaseModel):
    unread: int


class MailServerForm(Form):
    host: str = Field(max_length=255)
    port: int = Field(587, ge=1, le=65535)
    security: MailSecurity = MailSecurity.STARTTLS
    user: str = Field("", max_length=320)
    password: SecretStr | None = Field(
        None, description="Left out, the stored one stays; empty: none."
    )
    sender: str = Field(max_length=320, description="The address that mails come from.")


class MailServerView(BaseModel):
    """`set` is false where there is none yet."""

    set: bool
    host: str = ""
    port: int = 587
    security: MailSecurity = MailSecurity.STARTTLS
    user: str = ""
    has_password: bool = False
    sender: str = ""
    updated_at: datetime | None = None

    @classmethod
    def of(cls, row: MailServerRow | None) -> MailServerView:
        if row is None:
            return cls(set=False)
        return cls(
            set=True, host=row.host, port=row.port, security=MailSecurity(row.security), user=row.user,
            has_password=row.password_sealed is not None, sender=row.sender, updated_at=row.updated_at,
        )  # fmt: skip


class TestMailForm(Form):
    to: str = Field(max_length=320)
    language: Language = Language.EN


class TestMailResult(BaseModel):
    ok: bool
    error: str
    response: str


def rule_view(rule: Rule, catalogue: Catalogue, target_names: Mapping[str, str]) -> AlertRuleView:
    try:
        form = form_of(parse_pattern(rule.pattern, catalogue))
    except PatternFault:
        form = None
    notice = "This notice belongs to one object; switch it on that object's page."
    return AlertRuleView(
        id=rule.id, name=rule.name, description=rule.description, enabled=rule.enabled, mode=rule.mode,
        service=form.service if form else "", pattern=rule.pattern,
        form=ConditionForm.of(form) if form else None, targets=list(rule.target_ids),
        target_names=[target_names.get(target_id, "") for target_id in rule.target_ids],
        own=bool(rule.owner_id), creator=rule.creator_name, created_at=rule.created_at,
        updated_at=rule.updated_at, blocked={"edit": notice if rule.owner_id else None, "delete": None},
    )  # fmt: skip


def service_view(service: EventService, region: str, now: datetime) -> EventServiceView:
    return EventServiceView(
        key=service.key, source=service.source, en=service.en, zh=service.zh,
        subject_kind=service.subject_kind, platform=service.platform,
        fields={"id": service.fields.id, "name": service.fields.name, "creator": service.fields.creator},
        events=[
            EventKindView(name=k.name, type=service.type_of(k.name), en=k.en, zh=k.zh)
            for k in service.events
        ],
        sample=sample_of(service, region, now),
    )  # fmt: skip


def target_view(target: Target, rules: Sequence[str], now: datetime) -> AlertTargetView:
    resting = target.open_until if target.open_until and target.open_until > now else None
    return AlertTargetView(
        id=target.id, name=target.name, kind=target.kind, language=target.language, shown=target.shown,
        addresses=list(target.addresses), users=list(target.recipients.users),
        members=target.recipients.members, creator=target.recipients.creator, own=bool(target.owner_id),
        failures=target.failures, resting_until=resting, last_error=target.last_error,
        created_by=target.creator_name, created_at=target.created_at, updated_at=target.updated_at,
        blocked={"delete": in_use(list(rules)) if rules else None},
    )  # fmt: skip


def delivery_view(delivery: Delivery) -> DeliveryView:
    return DeliveryView(
        id=delivery.id, state=delivery.state, test=delivery.test, rule_id=delivery.rule_id,
        rule_name=delivery.rule_name, target_id=delivery.target_id, target_name=delivery.target_name,
        target_kind=delivery.target_kind, event_type=delivery.event_type, subject_id=delivery.subject_id,
        subject_name=delivery.subject_name, attempts=delivery.attempts, next_at=delivery.next_at,
        last_error=delivery.last_error, created_at=delivery.created_at, delivered_at=delivery.delivered_at,
        message=MessageView(
            title=delivery.message.title, lines=list(delivery.message.lines), link=delivery.message.link
        ),
        event=delivery.event, tries=[TryView(**one) for one in delivery.tries],
        blocked={"resend": why_not_again(delivery)},
    )  # fmt: skip
