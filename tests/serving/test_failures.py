"""What goes wrong shows as a state, a reason and the last words of the log; nothing loops in silence."""

from __future__ import annotations

import os

import pytest

from tests.serving.conftest import Platform, form, until

BROKEN = "echo loading the model; echo 'weights.bin is cut short' >&2; exit 3"


@pytest.mark.covers("SRV-23")
async def test_a_service_whose_load_fails_ends_as_create_failed(platform: Platform) -> None:
    made = await platform.create(command=BROKEN, retries=1)
    failed = await platform.reach(made["id"], "CREATE_FAILED")
    version = failed["items"][0]
    assert failed["state"] == "CREATE_FAILED"
    assert "exited with code 3" in version["reason"]
    assert version["last_log"][-1] == "weights.bin is cut short"
    assert version["failures"] == 2
    ended = await platform.instances(version["id"], ended=True)
    assert [i["state"] for i in ended] == ["Failed", "Failed"]
    assert [i["exit_code"] for i in ended] == [3, 3]
    updates = (await platform.house.a.get(f"/services/versions/{version['id']}/updates")).json()
    assert [(u["kind"], u["result"]) for u in updates["items"]] == [("create", "failed")]
    assert version["blocked"]["start"] is None

    await platform.act(f"versions/{version['id']}/start")
    again = await platform.reach(made["id"], "CREATE_FAILED")
    assert again["items"][0]["failures"] == 2


@pytest.mark.covers("SRV-23")
async def test_unlimited_retries_say_what_happened_and_what_follows(platform: Platform) -> None:
    made = await platform.create(command=BROKEN, retries=None)

    def failed_twice(seen: dict) -> bool:
        version = seen["items"][0]
        return version["failures"] >= 2 and version["state"] == "Abnormal"

    seen = await until(lambda: platform.see(made["id"]), failed_twice)
    version = seen["items"][0]
    assert "exited with code 3" in version["reason"]
    assert f"Attempt {version['failures'] + 1} follows" in version["reason"]
    assert version["retry_at"] is not None
    await platform.act(f"{made['id']}/stop")
    await platform.reach(made["id"], "Stopped")


@pytest.mark.covers("GWY-21")
async def test_a_program_that_never_listens_is_ended_with_the_reason(platform: Platform) -> None:
    made = await platform.create(
        command="echo I ignore PORT; exec sleep 600", retries=1, start_timeout_s=1, grace_s=1
    )
    failed = await platform.reach(made["id"], "CREATE_FAILED")
    version = failed["items"][0]
    assert "not ready within 1 s" in version["reason"]
    assert "nothing listens on port" in version["reason"]
    assert version["last_log"][-1] == "I ignore PORT"
    assert platform.engine.list_alive() == []


@pytest.mark.covers("SRV-24")
async def test_an_update_that_never_gets_ready_leaves_the_old_replicas_serving(
    platform: Platform,
) -> None:
    made = await platform.create(replicas=2)
    ready = await platform.reach(made["id"], "Normal")
    version_id = ready["items"][0]["id"]
    await platform.act(f"versions/{version_id}/update", command=BROKEN)

    def stuck(seen: dict) -> bool:
        version = seen["items"][0]
        return version["updating"] and version["failures"] >= 1 and version["running"] == 1

    seen = await until(lambda: platform.see(made["id"]), stuck)
    version = seen["items"][0]
    assert (seen["state"], version["state"]) == ("Normal", "Normal")
    assert "exited with code 3" in version["reason"]
    assert version["blocked"]["rollback"] is None

    updates = (await platform.house.a.get(f"/services/versions/{version_id}/updates")).json()
    first = updates["items"][-1]
    assert [u["kind"] for u in updates["items"]] == ["update", "create"]
    back = await platform.act(f"versions/{version_id}/rollback", update_id=first["id"])
    assert back.status_code == 200, back.text
    healed = await platform.reach(made["id"], "Normal")
    assert (healed["running"], healed["items"][0]["reason"]) == (2, "")
    updates = (await platform.house.a.get(f"/services/versions/{version_id}/updates")).json()
    found = [(u["kind"], u["result"]) for u in updates["items"]]
    assert found == [("rollback", "done"), ("update", "replaced"), ("create", "done")]


@pytest.mark.covers("SRV-25")
async def test_a_liveness_probe_that_fails_ends_the_instance(platform: Platform) -> None:
    probe = {"action": "HTTPGet", "path": "/health", "period_s": 1, "failure_threshold": 1}
    command = form()["command"].replace(
        "self.send_response(200)", 'self.send_response(503 if self.path == "/health" else 200)'
    )
    startup = {"action": "TCPSocket", "period_s": 1, "failure_threshold": 60}
    probes = {"liveness": probe, "startup": startup}
    made = await platform.create(command=command, probes=probes, retries=None)
    version_id = made["items"][0]["id"]

    async def failed() -> list[dict]:
        found = await platform.instances(version_id, ended=True)
        return [i for i in found if i["state"] == "Failed"]

    found = await until(failed, bool)
    assert found[-1]["reason"] == "The liveness probe failed 1 times: /health answered 503."


@pytest.mark.covers("SRV-25")
async def test_a_readiness_probe_takes_an_instance_out_and_back(
    platform: Platform, tmp_path: object
) -> None:
    switch = f"{tmp_path}/broken"
    command = form()["command"].replace(
        "self.send_response(200)",
        f'self.send_response(500 if os.path.exists("{switch}") else 200)',
    )
    probe = {"path": "/health", "period_s": 1, "failure_threshold": 1}
    made = await platform.create(command=command, probes={"readiness": probe})
    await platform.reach(made["id"], "Normal")
    version_id = made["items"][0]["id"]
    (first,) = await platform.instances(version_id)

    with open(switch, "w"):
        pass
    (out,) = await until(
        lambda: platform.instances(version_id), lambda f: f[0]["state"] == "ContainerReady"
    )
    assert out["reason"] == "The readiness probe fails: /health answered 500."
    os.remove(switch)
    (back,) = await until(
        lambda: platform.instances(version_id), lambda f: f[0]["state"] == "Running"
    )
    assert back["id"] == first["id"]
