"""Sending to real receivers: signatures, retries, resting targets, and what a crash leaves."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from slipway.alerts import deliver, webhook
from slipway.alerts import queries_deliveries as queries
from slipway.alerts.deliver import deliver_one
from slipway.alerts.follow import Follower
from slipway.alerts.loop import AlertLoop
from slipway.alerts.network import Reach
from slipway.alerts.tables import DeliveryRow, MailServerRow, TargetRow
from slipway.base.clock import utc_now
from tests.alerts.house import context, deliveries, happen, inbox, make_rule, make_target
from tests.alerts.receivers import MAIL_PASSWORD, MAIL_USER, MailReceiver, WebReceiver
from tests.running import World, until


@contextlib.asynccontextmanager
async def running(world: World) -> AsyncIterator[None]:
    task = asyncio.create_task(AlertLoop(context(world)).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def recorded(world: World) -> str:
    """One event, followed: the id of its delivery."""
    await happen(world)
    follower = Follower(context(world))
    await follower.catch_up()
    return str((await deliveries(world.ann))[0]["id"])


async def set_mail(world: World, mail: MailReceiver, **more: Any) -> dict[str, Any]:
    form = {
        "host": "127.0.0.1", "port": mail.port, "security": "none", "user": MAIL_USER,
        "password": MAIL_PASSWORD, "sender": "slipway@example.com", **more,
    }  # fmt: skip
    done: dict[str, Any] = await world.admin.ok("PUT", "/mail-server", json=form)
    return done


@pytest.mark.covers("TRN-71", "TRN-72")
async def test_a_webhook_is_signed_and_its_secrets_stay_secret(
    world: World, web: WebReceiver
) -> None:
    target = await make_target(world, "webhook", url=web.url)
    await make_rule(world, target, name="failures")
    async with running(world):
        event = await happen(world)
        (delivery,) = await until(lambda: deliveries(world.ann, state="Delivered"))
    (got,) = web.got
    body = json.loads(got.body)
    stamp, _, digest = got.headers["x-slipway-signature"].partition(",v1=")
    signed = f"{stamp.removeprefix('t=')}.".encode() + got.body
    assert digest == hmac.new(target["secret"].encode(), signed, hashlib.sha256).hexdigest()
    assert body["event"] == delivery["event"]
    assert (body["id"], body["event"]["id"]) == (delivery["id"], event.id)
    assert got.headers["x-slipway-delivery"] == delivery["id"]
    assert body["rule"]["name"] == "failures" and "resnet" in body["text"]
    (tried,) = delivery["tries"]
    assert (tried["ok"], tried["response"]) == (True, "200 ok")
    shown = json.dumps([delivery, (await world.ann.ok("GET", "/alerts/targets"))["items"]])
    assert "very-secret-path" not in shown and target["secret"] not in shown
    async with world.db.read() as session:
        row = await session.get(TargetRow, target["id"])
    assert row is not None
    assert "very-secret" not in str(row.url_sealed) and target["secret"] not in str(vars(row))


async def test_a_failing_webhook_is_retried_and_then_given_up(
    world: World, web: WebReceiver
) -> None:
    await make_rule(world, await make_target(world, "webhook", url=web.url))
    web.answers = [500] * 6
    delivery_id = await recorded(world)
    waits = []
    for _ in range(6):
        before = utc_now()
        await deliver_one(context(world), delivery_id)
        (seen,) = await deliveries(world.ann)
        if seen["next_at"]:
            waits.append(_seconds(seen["next_at"], before))
    assert [round(w, -1) for w in waits] == [10, 60, 300, 1800, 7200]
    assert (seen["state"], seen["attempts"], len(seen["tries"])) == ("Failed", 6, 6)
    assert seen["last_error"] == "The address answered 500: it did not accept the message."
    again = await world.ann.ok("POST", f"/alerts/deliveries/{delivery_id}/resend")
    assert (again["state"], again["attempts"]) == ("Pending", 0)
    await deliver_one(context(world), delivery_id)
    (seen,) = await deliveries(world.ann)
    assert seen["state"] == "Delivered"
    assert len({got.headers["x-slipway-delivery"] for got in web.got}) == 1


def _seconds(moment: str, before: datetime) -> float:
    return float((datetime.fromisoformat(moment) - before).total_seconds())


async def test_redirects_are_not_followed_and_gone_is_final(world: World, web: WebReceiver) -> None:
    await make_rule(world, await make_target(world, "webhook", url=web.url))
    web.answers = [302, 410]
    delivery_id = await recorded(world)
    await deliver_one(context(world), delivery_id)
    (seen,) = await deliveries(world.ann)
    assert "redirects are not followed" in seen["last_error"]
    assert len(web.got) == 1
    await deliver_one(context(world), delivery_id)
    assert (await deliveries(world.ann))[0]["state"] == "Failed"


async def test_where_webhooks_may_go_is_a_setting(world: World, web: WebReceiver) -> None:
    await make_rule(world, await make_target(world, "webhook", url=web.url))
    delivery_id = await recorded(world)
    await deliver_one(replace(context(world), reach=Reach.PRIVATE), delivery_id)
    (seen,) = await deliveries(world.ann)
    assert seen["state"] == "Failed" and web.got == []
    assert "127.0.0.1, which is this machine itself" in seen["last_error"]


async def test_a_dead_target_rests_and_delays_nobody_else(world: World, web: WebReceiver) -> None:
    dead = await make_target(world, "webhook", "dead", url="http://127.0.0.1:9/")
    alive = await make_target(world, "webhook", "alive", url=web.url)
    await make_rule(world, dead, alive)
    async with running(world):
        for _ in range(12):
            await happen(world)
        await until(lambda: len(web.got) == 12)

        async def rests() -> bool:
            shown = (await world.ann.ok("GET", "/alerts/targets", params={"search": "dead"}))[
                "items"
            ][0]
            return shown["resting_until"] is not None

        await until(rests)
    (shown,) = (await world.ann.ok("GET", "/alerts/targets", params={"search": "dead"}))["items"]
    assert shown["failures"] == 5
    left = await deliveries(world.ann, target=dead["id"], limit=50)
    assert sum(d["attempts"] for d in left) == 5
    assert not [d for d in left if d["state"] in ("Failed", "Delivered")]
    seqs = [json.loads(got.body)["event"]["id"] for got in web.got]
    async with world.db.read() as session:
        rows = await session.scalars(
            select(DeliveryRow.event_id)
            .where(DeliveryRow.target_id == alive["id"])
            .order_by(DeliveryRow.event_seq)
        )
    assert seqs == list(rows)


@pytest.mark.covers("TRN-71")
async def test_e_mail_goes_through_a_real_server_as_text_and_html(
    world: World, mail: MailReceiver
) -> None:
    saved = await set_mail(world, mail)
    assert saved["has_password"] and MAIL_PASSWORD not in json.dumps(saved)
    async with world.db.read() as session:
        row = await session.get(MailServerRow, "main")
    assert row is not None and MAIL_PASSWORD not in str(vars(row))
    target = await make_target(world, "email", language="zh", addresses=["a@x.org", "b@x.org"])
    await make_rule(world, target)
    async with running(world):
        await happen(world)
        await until(lambda: deliveries(world.ann, state="Delivered"))
    (got,) = mail.got
    assert (got["Subject"], got["To"]) == ("任务异常：resnet", "a@x.org, b@x.org")
    plain, html = (part.get_content() for part in got.iter_parts())
    assert "原因：instance worker-0 exited with code 137" in plain
    assert "<td" in html and "team:vision;stage:test;" in html


async def test_mail_that_cannot_be_sent_says_why(world: World, mail: MailReceiver) -> None:
    target = await make_target(world, "email", addresses=["a@x.org"])
    sent = await world.ann.ok("POST", f"/alerts/targets/{target['id']}/test")
    assert (sent["state"], sent["last_error"]) == ("Failed", deliver.NO_MAIL_SERVER)
    assert (await world.admin.refused("POST", "/mail-server/test", json={"to": "a@x.org"}))[
        0
    ] == 409
    await set_mail(world, mail, password="wrong")
    tried = await world.admin.ok("POST", "/mail-server/test", json={"to": "a@x.org"})
    assert not tried["ok"] and "refuses the user and password" in tried["error"]
    await set_mail(world, mail)
    assert (await world.admin.ok("POST", "/mail-server/test", json={"to": "a@x.org"}))["ok"]
    mail.refuse = True
    sent = await world.ann.ok("POST", f"/alerts/targets/{target['id']}/test")
    assert sent["last_error"] == "The mail server refuses a@x.org."
    status, error = await world.admin.refused(
        "PUT", "/mail-server", json={"host": "evil.example", "sender": "a@x.org"}
    )
    assert (status, error["details"]["field"]) == (400, "password")
    assert (await world.ann.refused("GET", "/mail-server"))[0] == 403


async def test_a_test_message_answers_how_it_went(world: World, web: WebReceiver) -> None:
    web.answers = [503]
    target = await make_target(world, "webhook", url=web.url)
    failed = await world.ann.ok("POST", f"/alerts/targets/{target['id']}/test")
    assert (failed["state"], failed["test"]) == ("Failed", True)
    sent = await world.ann.ok("POST", f"/alerts/targets/{target['id']}/test")
    assert sent["state"] == "Delivered"
    assert sent["message"]["title"].startswith("[Test] ")
    own = await make_target(world, name="own")
    await world.ann.ok("POST", f"/alerts/targets/{own['id']}/test")
    assert len(await inbox(world.ann)) == 1


async def test_a_replaced_secret_signs_from_now_on(world: World, web: WebReceiver) -> None:
    target = await make_target(world, "webhook", url=web.url)
    new = await world.ann.ok("POST", f"/alerts/targets/{target['id']}/secret")
    assert new["secret"].startswith("whsec_") and new["secret"] != target["secret"]
    await world.ann.ok("POST", f"/alerts/targets/{target['id']}/test")
    (got,) = web.got
    stamp = int(got.headers["x-slipway-signature"].split(",")[0].removeprefix("t="))
    assert got.headers["x-slipway-signature"] == webhook.signature(
        new["secret"], got.body, at=stamp
    )


async def test_a_crash_between_act_and_settle_sends_again_under_the_same_id(
    world: World, web: WebReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_rule(world, await make_target(world, "webhook", url=web.url))
    delivery_id = await recorded(world)

    async def killed(*_: Any) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(deliver, "_settle", killed)
        with pytest.raises(asyncio.CancelledError):
            await deliver_one(context(world), delivery_id)
    assert not await deliver_one(context(world), delivery_id)  # the dead one's claim still holds
    later = replace(context(world), now=lambda: utc_now() + timedelta(seconds=61))
    assert await deliver_one(later, delivery_id)
    (seen,) = await deliveries(world.ann)
    assert (seen["state"], seen["attempts"]) == ("Delivered", 1)
    assert [got.headers["x-slipway-delivery"] for got in web.got] == [delivery_id] * 2


async def test_a_stale_claim_settles_nothing(
    world: World, web: WebReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_rule(world, await make_target(world, "webhook", url=web.url))
    delivery_id = await recorded(world)
    send = deliver._send

    async def overtaken(*args: Any) -> Any:
        async with world.db.begin() as session:
            await session.execute(update(DeliveryRow).values(claim_token="another's"))
        return await send(*args)

    monkeypatch.setattr(deliver, "_send", overtaken)
    await deliver_one(context(world), delivery_id)
    (seen,) = await deliveries(world.ann)
    assert (seen["state"], seen["attempts"]) == ("Pending", 0)


async def test_killed_at_any_step_no_event_is_lost_and_no_message_doubled(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The follower dies before its commit, after it, and between two batches, again and again."""
    await make_rule(world, await make_target(world))
    ctx = context(world)
    await Follower(ctx).catch_up()
    moves = queries.set_position
    for round_ in range(9):
        event = await happen(world, task=f"train-{round_}")

        async def dies(session: Any, seq: int, now: int = round_) -> None:
            if now % 3 == 0:
                raise asyncio.CancelledError  # before the position moves
            await moves(session, seq)
            if now % 3 == 1:
                raise asyncio.CancelledError  # after it, before the commit

        with monkeypatch.context() as patched:
            patched.setattr(queries, "set_position", dies)
            with contextlib.suppress(asyncio.CancelledError):
                await Follower(ctx).catch_up()
        await Follower(ctx).catch_up()
        messages = await inbox(world.ann, limit=50)
        assert len(messages) == round_ + 1, event
    subjects = [d["subject_id"] for d in await deliveries(world.ann, limit=50)]
    assert sorted(subjects) == [f"train-{n}" for n in range(9)]


async def test_old_deliveries_and_messages_are_forgotten(world: World, web: WebReceiver) -> None:
    await make_rule(world, await make_target(world), await make_target(world, "webhook", "w", url=web.url))  # fmt: skip
    await recorded(world)
    async with world.db.begin() as session:
        await queries.forget_before(session, utc_now() + timedelta(days=1))
    assert [d["target_kind"] for d in await deliveries(world.ann)] == [
        "webhook"
    ]  # still to be sent
    assert await inbox(world.ann) == []
