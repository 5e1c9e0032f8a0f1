"""What a service wants of its calls: rules, audit, retries, fallbacks, a mirror."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.errors import Invalid
from slipway.base.forms import Form
from slipway.iam.types import Actor
from slipway.serving import parameter_rules, queries
from slipway.serving.address import checked_url
from slipway.serving.events import tell_of_service, touch_service
from slipway.serving.tables import ServiceRow, ServiceVersionRow
from slipway.serving.tables_calls import CallPolicyRow, ProjectAuditRow

MAX_WORDS, MAX_WORD_CHARS = 5000, 200
MAX_FALLBACKS = 5


class ParameterForm(Form):
    """What a model says of one parameter; what is left out is as the platform has it."""

    name: str = Field(min_length=1, max_length=100)
    type: Literal["number", "integer", "string", "strings", "boolean", "format", "any"] | None = (
        None
    )
    min: float | None = None
    max: float | None = None
    min_excluded: bool | None = None
    max_excluded: bool | None = None
    values: list[str] | None = Field(None, max_length=100)
    max_length: int | None = Field(None, ge=1)
    required: bool | None = None
    default: str | int | float | bool | None = None
    supported: bool | None = Field(None, description="false: a call that sends it is refused.")
    description: str | None = Field(None, max_length=500)


class FunctionRulesForm(Form):
    """Rules of one function. The switches are the chat's; `size_order` is the pictures'."""

    parameters: list[ParameterForm] = Field([], max_length=100)
    roles: list[str] | None = Field(None, max_length=20)
    strict_turns: bool = Field(True, description="User and assistant take turns.")
    vision: bool = Field(False, description="Messages may hold pictures.")
    tools: bool = Field(True, description="Messages may call tools and answer for them.")
    image_hosts: list[str] = Field([], description="Where pictures given by address may be.")
    size_order: Literal["width x height", "height x width"] = "width x height"


class AuditHookForm(Form):
    url: str = Field(description="Gets {kind, text} by POST and answers {pass: true or false}.")
    secret: str | None = Field(
        None, description="Sent as the bearer; left out, the one that is kept stays."
    )
    timeout_s: float = Field(2.0, ge=0.1, le=30)


class AuditForm(Form):
    """A look at questions, or at questions and answers."""

    mode: Literal["off", "question", "both"] = "off"
    words: list[str] = Field([], max_length=MAX_WORDS)
    hook: AuditHookForm | None = None
    plugin: str = Field(
        "", pattern=r"^[a-z0-9_]{0,60}$", description="A file audit/<name>.py below the home."
    )
    on_failure: Literal["refuse", "pass"] = "refuse"
    window_chars: int = Field(200, ge=20, le=20_000, description="Of streamed answers.")
    message: str = Field("", max_length=500, description="What a caller is told.")


class MirrorForm(Form):
    version_id: str
    percent: float = Field(ge=0, le=100)


class CallPolicyForm(Form):
    """Replaces what was said before, as a whole."""

    rules: dict[str, FunctionRulesForm] | None = Field(
        None, description="By function; left out, only the model server judges calls."
    )
    audit: AuditForm | None = Field(None, description="Left out, the project's.")
    retries: int | None = Field(
        None, ge=0, le=5, description="Further attempts; left out, one, on another replica."
    )
    fallbacks: list[str] = Field([], max_length=MAX_FALLBACKS, description="Services, in order.")
    mirror: MirrorForm | None = None
    prefix_affinity: bool = Field(
        False, description="Prompts with the same beginning go to the same replica."
    )


async def read_policy(session: AsyncSession, service_id: str) -> CallPolicyForm:
    """As it was set, without secrets."""
    row = await session.get(CallPolicyRow, service_id)
    return CallPolicyForm.model_validate(row.policy) if row is not None else CallPolicyForm()


async def set_policy(
    db: Database,
    sealer: Sealer,
    actor: Actor,
    service_id: str,
    form: CallPolicyForm,
    *,
    now: datetime,
) -> CallPolicyForm:
    """Holds for the next call, without a restart."""
    parameter_rules.check(_plain(form.rules))
    if form.audit is not None:
        check_audit(form.audit)
    async with db.begin() as session:
        service = await queries.get_service(session, actor.project_id, service_id, lock=True)
        if not service.llm:
            raise Invalid(
                "Only calls of LLM services are looked at by the gateway.", code="not_an_llm"
            )
        await _check_references(session, service, form)
        row = await session.get(CallPolicyRow, service_id)
        if row is None:
            row = CallPolicyRow(service_id=service_id, hook_sealed="")
            session.add(row)
        before = (row.policy or {}).get("audit")
        row.hook_sealed = kept_secret(sealer, form.audit, before, row.hook_sealed)
        row.policy, row.updated_by, row.updated_at = stored(form), actor.user_id, now
        await session.flush()
        await tell_of_service(session, service, "callPolicySet", actor_id=actor.user_id, now=now)
        return CallPolicyForm.model_validate(row.policy)


async def read_project_audit(session: AsyncSession, project_id: str) -> AuditForm:
    row = await session.get(ProjectAuditRow, project_id)
    return AuditForm.model_validate(row.audit) if row is not None else AuditForm()


async def set_project_audit(
    db: Database, sealer: Sealer, actor: Actor, form: AuditForm, *, now: datetime
) -> AuditForm:
    """For every service of the project that says nothing of its own."""
    check_audit(form)
    async with db.begin() as session:
        row = await session.get(ProjectAuditRow, actor.project_id)
        if row is None:
            row = ProjectAuditRow(project_id=actor.project_id, hook_sealed="")
            session.add(row)
        row.hook_sealed = kept_secret(sealer, form, row.audit, row.hook_sealed)
        row.audit, row.updated_by, row.updated_at = _audit_json(form), actor.user_id, now
        await session.flush()
        query = select(ServiceRow.id).where(ServiceRow.project_id == actor.project_id)
        for service_id in await session.scalars(query):
            touch_service(session, service_id)
        return AuditForm.model_validate(row.audit)


def check_audit(form: AuditForm) -> None:
    if any(not word.strip() or len(word) > MAX_WORD_CHARS for word in form.words):
        raise Invalid(
            f"A word of the list has 1 to {MAX_WORD_CHARS} characters.", field="audit.words"
        )
    if form.hook is not None:
        checked_url(form.hook.url, field="audit.hook.url")
        if form.hook.secret is not None and not form.hook.secret.isprintable():
            raise Invalid(
                "The secret holds letters that cannot be sent.", field="audit.hook.secret"
            )
    if form.mode != "off" and not (form.words or form.hook or form.plugin):
        raise Invalid(
            "An audit needs a word list, a hook or a plug-in to look with.", field="audit.mode"
        )


def kept_secret(
    sealer: Sealer, form: AuditForm | None, before: dict[str, Any] | None, sealed: str
) -> str:
    """The hook's secret, sealed. One that is not said anew stays, but never for another address:
    who may change the address must not get to see the secret."""
    if form is None or form.hook is None:
        return ""
    if form.hook.secret is not None:
        return sealer.seal(form.hook.secret)
    same = ((before or {}).get("hook") or {}).get("url") == form.hook.url
    return sealed if same else ""


def stored(form: CallPolicyForm) -> dict[str, Any]:
    data = form.model_dump(exclude={"audit"})
    return data | {"audit": _audit_json(form.audit) if form.audit is not None else None}


def _audit_json(form: AuditForm) -> dict[str, Any]:
    data = form.model_dump()
    if data["hook"]:
        data["hook"]["secret"] = None
    return data


def _plain(rules: dict[str, FunctionRulesForm] | None) -> dict[str, Any] | None:
    return None if rules is None else {name: form.model_dump() for name, form in rules.items()}


async def _check_references(
    session: AsyncSession, service: ServiceRow, form: CallPolicyForm
) -> None:
    """Other services and versions that are named are of the same project."""
    for name in form.fallbacks:
        other = await session.get(ServiceRow, name)
        if other is None or other.project_id != service.project_id or not other.llm:
            raise Invalid(f"There is no LLM service {name} in this project.", field="fallbacks")
        if name == service.id:
            raise Invalid("A service cannot stand in for itself.", field="fallbacks")
    if len(set(form.fallbacks)) != len(form.fallbacks):
        raise Invalid("A service stands twice in the chain.", field="fallbacks")
    if form.mirror is not None:
        version = await session.get(ServiceVersionRow, form.mirror.version_id)
        if version is None or version.service_id != service.id:
            raise Invalid(
                f"The service has no version {form.mirror.version_id}.", field="mirror.version_id"
            )
