"""Services that scale by themselves: real replicas, the real gateway, real loads."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from typing import Any

import pytest

from slipway.base.clock import utc_now
from tests.serving.conftest import Entrance, Platform, until


async def scaling_of(platform: Platform, version_id: str) -> dict[str, Any]:
    return (await platform.house.a.get(f"/services/versions/{version_id}/scaling")).json()


@pytest.mark.covers("SRV-45", "SRV-46")
async def test_time_rules_move_the_count_and_a_start_brings_the_default_back(
    platform: Platform,
) -> None:
    soon = utc_now() + timedelta(minutes=30)
    every_day = f"{soon.minute} {soon.hour} * * *"
    tomorrow = (soon + timedelta(days=1)).astimezone()
    rules = [
        {"time": every_day, "replicas": 2, "exceptions": [f"* * * {tomorrow.day} {tomorrow.month} *"]},
        {"time": every_day, "replicas": 3},
    ]  # fmt: skip
    made = await platform.create(scaling={"strategy": "time", "rules": rules})
    version_id = f"{made['id']}-1"
    await platform.reach(made["id"], "Normal")
    seen = await scaling_of(platform, version_id)
    assert (seen["next_rule"]["rule"], seen["next_rule"]["replicas"]) == (1, 2)
    assert (seen["replicas"], seen["steps"]) == (1, [])

    platform.ahead = timedelta(minutes=31)
    await until(lambda: platform.see(made["id"]), lambda s: s["running"] == 2)
    platform.ahead += timedelta(days=1)  # the first rule is skipped on that day, the second is not
    await until(lambda: platform.see(made["id"]), lambda s: s["running"] == 3)
    steps = (await scaling_of(platform, version_id))["steps"]
    assert [(s["kind"], s["before"], s["after"]) for s in steps] == [("rule", 2, 3), ("rule", 1, 2)]
    assert steps[0]["reason"] == f"Rule 2: {every_day}."
    events = (await platform.house.a.get(f"/services/versions/{version_id}/events")).json()
    assert [e["count"] for e in events["items"] if e["type"] == "service:autoscaled"] == [1, 1]

    await platform.act(f"{made['id']}/stop")
    await platform.reach(made["id"], "Stopped")
    platform.ahead = timedelta()
    await platform.act(f"{made['id']}/start")
    again = await platform.reach(made["id"], "Normal")
    assert (again["running"], again["replicas"]) == (1, 1)


@pytest.mark.covers("SRV-45")
async def test_a_rule_waits_for_a_running_update(platform: Platform) -> None:
    soon = utc_now() + timedelta(minutes=10)
    rule = {"time": f"{soon.minute} {soon.hour} * * *", "replicas": 2}
    made = await platform.create(
        scaling={"strategy": "time", "rules": [rule]}, max_surge="100%", max_unavailable="0"
    )
    version_id = f"{made['id']}-1"
    await platform.reach(made["id"], "Normal")
    slow = "sleep 3; " + made["items"][0]["config"]["command"]
    await platform.act(f"versions/{version_id}/update", command=slow)
    platform.ahead = timedelta(minutes=11)

    async def both() -> tuple[bool, int]:
        version = (await platform.see(made["id"]))["items"][0]
        return version["updating"], version["replicas"]

    seen: set[tuple[bool, int]] = set()
    while (now := await both())[1] == 1:
        seen.add(now)
        await asyncio.sleep(0.02)
    assert now == (False, 2)
    assert (True, 1) in seen


@pytest.mark.covers("SRV-47")
async def test_load_scales_up_and_a_restarted_control_plane_does_not_forget_it(
    platform: Platform, entrance: Entrance
) -> None:
    targets = [{"metric": "service-qps", "threshold": 1}, {"metric": "cpu-util", "threshold": 100}]
    hpa = {"min_replicas": 1, "max_replicas": 3, "targets": targets}
    made = await platform.create(scaling={"strategy": "hpa", "hpa": hpa})
    service, version_id = f"/{made['id']}", f"{made['id']}-1"
    await platform.reach(made["id"], "Normal")
    await until(lambda: entrance.call(service), lambda a: a.status_code == 200)
    for _ in range(150):
        await entrance.call(service)
    await until(lambda: platform.see(made["id"]), lambda s: s["items"][0]["replicas"] == 3)
    await platform.crash()
    platform.start()
    await until(lambda: platform.see(made["id"]), lambda s: s["running"] == 3)
    seen = await scaling_of(platform, version_id)
    assert (seen["min_replicas"], seen["max_replicas"]) == (1, 3)
    assert [s["metric"] for s in seen["signals"]] == ["service-qps", "cpu-util"]
    first = seen["steps"][-1]
    assert (first["kind"], first["before"]) == ("load", 1)
    assert first["reason"].startswith("Measured service-qps: ")
    assert "wanted 1/s" in first["reason"]


@pytest.mark.covers("SRV-47")
async def test_concurrency_use_needs_its_limit_as_long_as_it_is_watched(
    platform: Platform,
) -> None:
    hpa = {"max_replicas": 2, "targets": [{"metric": "concurrency-util", "threshold": 80}]}
    scaling = {"strategy": "hpa", "hpa": hpa}
    made = await platform.create(limit={"concurrency_per_replica": 4})
    version_id = f"{made['id']}-1"
    await platform.reach(made["id"], "Normal")
    assert (await platform.act(f"versions/{version_id}/scale", scaling=scaling)).status_code == 200
    refused = await platform.house.a.patch(f"/services/{made['id']}", json={"limit": {}})
    assert refused.status_code == 400
    assert refused.json()["error"]["details"]["field"] == "scaling.hpa.targets.0"
    other = await platform.create(name="other")
    refused = await platform.act(f"versions/{other['id']}-1/scale", scaling=scaling)
    assert refused.status_code == 400
    updates = (await platform.house.a.get(f"/services/versions/{version_id}/updates")).json()
    assert updates["items"][0]["changes"]["scaling"][1]["strategy"] == "hpa"


@pytest.mark.covers("SRV-X1")
async def test_a_service_sleeps_and_its_first_calls_wake_it(
    platform: Platform, entrance: Entrance
) -> None:
    made = await platform.create(scaling={"idle_s": 60}, replicas=2)
    service, version_id = f"/{made['id']}", f"{made['id']}-1"
    await platform.reach(made["id"], "Normal")
    await until(lambda: entrance.call(service), lambda a: a.status_code == 200)
    await _falls_asleep(platform, made["id"])
    asleep = await platform.see(made["id"])
    assert (asleep["state"], asleep["running"], asleep["replicas"]) == ("Normal", 0, 0)
    assert asleep["items"][0]["reason"] == "Asleep. The next call wakes it."
    assert platform.engine.list_alive() == []

    answers = await asyncio.gather(*(entrance.call(service, timeout=60) for _ in range(20)))
    assert {a.status_code for a in answers} == {200}
    awake = await platform.reach(made["id"], "Normal")
    await until(lambda: platform.see(made["id"]), lambda s: s["running"] == 2)
    assert awake["replicas"] == 2
    seen = await scaling_of(platform, version_id)
    assert [s["kind"] for s in seen["steps"]] == ["wake", "sleep"]
    assert 0 < seen["last_start_s"] < 60


@pytest.mark.covers("SRV-X1")
async def test_a_call_is_held_while_the_control_plane_dies_and_comes_back(
    platform: Platform, entrance: Entrance
) -> None:
    made = await platform.create(scaling={"idle_s": 60})
    service = f"/{made['id']}"
    await platform.reach(made["id"], "Normal")
    await until(lambda: entrance.call(service), lambda a: a.status_code == 200)
    await _falls_asleep(platform, made["id"])
    await platform.crash()
    call = asyncio.create_task(entrance.call(service, timeout=90))
    await until(lambda: _waiting(platform, f"{made['id']}-1"), lambda n: n == 1)
    platform.start()
    assert (await call).status_code == 200


async def _falls_asleep(platform: Platform, service_id: str) -> None:
    """Time passes for the loop, while the gateway goes on reporting."""
    await until(lambda: _quiet(platform, service_id), bool)
    platform.ahead += timedelta(seconds=61)
    await until(lambda: platform.see(service_id), lambda s: s["items"][0]["replicas"] == 0)
    await until(lambda: platform.instances(f"{service_id}-1"), lambda found: found == [])
    await until(lambda: _alive(platform), lambda alive: not alive)


async def _alive(platform: Platform) -> list[str]:
    return await asyncio.to_thread(platform.engine.list_alive)


async def _quiet(platform: Platform, service_id: str) -> bool:
    """Every call so far has been reported: gateways speak every second."""
    signals = platform.house.app.state.signals
    return (signals.idle_s(service_id, f"{service_id}-1", by_service=True) or 0) > 2


async def _waiting(platform: Platform, version_id: str) -> int:
    return int((await scaling_of(platform, version_id))["waiting_calls"])


ENGINE = """
import http.server, os

TEXT = b'''vllm:num_requests_running{model_name="m"} 4.0
vllm:num_requests_waiting{model_name="m"} 8.0
vllm:kv_cache_usage_perc{model_name="m"} 0.93
'''

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(TEXT if self.path == "/metrics" else b"ok")

    def log_message(self, *args):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


@pytest.mark.covers("SRV-X7")
@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
async def test_what_an_engine_tells_of_itself_scales_its_service(platform: Platform) -> None:
    script = platform.house.folder("engine", {"engine.py": ENGINE.encode()})
    targets = [
        {"metric": "waiting-requests", "threshold": 2}, {"metric": "kv-cache-util", "threshold": 80},
        {"metric": "ttft-p95", "threshold": 500},
    ]  # fmt: skip
    made = await platform.create(
        runtime="llm", model={"kind": "storage", "ref": script},
        command=f'exec {sys.executable} -S "$MODEL_DIR/engine.py"',
        scaling={
            "strategy": "hpa",
            "hpa": {"min_replicas": 1, "max_replicas": 3, "targets": targets, "down_window_s": 0},
        },
    )  # fmt: skip
    version_id = f"{made['id']}-1"
    platform.house.app.state.signals.ended([(version_id, 900.0)])
    await until(lambda: platform.see(made["id"]), lambda s: s["running"] == 3)
    signals = {s["metric"]: s for s in (await scaling_of(platform, version_id))["signals"]}
    assert signals["waiting-requests"]["value"] == 8
    assert signals["kv-cache-util"]["value"] == pytest.approx(93)
    assert signals["ttft-p95"]["value"] == 900
    step = (await scaling_of(platform, version_id))["steps"][-1]
    assert (step["kind"], step["after"]) == ("load", 3)
