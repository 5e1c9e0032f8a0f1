"""Gateways on several machines: one keeps the counters, and the limits are exact over all of them."""

import asyncio
import socket
from collections import Counter
from contextlib import suppress
from functools import partial

import httpx
import pytest

from .control_plane import group, key, llm_service
from .loop_thread import wait_for
from .process import GatewayProcess
from .upstreams import openai_like

MACHINES = 3
CALL = {"model": "ms-1-model", "messages": [{"role": "user", "content": "a" * 40}]}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _has_shared(machine: GatewayProcess, times: int) -> bool:
    return machine.errors.read_text().count('"limits are shared"') >= times


class Machines:
    """`keeper` counts; `others` ask it. Each has a home of its own."""

    def __init__(self, control, root) -> None:
        self.control, self.root, self.port = control, root, free_port()
        self.keeper = self.start_keeper()
        self.others = [self.start(n) for n in range(1, MACHINES)]
        for machine in self.all:
            machine.wait_connected()
        self.wait_shared()

    @property
    def all(self) -> list[GatewayProcess]:
        return [self.keeper, *self.others]

    def start_keeper(self) -> GatewayProcess:
        return GatewayProcess(self.root / "m0", self.control.url, "--limits-port", str(self.port))

    def start(self, number: int) -> GatewayProcess:
        at = f"127.0.0.1:{self.port}"
        return GatewayProcess(self.root / f"m{number}", self.control.url, "--limits-at", at)

    def wait_shared(self, times: int = 1) -> None:
        for machine in self.others:
            wait_for(partial(_has_shared, machine, times), "the way to the keeper")


@pytest.fixture
def machines(control, tmp_path):
    made = Machines(control, tmp_path)
    yield made
    for machine in made.all:
        if machine.process.poll() is None:
            assert machine.stop() == 0


def put(control, machines, port, rules=None, service=None, **limits) -> None:
    more = {"rules": rules} if rules else {}
    control.put("service", llm_service("ms-1", port, **more, **(service or {})))
    control.put("group", group("sg-1", "ms-1"))
    value = key("key-1", "secret", group="sg-1", project="pr-1", limits=limits)
    version = control.put("key", value)
    for machine in machines.all:
        machine.wait_version(version)


async def call(machine: GatewayProcess) -> httpx.Response:
    async with httpx.AsyncClient(timeout=30) as client:
        return await client.post(
            f"{machine.url}/v1/chat/completions", json=CALL,
            headers={"authorization": "Bearer secret"},
        )  # fmt: skip


@pytest.mark.covers("GWY-96", "GWY-97")
@pytest.mark.parametrize(
    ("limits", "more", "code"),
    [
        ({"rpm": 10}, {}, "700001"),
        ({"tpm": 100}, {}, "700002"),
        ({"concurrency": 10}, {}, "700001"),
        ({"cost_day": 200}, {"rules": {"prices": {"prompt": 2_000_000}}}, "700002"),
        ({}, {"rules": {"limits": {"tpm": 100}}}, "700005"),
        ({}, {"rules": {"free_tokens": 100}}, "600005"),
        ({}, {"service": {"limits": {"qps_per_replica": 10, "concurrency_per_replica": None}}}, None),
        ({}, {"service": {"limits": {"qps_per_replica": None, "concurrency_per_replica": 10}}}, None),
    ],
    ids=["rpm", "tpm", "at-once", "day-cost", "model-tpm", "free", "service-qps", "replica"],
)  # fmt: skip
def test_fifty_callers_on_each_of_three_machines_share_a_balance_for_ten(
    control, upstream, machines, limits, more, code
):
    decided = asyncio.Event()

    async def wait_then_answer(request, line):
        await decided.wait()
        await openai_like(request, line)

    put(control, machines, upstream(wait_then_answer).port, **more, **limits)

    async def run() -> list[httpx.Response]:
        calls = [asyncio.create_task(call(m)) for _ in range(50) for m in machines.all]
        while sum(one.done() for one in calls) < 140:
            await asyncio.sleep(0.01)
        control.loop.call(decided.set)
        return await asyncio.gather(*calls)

    answers = asyncio.run(asyncio.wait_for(run(), 60))
    statuses = Counter(a.status_code for a in answers)
    assert statuses[200] == 10 and sum(statuses.values()) == 150, statuses
    if code is not None:
        refused = [a.json()["error"]["code"] for a in answers if a.status_code == 429]
        assert set(refused) == {code} and len(refused) == 140


def test_what_a_dead_machine_held_is_free(control, upstream, machines):
    async def never(request, line):
        await asyncio.sleep(3600)

    put(control, machines, upstream(never).port, concurrency=1)
    dying, other = machines.others

    async def status(machine: GatewayProcess) -> int:
        """0 where it was let in, which nobody answers."""
        try:
            async with asyncio.timeout(1):
                return (await call(machine)).status_code
        except TimeoutError:
            return 0

    async def hold() -> None:
        while (await call(dying)).status_code == 429:
            await asyncio.sleep(0.01)

    async def run() -> None:
        holding = asyncio.create_task(hold())
        while await status(other) != 429:  # until it is the one place that is taken
            pass
        dying.kill()
        with pytest.raises(httpx.TransportError):
            await holding
        while await status(other) == 429:
            await asyncio.sleep(0.05)

    asyncio.run(asyncio.wait_for(run(), 60))


def test_what_each_machine_used_is_counted_for_all(control, upstream, machines):
    put(control, machines, upstream(openai_like).port, tpd=10_000)
    turns = [*machines.all, machines.keeper]
    left = [
        int(asyncio.run(call(machine)).headers["x-ratelimit-remaining-tokens-day"])
        for machine in turns
    ]
    assert left == sorted(set(left), reverse=True)


def test_without_the_keeper_each_counts_alone_and_tells_it_later(control, upstream, machines):
    put(control, machines, upstream(openai_like).port, rpm=100, tpd=100_000)
    other = machines.others[0]

    def left(machine: GatewayProcess) -> int:
        answer = asyncio.run(call(machine))
        assert answer.status_code == 200
        return int(answer.headers["x-ratelimit-remaining-tokens-day"])

    first, second = left(other), left(other)
    assert second < first
    machines.keeper.kill()
    wait_for(lambda: "counted on this machine alone" in other.errors.read_text(), "the notice")
    assert other.health()["limits"] == "alone"
    for _ in range(5):
        left(other)
    machines.keeper = machines.start_keeper()
    machines.keeper.wait_connected()
    machines.wait_shared(2)
    assert other.health()["limits"] == "shared"
    assert machines.keeper.health()["limits"] == "own"
    # What the five used is known there, and what was used before outlived the keeper.
    wait_for(lambda: left(machines.keeper) < second - 5 * (first - second), "the tokens of all")


def test_only_who_knows_the_token_is_answered(machines):
    with socket.create_connection(("127.0.0.1", machines.port), timeout=10) as line:
        assert len(line.recv(100).strip()) == 64
        line.sendall(b"0" * 64 + b"\n")
        with suppress(ConnectionResetError):  # another way to hear nothing
            line.sendall(b'[1,"admit",[],[0,0,0],null]\n')
            assert line.recv(100) == b""
