"""Rules from saving to the inbox: what they see, who sees them, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from slipway.alerts.follow import Follower
from slipway.iam.roles import Role
from tests.alerts.house import context, deliveries, happen, inbox, make_rule, make_target
from tests.running import World

FAILED = {"source": "platform.training", "type": ["training:taskExecuteFailed"]}


@pytest.mark.covers("TRN-64", "TRN-71", "TRN-72")
async def test_a_matching_event_reaches_the_inbox_with_all_that_belongs_in_it(world: World) -> None:
    target = await make_target(world, language="zh", users=[world.ann.actor.user_id])
    rule = await make_rule(world, target, name="failures", pattern=json.dumps(FAILED))
    await happen(world, "taskRunning")
    event = await happen(world)
    assert await Follower(context(world)).catch_up() == 1
    (message,) = await inbox(world.ann)
    told = dict(message["lines"])
    assert message["title"] == "任务异常：resnet"
    assert told == {
        "规则": "failures", "事件": "任务异常 (training:taskExecuteFailed)", "对象": "train-1", "名称": "resnet",
        "创建者": "ann", "标签": "team:vision;stage:test;", "状态": "Abnormal",
        "时间": f"{event.time:%Y-%m-%d %H:%M:%S} UTC", "地域": "site-a",
        "原因": "instance worker-0 exited with code 137",
    }  # fmt: skip
    assert message["link"].endswith(f"/p/{world.ann.actor.project_id}/training/train-1")
    (delivery,) = await deliveries(world.ann, rule=rule["id"])
    assert (delivery["state"], delivery["event"]["id"]) == ("Delivered", event.id)
    assert await inbox(world.bob) == await deliveries(world.bob) == []


async def test_a_rule_sees_only_what_comes_after_its_save(world: World) -> None:
    await happen(world)
    target = await make_target(world)
    rule = await make_rule(world, target)
    follower = Follower(context(world))
    assert await follower.catch_up() == 0
    await happen(world)
    assert await follower.catch_up() == 1
    await world.ann.ok("POST", f"/alerts/rules/{rule['id']}/disable")
    await happen(world)
    assert await follower.catch_up() == 0
    await world.ann.ok("POST", f"/alerts/rules/{rule['id']}/enable")
    assert await follower.catch_up() == 0
    await happen(world)
    assert await follower.catch_up() == 1


@pytest.mark.covers("TRN-66")
async def test_form_and_pattern_say_the_same(world: World) -> None:
    target = await make_target(world)
    form = {
        "service": "training", "types": ["taskCompleted"], "subjects": ["train-1"], "creator": "u-1",
        "tags": [["stage:test", "team:vision"], ["team:nlp"]],
    }  # fmt: skip
    made = await make_rule(world, target, form=form)
    assert made["mode"] == "form"
    assert json.loads(made["pattern"]) == {
        "source": "platform.training",
        "type": ["training:taskCompleted"],
        "data": {
            "taskId": ["train-1"],
            "taskSubUin": "u-1",
            "tags": [{"contain": ["stage:test;", "team:vision;"]}, {"contain": ["team:nlp;"]}],
        },
    }
    changed = await world.ann.ok(
        "PUT", f"/alerts/rules/{made['id']}",
        json={"name": "r2", "targets": [target["id"]], "pattern": made["pattern"]},
    )  # fmt: skip
    assert (changed["mode"], changed["form"], changed["name"]) == ("pattern", form, "r2")


async def test_rules_over_chosen_tasks_leave_out_the_others(world: World) -> None:
    target = await make_target(world)
    await make_rule(world, target, form={"service": "training", "subjects": ["train-2"]})
    await happen(world, task="train-1")
    await happen(world, task="train-2")
    await Follower(context(world)).catch_up()
    assert [d["subject_id"] for d in await deliveries(world.ann)] == ["train-2"]


@pytest.mark.covers("TRN-65")
async def test_a_condition_is_tried_on_the_sample_and_on_real_events(world: World) -> None:
    await happen(world)
    await happen(world, "taskCompleted")
    await happen(world, person=world.bob)
    found = await world.ann.ok("POST", "/alerts/test", json={"pattern": json.dumps(FAILED)})
    assert (found["fault"], found["sample"]["matches"]) == (None, True)
    assert [(e["event"]["type"], e["matches"]) for e in found["recent"]] == [
        ("training:taskCompleted", False), ("training:taskExecuteFailed", True),
    ]  # fmt: skip
    own = {**found["sample"]["event"], "type": "tione:ErrorEvent:taskCompleted"}
    again = await world.ann.ok(
        "POST", "/alerts/test", json={"pattern": json.dumps(FAILED), "sample": own, "recent": 0}
    )
    assert again["sample"]["matches"] is False
    wrong = await world.ann.ok("POST", "/alerts/test", json={"pattern": '{"source":\n 1}'})
    assert (wrong["fault"]["line"], wrong["fault"]["column"]) == (2, 2)


async def test_services_and_evaluations_can_be_covered_too(world: World) -> None:
    services = (await world.ann.ok("GET", "/alerts/services"))["items"]
    assert [s["key"] for s in services] == ["training", "serving", "evaluation"]
    for service in services:
        found = await world.ann.ok(
            "POST", "/alerts/test", json={"form": {"service": service["key"]}}
        )
        assert found["sample"]["matches"], service["key"]


def rule_body(target: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "x", "targets": [target["id"]], "form": {"service": "training"}, **more}


async def test_what_is_wrong_is_refused_with_the_place(world: World) -> None:
    target = await make_target(world)
    await make_rule(world, target, name="taken")
    for more, code, field in (
        ({"form": None, "pattern": '{"source": 1}'}, "bad_pattern", "pattern"),
        ({"form": {"service": "nothing"}}, "invalid", "service"),
        ({"form": {"service": "training", "types": ["taskRan"]}}, "bad_pattern", "pattern"),
        ({"pattern": "{}"}, "invalid", "pattern"),
        ({"targets": []}, "invalid", "targets"),
        ({"targets": ["at-none"]}, "not_found", "targets"),
        ({"name": "no spaces"}, "bad_name", "name"),
        ({"name": "taken"}, "name_taken", "name"),
    ):
        status, error = await world.ann.refused(
            "POST", "/alerts/rules", json=rule_body(target, **more)
        )
        assert status < 500
        assert (error["code"], error["details"]["field"]) == (code, field), error


async def test_a_tenant_neither_sees_nor_uses_anothers(world: World) -> None:
    target = await make_target(world)
    rule = await make_rule(world, target)
    for method, path in (
        ("GET", f"/alerts/rules/{rule['id']}"), ("DELETE", f"/alerts/rules/{rule['id']}"),
        ("POST", f"/alerts/rules/{rule['id']}/disable"), ("DELETE", f"/alerts/targets/{target['id']}"),
        ("POST", f"/alerts/targets/{target['id']}/test"), ("POST", f"/alerts/targets/{target['id']}/secret"),
    ):  # fmt: skip
        assert (await world.bob.refused(method, path))[0] == 404
    assert (await world.bob.refused("POST", "/alerts/rules", json=rule_body(target)))[0] == 404
    assert (await world.bob.ok("GET", "/alerts/rules"))["items"] == []


async def test_who_left_the_project_is_told_nothing_more(world: World) -> None:
    project = world.ann.actor.project_id
    eve = await world.person("eve", Role.VIEWER, project)
    target = await make_target(world, members=True)
    await make_rule(world, target)
    follower = Follower(context(world))
    await follower.catch_up()
    await happen(world)
    await follower.catch_up()
    assert len(await inbox(eve)) == len(await inbox(world.ann)) == 1
    await world.ann.ok("DELETE", f"/projects/{project}/members/{eve.actor.user_id}")
    await happen(world)
    await follower.catch_up()
    assert len(await inbox(world.ann)) == 2
    eve.http.headers.pop("X-Slipway-Project")
    assert len(await inbox(eve)) == 1


async def test_a_target_in_use_stays(world: World) -> None:
    target = await make_target(world)
    rule = await make_rule(world, target, name="needs-it")
    (seen,) = (await world.ann.ok("GET", "/alerts/targets"))["items"]
    status, error = await world.ann.refused("DELETE", f"/alerts/targets/{target['id']}")
    assert (status, error["code"]) == (409, "in_use")
    assert "needs-it" in error["message"] == seen["blocked"]["delete"]
    await world.ann.ok("DELETE", f"/alerts/rules/{rule['id']}")
    await world.ann.ok("DELETE", f"/alerts/targets/{target['id']}")


async def test_the_notice_of_a_tasks_end_is_ones_own(world: World) -> None:
    viewer = await world.person("eve", Role.VIEWER, world.ann.actor.project_id)
    assert (await viewer.refused("PUT", "/alerts/notices", json={"subject": "train-1"}))[0] == 404
    await happen(world, "taskScheduling")
    follower = Follower(context(world))
    await follower.catch_up()
    on = await viewer.ok("PUT", "/alerts/notices", json={"subject": "train-1"})
    assert on["on"] and on["email"] == ""
    status, error = await viewer.refused(
        "PUT", "/alerts/notices", json={"subject": "train-1", "email": "a@b.c"}
    )
    assert (status, error["details"]["action"]) == (403, "alert:target:create")
    assert (await world.bob.refused("GET", "/alerts/notices/training/train-1"))[0] == 404
    await happen(world, "taskRunning")
    await happen(world, "taskCompleted")
    await follower.catch_up()
    assert [m["event_type"] for m in await inbox(viewer)] == ["training:taskCompleted"]
    assert await inbox(world.ann) == []
    assert (await world.ann.ok("GET", "/alerts/rules"))["items"] == []
    assert [r["own"] for r in (await viewer.ok("GET", "/alerts/rules"))["items"]] == [True]
    await viewer.ok("DELETE", "/alerts/notices/training/train-1")
    assert (await viewer.ok("GET", "/alerts/notices/training/train-1"))["on"] is False
    assert (await viewer.ok("GET", "/alerts/rules"))["items"] == []


async def test_messages_are_marked_read_one_by_one_and_all_at_once(world: World) -> None:
    await make_rule(world, await make_target(world))
    follower = Follower(context(world))
    await follower.catch_up()
    for _ in range(3):
        await happen(world)
    await follower.catch_up()
    first, *_ = await inbox(world.ann)
    left = await world.ann.ok("PATCH", f"/inbox/{first['id']}", json={"read": True})
    assert left["unread"] == 2 == len(await inbox(world.ann, state="unread"))
    assert (await world.bob.refused("PATCH", f"/inbox/{first['id']}", json={"read": True}))[
        0
    ] == 404
    assert (await world.ann.ok("PATCH", f"/inbox/{first['id']}", json={"read": False}))[
        "unread"
    ] == 3
    await world.ann.ok("POST", "/inbox/read")
    assert (await world.ann.ok("GET", "/inbox"))["unread"] == 0
