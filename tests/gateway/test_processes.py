"""Several gateway processes on one port: exact together, and none misses a dead one."""

import asyncio
from collections import Counter

import httpx
import pytest

from .control_plane import group, key, llm_service
from .loop_thread import wait_for
from .upstreams import openai_like

PROCESSES = 3
CALL = {"model": "ms-1-model", "messages": [{"role": "user", "content": "a" * 40}]}


@pytest.fixture
def gateways(control, start_gateway):
    first = start_gateway(control.url, "--processes", str(PROCESSES))
    more = [
        start_gateway(control.url, "--processes", str(PROCESSES), number=i, port=first.port)
        for i in range(1, PROCESSES)
    ]
    return [first, *more]


def limited(control, upstream, behaviour=openai_like, rules=None, **limits) -> int:
    """One service with one AppKey. Returns the version of the feed."""
    more = {} if rules is None else {"rules": rules}
    control.put("service", llm_service("ms-1", upstream(behaviour).port, **more))
    control.put("group", group("sg-1", "ms-1"))
    return control.put("key", key("key-1", "secret", group="sg-1", project="pr-1", limits=limits))


async def known_everywhere(url: str, version: int) -> None:
    """Each connection may meet another process: many in a row that know it are all of them."""
    seen = 0
    while seen < 40:
        async with httpx.AsyncClient() as client:
            answer = (await client.get(f"{url}/healthz")).json()
        seen = seen + 1 if answer["version"] >= version and answer["control"] == "connected" else 0


async def call(url: str, **more) -> httpx.Response:
    async with httpx.AsyncClient(timeout=30) as client:  # a connection of its own
        return await client.post(
            f"{url}/v1/chat/completions", json=CALL | more,
            headers={"authorization": "Bearer secret"},
        )  # fmt: skip


def by_process(gateways) -> Counter[str]:
    """Chat calls that each process logged; its request ids have a beginning of their own."""
    lines = gateways[0].log_lines()
    return Counter(one["id"][:16] for one in lines if one["path"] == "/v1/chat/completions")


@pytest.mark.covers("GWY-96", "GWY-97", "GWY-88", "GWY-92", "GWY-93")
@pytest.mark.parametrize(
    ("limits", "rules", "code"),
    [
        ({"rpm": 10}, None, "700001"),
        ({"tpm": 100}, None, "700002"),
        ({"tpd": 100}, None, "700002"),
        ({"tokens_month": 100}, None, "700002"),
        ({"concurrency": 10}, None, "700001"),
        ({"cost_day": 200}, {"prices": {"prompt": 2_000_000}}, "700002"),
        ({"cost_month": 200}, {"prices": {"prompt": 2_000_000}}, "700002"),
        ({}, {"limits": {"rpm": 10}}, "700004"),
        ({}, {"limits": {"tpm": 100}}, "700005"),
        ({}, {"free_tokens": 100}, "600005"),
    ],
    ids=["rpm", "tpm", "tpd", "month", "at-once", "day-cost", "month-cost", "model-rpm",
         "model-tpm", "free"],
)  # fmt: skip
def test_fifty_callers_against_a_balance_for_ten(control, upstream, gateways, limits, rules, code):
    """Each prompt is estimated with ten tokens; nobody is answered before all are decided."""
    decided = asyncio.Event()

    async def wait_then_answer(request, line):
        await decided.wait()
        await openai_like(request, line)

    version = limited(control, upstream, wait_then_answer, rules, **limits)

    async def run() -> list[httpx.Response]:
        await known_everywhere(gateways[0].url, version)
        calls = [asyncio.create_task(call(gateways[0].url)) for _ in range(50)]
        while sum(one.done() for one in calls) < 40:
            await asyncio.sleep(0.01)
        control.loop.call(decided.set)
        return await asyncio.gather(*calls)

    answers = asyncio.run(asyncio.wait_for(run(), 60))
    assert Counter(a.status_code for a in answers) == {200: 10, 429: 40}
    assert {a.json()["error"]["code"] for a in answers if a.status_code == 429} == {code}
    for gateway in gateways:
        gateway.stop()
    assert len(by_process(gateways)) == PROCESSES, "the kernel gave all calls to one process"


def test_the_others_go_on_when_one_is_killed_and_no_usage_is_lost_or_doubled(
    control, upstream, gateways, start_gateway
):
    version = limited(control, upstream)
    asyncio.run(asyncio.wait_for(known_everywhere(gateways[0].url, version), 60))
    first, dying, third = gateways

    async def calls(number: int) -> set[str]:
        found: set[str] = set()
        while len(found) < number:
            try:
                answer = await call(first.url)
            except httpx.TransportError:  # it was waiting at the door of the one that died
                continue
            assert answer.status_code == 200
            found.add(answer.headers["x-request-id"])
        return found

    def booked(ids: set[str]) -> bool:
        return ids <= {record["id"] for record in control.records}

    before = asyncio.run(calls(60))
    wait_for(lambda: booked(before), "every record", 60)
    dying.kill()
    after = asyncio.run(calls(40))
    assert len({i[:16] for i in before}) == PROCESSES
    assert len({i[:16] for i in after}) == PROCESSES - 1
    again = start_gateway(control.url, "--processes", str(PROCESSES), number=1, port=first.port)
    asyncio.run(asyncio.wait_for(known_everywhere(first.url, version), 60))
    later = asyncio.run(calls(40))
    for gateway in (first, again, third):
        assert gateway.stop() == 0
    wait_for(lambda: booked(before | after | later), "every record", 60)
    ids = [record["id"] for record in control.records]
    assert len(ids) == len(set(ids))


def test_what_a_killed_process_had_reserved_is_free_again(
    control, upstream, gateways, start_gateway
):
    async def never(_request, line):
        await line.reader.read()

    instance = upstream(never)
    version = limited(control, lambda _behaviour: instance, concurrency=12)
    url, port = gateways[0].url, gateways[0].port

    async def arrived(number: int) -> None:
        while len(instance.requests) < number:
            await asyncio.sleep(0.01)

    async def run() -> None:
        await known_everywhere(url, version)
        calls = [asyncio.create_task(call(url)) for _ in range(12)]
        await arrived(12)
        assert (await call(url)).status_code == 429
        gateways[1].kill()
        await asyncio.to_thread(
            start_gateway, control.url, "--processes", str(PROCESSES), number=1, port=port
        )
        await known_everywhere(url, version)
        cut = sum(one.done() for one in calls)
        calls += [asyncio.create_task(call(url)) for _ in range(cut)]
        await arrived(12 + cut)
        assert (await call(url)).status_code == 429
        for one in calls:
            one.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    asyncio.run(asyncio.wait_for(run(), 60))
