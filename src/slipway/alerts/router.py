"""HTTP of rules, targets and the delivery log."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from slipway.alerts import notice, queries, rules, targets, try_out
from slipway.alerts import queries_deliveries as deliveries
from slipway.alerts.context import AlertContext
from slipway.alerts.errors import PatternFault
from slipway.alerts.form import form_of
from slipway.alerts.http import Ctx
from slipway.alerts.pattern import parse_pattern
from slipway.alerts.resend import resend
from slipway.alerts.types import Rule
from slipway.alerts.views import (
    AlertRuleForm,
    AlertRulePage,
    AlertRuleView,
    AlertTargetForm,
    AlertTargetPage,
    AlertTargetView,
    ConditionForm,
    DeliveryPage,
    DeliveryView,
    EventServiceList,
    FaultView,
    NewAlertTargetView,
    NoticeForm,
    NoticeView,
    TestForm,
    TestResult,
    TriedEvent,
    delivery_view,
    rule_view,
    service_view,
    target_view,
)
from slipway.base.clock import utc_now
from slipway.iam.http import PageArgs, allow
from slipway.iam.types import Actor

router = APIRouter(prefix="/alerts", tags=["Alerts"])

Reader = Annotated[Actor, allow("alert:rule:list")]
TargetReader = Annotated[Actor, allow("alert:target:list")]
TargetEditor = Annotated[Actor, allow("alert:target:update")]


@router.get("/services")
async def list_event_services(ctx: Ctx, actor: Reader) -> EventServiceList:
    """What rules can cover, with a sample event of each."""
    seen = [s for s in ctx.catalogue.services if actor.is_admin or not s.platform]
    return EventServiceList(items=[service_view(s, ctx.site.region, utc_now()) for s in seen])


@router.get("/rules")
async def list_rules(ctx: Ctx, page: PageArgs, actor: Reader) -> AlertRulePage:
    async with ctx.db.read() as session:
        found = await queries.page_rules(session, actor, page)
        of = await queries.targets_of(session, [row.id for row in found.items])
        known = await queries.list_targets(session, sorted({t for ids in of.values() for t in ids}))
    names = {target_id: target.name for target_id, target in known.items()}
    return AlertRulePage(
        items=[
            rule_view(queries.frozen_rule(row, of.get(row.id, [])), ctx.catalogue, names)
            for row in found.items
        ],
        next_cursor=found.next_cursor, total=found.total,
    )  # fmt: skip


@router.post("/rules", status_code=201)
async def create_rule(
    form: AlertRuleForm, ctx: Ctx, actor: Annotated[Actor, allow("alert:rule:create")]
) -> AlertRuleView:
    return await _rule(ctx, await rules.create_rule(ctx, actor, form.wish(), utc_now()))


@router.post("/test")
async def test_rule(
    form: TestForm, ctx: Ctx, actor: Annotated[Actor, allow("alert:rule:test")]
) -> TestResult:
    """Checks a condition as it is typed. A mistake is an answer here, with its place."""
    now = utc_now()
    wish = AlertRuleForm(name="", targets=[], form=form.form, pattern=form.pattern).wish()
    try:
        text, _ = rules.checked_condition(ctx.catalogue, actor, wish)
        pattern = parse_pattern(text, ctx.catalogue)
    except PatternFault as fault:
        place = FaultView(message=fault.sentence, line=fault.line, column=fault.column)
        return TestResult(
            fault=place, pattern=form.pattern, form=None, service=None, sample=None, recent=[]
        )
    sample = try_out.try_sample(ctx, pattern, form.sample, now)
    recent = await try_out.try_recent(ctx, actor, pattern, form.recent) if form.recent else []
    return TestResult(
        fault=None, pattern=text, form=ConditionForm.of(form_of(pattern)), service=pattern.services[0],
        sample=TriedEvent(event=sample.shape, matches=sample.matches),
        recent=[TriedEvent(event=tried.shape, matches=tried.matches) for tried in recent],
    )  # fmt: skip


@router.get("/rules/{rule_id}")
async def get_rule(rule_id: str, ctx: Ctx, actor: Annotated[Actor, allow("alert:rule:get")]) -> AlertRuleView:  # fmt: skip
    async with ctx.db.read() as session:
        row = await queries.get_rule(session, actor, rule_id)
        of = await queries.targets_of(session, [rule_id])
    return await _rule(ctx, queries.frozen_rule(row, of.get(rule_id, [])))


@router.put("/rules/{rule_id}")
async def update_rule(
    rule_id: str, form: AlertRuleForm, ctx: Ctx, actor: Annotated[Actor, allow("alert:rule:update")]
) -> AlertRuleView:
    return await _rule(ctx, await rules.update_rule(ctx, actor, rule_id, form.wish(), utc_now()))


@router.post("/rules/{rule_id}/enable")
async def enable_rule(
    rule_id: str, ctx: Ctx, actor: Annotated[Actor, allow("alert:rule:update")]
) -> AlertRuleView:
    return await _rule(ctx, await rules.set_enabled(ctx, actor, rule_id, True, utc_now()))


@router.post("/rules/{rule_id}/disable")
async def disable_rule(
    rule_id: str, ctx: Ctx, actor: Annotated[Actor, allow("alert:rule:update")]
) -> AlertRuleView:
    return await _rule(ctx, await rules.set_enabled(ctx, actor, rule_id, False, utc_now()))


@router.delete("/rules/{rule_id}", status_code=204)
async def delete_rule(
    rule_id: str, ctx: Ctx, actor: Annotated[Actor, allow("alert:rule:delete")]
) -> None:
    await rules.delete_rule(ctx, actor, rule_id, utc_now())


@router.get("/targets")
async def list_targets(ctx: Ctx, page: PageArgs, actor: TargetReader) -> AlertTargetPage:
    """`state` filters by kind."""
    async with ctx.db.read() as session:
        found = await queries.page_targets(session, actor, page)
        users = await queries.rules_using(session, [row.id for row in found.items])
    now = utc_now()
    return AlertTargetPage(
        items=[
            target_view(queries.frozen_target(row), users.get(row.id, []), now)
            for row in found.items
        ],
        next_cursor=found.next_cursor, total=found.total,
    )  # fmt: skip


@router.post("/targets", status_code=201)
async def create_target(
    form: AlertTargetForm, ctx: Ctx, actor: Annotated[Actor, allow("alert:target:create")]
) -> NewAlertTargetView:
    now = utc_now()
    return _new_target(await targets.create_target(ctx, actor, form.wish(), now))


@router.put("/targets/{target_id}")
async def update_target(
    target_id: str, form: AlertTargetForm, ctx: Ctx, actor: TargetEditor
) -> AlertTargetView:
    now = utc_now()
    target = await targets.update_target(ctx, actor, target_id, form.wish(), now)
    async with ctx.db.read() as session:
        users = await queries.rules_using(session, [target_id])
    return target_view(target, users.get(target_id, []), now)


@router.post("/targets/{target_id}/secret")
async def replace_secret(target_id: str, ctx: Ctx, actor: TargetEditor) -> NewAlertTargetView:
    """A new signing secret; the old one is no longer used."""
    return _new_target(await targets.new_signing_secret(ctx, actor, target_id, utc_now()))


@router.post("/targets/{target_id}/test")
async def test_target(
    target_id: str, ctx: Ctx, actor: Annotated[Actor, allow("alert:target:test")]
) -> DeliveryView:
    """Sends a test message now; the answer says how it went."""
    return delivery_view(await targets.check_target(ctx, actor, target_id, utc_now()))


@router.delete("/targets/{target_id}", status_code=204)
async def delete_target(
    target_id: str, ctx: Ctx, actor: Annotated[Actor, allow("alert:target:delete")]
) -> None:
    await targets.delete_target(ctx, actor, target_id, utc_now())


@router.get("/deliveries")
async def list_deliveries(
    ctx: Ctx, page: PageArgs, actor: Annotated[Actor, allow("alert:delivery:list")],
    rule: str | None = None, target: str | None = None,
) -> DeliveryPage:  # fmt: skip
    async with ctx.db.read() as session:
        found = await deliveries.page_deliveries(session, actor, page, rule=rule, target=target)
    return DeliveryPage(
        items=[delivery_view(deliveries.frozen_delivery(row)) for row in found.items],
        next_cursor=found.next_cursor, total=found.total,
    )  # fmt: skip


@router.get("/deliveries/{delivery_id}")
async def get_delivery(
    delivery_id: str, ctx: Ctx, actor: Annotated[Actor, allow("alert:delivery:get")]
) -> DeliveryView:
    async with ctx.db.read() as session:
        row = await deliveries.get_delivery(session, actor, delivery_id)
    return delivery_view(deliveries.frozen_delivery(row))


@router.post("/deliveries/{delivery_id}/resend")
async def resend_delivery(
    delivery_id: str, ctx: Ctx, actor: Annotated[Actor, allow("alert:delivery:resend")]
) -> DeliveryView:
    return delivery_view(await resend(ctx, actor, delivery_id, utc_now()))


@router.get("/notices/{service}/{subject}")
async def get_notice(
    service: str, subject: str, ctx: Ctx, actor: Annotated[Actor, allow("alert:notice:get")]
) -> NoticeView:
    """Whether you are told when this ends."""
    found = await notice.find_notice(ctx, actor, service, subject)
    return NoticeView(on=found.on, email=found.email, since=found.since)


@router.put("/notices")
async def set_notice(
    form: NoticeForm, ctx: Ctx, actor: Annotated[Actor, allow("alert:notice:update")]
) -> NoticeView:
    found = await notice.set_notice(
        ctx,
        actor,
        form.service,
        form.subject,
        email=form.email,
        language=form.language,
        now=utc_now(),
    )
    return NoticeView(on=found.on, email=found.email, since=found.since)


@router.delete("/notices/{service}/{subject}", status_code=204)
async def remove_notice(
    service: str, subject: str, ctx: Ctx, actor: Annotated[Actor, allow("alert:notice:update")]
) -> None:
    await notice.remove_notice(ctx, actor, service, subject)


async def _rule(ctx: AlertContext, rule: Rule) -> AlertRuleView:
    async with ctx.db.read() as session:
        known = await queries.list_targets(session, rule.target_ids)
    return rule_view(rule, ctx.catalogue, {key: target.name for key, target in known.items()})


def _new_target(made: targets.NewTarget) -> NewAlertTargetView:
    view = target_view(made.target, [], utc_now())
    return NewAlertTargetView(**view.model_dump(), secret=made.secret)
