"""Calls that wait for a sleeping service: few, for a bounded time, and each answered."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from .control_plane import ControlPlane, key, llm_service, service
from .loop_thread import wait_for
from .process import GatewayProcess, World
from .upstreams import Upstream


def sleeping(name: str, *ports: int, most: int = 5, timeout_s: float = 30, **more) -> dict:
    value = (llm_service if more.get("llm") else service)(name, *ports, **more)
    value["versions"][0]["hold"] = {"max": most, "timeout_s": timeout_s}
    return value


def held(world: World, name: str) -> int:
    """As the newest report says."""
    reports = [load for load in world.control.loads if load["entrances"]]
    own = [e for e in reports[-1]["entrances"] if e["service"] == name] if reports else []
    return sum(e["held"] for e in own)


@pytest.mark.covers("SRV-X1")
def test_calls_wait_until_an_instance_is_there(
    world: World, http: httpx.Client, upstream: Callable[..., Upstream], name: str
) -> None:
    world.put("service", sleeping(name))
    body = b"x" * 200_000  # larger than what is passed on while it comes
    with ThreadPoolExecutor() as pool:
        calls = [pool.submit(http.post, f"/{name}/p{i}", content=body) for i in range(4)]
        calls.append(pool.submit(http.post, f"/{name}-1/own", content=body))
        wait_for(lambda: held(world, name) == 5, "the report of those that wait")
        # More than may wait are told so at once, and nobody else's place is taken.
        over = http.get(f"/{name}/over")
        assert over.status_code == 503
        assert over.json()["error"]["code"] == "too_many_waiting"
        time.sleep(2)  # longer than an instance may be silent here: waiting has its own limit
        world.put("service", sleeping(name, upstream().port))
        answers = [call.result(20) for call in calls]
    assert [a.status_code for a in answers] == [200] * 5
    assert {a.json()["target"] for a in answers} == {"/p0", "/p1", "/p2", "/p3", "/own"}
    assert {len(a.json()["body"]) for a in answers if "body" in a.json()} <= {200_000}
    record = world.record(answers[0].headers["x-request-id"])
    assert (record["status"], record["replica"]) == (200, f"{name}-r0")


@pytest.mark.covers("SRV-X1")
def test_who_waited_long_enough_is_told_and_may_come_again(
    world: World, http: httpx.Client, name: str
) -> None:
    world.put("service", sleeping(name, timeout_s=0.3))
    answer = http.get(f"/{name}/x")
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "no_ready_instance"
    assert "asleep" in answer.json()["error"]["message"]
    assert int(answer.headers["retry-after"]) > 0


def test_a_service_that_is_stopped_or_deleted_meanwhile_answers_so(
    world: World, http: httpx.Client, name: str
) -> None:
    world.put("service", sleeping(name))
    with ThreadPoolExecutor() as pool:
        call = pool.submit(http.get, f"/{name}/x")
        wait_for(lambda: held(world, name) == 1, "the report")
        world.put("service", sleeping(name, state="stopped"))
        assert call.result(20).json()["error"]["code"] == "service_stopped"
        world.put("service", sleeping(name))
        call = pool.submit(http.get, f"/{name}/x")
        wait_for(lambda: held(world, name) == 1, "the report")
        world.delete("service", name)
        assert call.result(20).json()["error"]["code"] == "unknown_service"


def test_a_caller_that_leaves_gives_up_its_place(
    world: World, http: httpx.Client, upstream: Callable[..., Upstream], name: str
) -> None:
    world.put("service", sleeping(name, most=1))
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{world.url}/{name}/gone", timeout=0.5)

    def taken() -> bool:
        with ThreadPoolExecutor() as pool:
            call = pool.submit(http.get, f"/{name}/x")
            if not call.done():
                wait_for(lambda: call.done() or held(world, name) == 1, "a place")
            if call.done():
                return False
            world.put("service", sleeping(name, upstream().port, most=1))
            return call.result(20).status_code == 200

    wait_for(taken, "the place that became free")


def test_a_call_by_model_name_waits_too(
    world: World, http: httpx.Client, upstream: Callable[..., Upstream], name: str
) -> None:
    world.put("key", key(f"key-{name}", f"sk-{name}", name))
    world.put("service", sleeping(name, llm=True, auth=True, models=[f"{name}-m"]))
    body = {"model": f"{name}-m", "messages": [{"role": "user", "content": "hi"}]}
    headers = {"authorization": f"Bearer sk-{name}"}
    with ThreadPoolExecutor() as pool:
        call = pool.submit(http.post, "/v1/chat/completions", json=body, headers=headers)
        wait_for(lambda: held(world, name) == 1, "the report")
        fresh = sleeping(name, upstream().port, llm=True, auth=True, models=[f"{name}-m"])
        world.put("service", fresh)
        assert call.result(20).status_code == 200


def test_without_a_hold_nobody_waits(world: World, http: httpx.Client, name: str) -> None:
    world.put("service", service(name))
    assert http.get(f"/{name}/x").json()["error"]["code"] == "no_ready_instance"


def test_a_gateway_that_ends_lets_nobody_wait(
    control: ControlPlane, start_gateway: Callable[..., GatewayProcess]
) -> None:
    control.put("service", sleeping("ms-end"))
    gateway = start_gateway(control.url)
    gateway.wait_connected()
    with ThreadPoolExecutor() as pool:
        call = pool.submit(httpx.get, f"{gateway.url}/ms-end/x", timeout=30)
        wait_for(lambda: any(load["entrances"] for load in control.loads), "the report")
        assert gateway.stop() == 0
        assert call.result(20).status_code == 503


def test_loads_are_reported_with_what_is_in_flight(
    world: World, http: httpx.Client, upstream: Callable[..., Upstream], name: str
) -> None:
    world.put("service", service(name, upstream().port))
    for _ in range(7):
        http.get(f"/{name}/x")
    http.get(f"/{name}-1/x")

    def counted() -> dict[str, int]:
        found: dict[str, int] = {}
        for load in world.control.loads:
            for entrance in load["entrances"]:
                if entrance["service"] == name:
                    at = entrance["version"]
                    found[at] = found.get(at, 0) + entrance["arrived"]
        return found

    wait_for(lambda: counted() == {"": 7, f"{name}-1": 1}, "the reports")
