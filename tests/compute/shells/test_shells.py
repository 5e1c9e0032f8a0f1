"""Web shells: real terminals in real instances, over real WebSockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from slipway.base.database import Database
from slipway.base.events import list_events
from slipway.base.settings import Settings
from slipway.iam.roles import Role
from tests.running import PASSWORD, Person, World, listening, open_world, until

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)


class Terminal:
    """The far end of a shell: what came, and how to type."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.screen = b""
        self.told: list[dict[str, Any]] = []

    async def sees(self, words: str) -> None:
        async with asyncio.timeout(15):
            while words.encode() not in self.screen:
                await self._next()

    async def hears(self, state: str) -> dict[str, Any]:
        async with asyncio.timeout(15):
            while not self.told or self.told[-1]["state"] != state:
                await self._next()
        return self.told[-1]

    async def types(self, text: str) -> None:
        await self._socket.send(text.encode())

    async def resizes(self, columns: int, rows: int) -> None:
        await self._socket.send(json.dumps({"columns": columns, "rows": rows}))

    async def _next(self) -> None:
        message = await self._socket.recv()
        if isinstance(message, bytes):
            self.screen += message
        else:
            self.told.append(json.loads(message))


class Place:
    """A platform that listens, with one running task."""

    def __init__(self, world: World, url: str, task: str, instance: str) -> None:
        self.world, self.url, self.task, self.instance = world, url, task, instance

    def address(self, person: Person, **query: str) -> str:
        asked = httpx.QueryParams({"project": person.actor.project_id, **query})
        path = f"/api/v1/training/tasks/{self.task}/instances/{self.instance}/shell"
        return f"{self.url.replace('http', 'ws', 1)}{path}?{asked}"

    @contextlib.asynccontextmanager
    async def shell(self, person: Person | None = None, **query: str) -> AsyncIterator[Terminal]:
        person = person or self.world.ann
        headers = {"Authorization": person.http.headers["Authorization"]}
        async with connect(self.address(person, **query), additional_headers=headers) as socket:
            yield Terminal(socket)

    async def events(self) -> list[Any]:
        async with self.world.db.read() as session:
            found = await list_events(
                session, project_id=self.world.ann.actor.project_id, subject_id=self.task
            )
        return [e for e in found if "shell" in e.type]


@pytest.fixture
async def place(db: Database, settings: Settings) -> AsyncIterator[Place]:
    async with open_world(db, settings, loops=True) as world, listening(world.app) as url:
        made = await world.ann.ok(
            "POST", "/training/tasks",
            json={
                "name": "long", "environment": "python", "cpu_cores": 0.5, "memory_bytes": 1 << 28,
                "command": "cd /tmp; echo mine > $ML_OUTPUT_DIR/mark; exec sleep 1000",
                "env": {"COLOUR": "grün"},
            },
        )  # fmt: skip

        async def running() -> Any:
            found = await world.ann.ok("GET", f"/training/tasks/{made['id']}/instances")
            return [i for i in found["items"] if i["state"] == "running"]

        [instance] = await until(running)
        place = Place(world, url, made["id"], instance["id"])
        yield place
        await world.ann.http.post(f"/training/tasks/{made['id']}/stop")
        await until(lambda: _ended(world, made["id"]))


@pytest.mark.covers("TRN-45")
async def test_commands_run_inside_the_instance(place: Place) -> None:
    async with place.shell(columns="90", rows="30") as terminal:
        opened = await terminal.hears("open")
        await terminal.types("echo $COLOUR-$((40+2)); pwd; stty size\r")
        await terminal.sees("grün-42")
        await terminal.sees("30 90")
        if opened["namespace"]:
            await terminal.sees("/opt/ml/code")
            await terminal.types("cat /opt/ml/output/mark\r")
            await terminal.sees("mine")
            home = place.world.settings.root
            await terminal.types(f"ls {home}/instances 2>&1 | wc -l | sed s/^/saw:/\r")
            await terminal.sees("saw:1")  # the one line says that it is not there, or it is empty
        await terminal.resizes(120, 40)
        await terminal.types("stty size\r")
        await terminal.sees("40 120")
        await terminal.types(
            "sleep 98565214 &\rexit 3\r"
        )  # a job in the background holds nothing up
        closed = await terminal.hears("closed")
        assert (closed["reason"], closed["exit_code"]) == ("The shell has ended.", 3)

    opened_event, closed_event = await until(lambda: _two(place))
    assert opened_event.type == "task:shellOpened" and closed_event.type == "task:shellClosed"
    assert opened_event.actor_id == place.world.ann.actor.user_id
    assert opened_event.data["instance_id"] == place.instance
    assert closed_event.data["duration_s"] >= 0
    assert "COLOUR" not in json.dumps(closed_event.data)


async def test_it_shares_the_limits_and_privileges_of_the_command(place: Place) -> None:
    directory = place.world.app.state.files.directory(place.instance)
    await until(lambda: "command_pid" in json.loads((directory / "runner.json").read_text()))
    command = json.loads((directory / "runner.json").read_text())["command_pid"]
    async with place.shell() as terminal:
        await terminal.types("echo pid:$$:\r")
        await terminal.sees("pid:")
        pid = await until(lambda: _pid(terminal))
        assert (
            Path(f"/proc/{pid}/cgroup").read_text() == Path(f"/proc/{command}/cgroup").read_text()
        )
        for line in ("CapBnd", "CapEff", "NoNewPrivs", "Uid"):
            assert _status(pid, line) == _status(command, line), line
        assert os.readlink(f"/proc/{pid}/ns/mnt") == os.readlink(f"/proc/{command}/ns/mnt")


async def test_nothing_is_left_when_the_browser_goes_away(place: Place) -> None:
    async with place.shell() as terminal, place.shell() as second:
        await terminal.types("(setsid sleep 98765214 &); nohup sleep 98765214 & echo up:$((1+1))\r")
        await terminal.sees("up:2")
        await second.types("echo too:$((1+1))\r")
        await second.sees("too:2")
        assert len(_running("98765214")) == 2
        first, shells = terminal, _running("slipway.runtime.shell")
        assert len(shells) == 2
        await first._socket.close()
        await until(lambda: not _running("98765214"))
        await second.types("echo still:$((1+1))\r")
        await second.sees("still:2")
    await until(lambda: not _running("slipway.runtime.shell"))
    assert (await place.world.ann.ok("GET", f"/training/tasks/{place.task}"))["state"] == "Running"


async def test_a_killed_platform_leaves_no_shell(place: Place) -> None:
    """What a kill closes is the pipe: here the other end of it is closed by hand."""
    async with place.shell() as terminal:
        await terminal.types("sleep 98665214 & echo up:$((1+1))\r")
        await terminal.sees("up:2")
        [helper] = _running("slipway.runtime.shell")
        os.kill(helper, signal.SIGKILL)  # worse: not even the helper may tidy up
        assert (await terminal.hears("closed"))["reason"]
        await until(lambda: not _running("98665214"))


async def test_it_ends_with_the_instance(place: Place) -> None:
    async with place.shell() as terminal:
        await terminal.hears("open")
        await place.world.ann.ok("POST", f"/training/tasks/{place.task}/stop")
        assert (await terminal.hears("closed"))["reason"] == "The shell has ended."
    await until(lambda: not _running("slipway.runtime.shell"))
    await until(lambda: _ended(place.world, place.task))
    async with place.shell() as terminal:
        refused = await terminal.hears("refused")
        assert (refused["code"], refused["message"]) == (
            "not_running", "A shell needs a running instance.",
        )  # fmt: skip


async def test_it_is_closed_when_nobody_types(place: Place) -> None:
    state = place.world.app.state
    state.settings = state.settings.model_copy(update={"shell_idle_s": 0.3})
    async with place.shell() as terminal:
        assert "Nothing was typed" in (await terminal.hears("closed"))["reason"]


async def test_a_long_paste_and_a_broken_message_do_no_harm(place: Place) -> None:
    async with place.shell() as terminal:
        await terminal._socket.send("no size")
        await terminal.resizes(10**6, -1)
        await terminal.types("cat > /tmp/pasted-$SLIPWAY_INSTANCE_ID\r")
        text = "".join(f"line {n} 你好\n" for n in range(3000))
        await terminal.types(text)
        await terminal.types("\x04")
        await terminal.types("wc -l < /tmp/pasted-$SLIPWAY_INSTANCE_ID | sed s/^/lines:/\r")
        await terminal.sees("lines:3000")
        await terminal.types("rm /tmp/pasted-$SLIPWAY_INSTANCE_ID; echo gone:$((1+1))\r")
        await terminal.sees("gone:2")


async def test_who_may_not_is_refused(place: Place) -> None:
    world = place.world
    viewer = await world.person("vera", Role.VIEWER, world.ann.actor.project_id)
    with pytest.raises(InvalidStatus) as refused:
        async with place.shell(viewer):
            pass
    assert refused.value.response.status_code == 403
    with pytest.raises(InvalidStatus) as signed_out:
        async with connect(place.address(world.ann)):
            pass
    assert signed_out.value.response.status_code == 401
    async with place.shell(world.bob) as terminal:
        assert (await terminal.hears("refused"))["code"] == "not_found"
    place.instance = "*"
    async with place.shell() as terminal:
        assert (await terminal.hears("refused"))["code"] == "not_found"


async def test_a_page_of_another_site_gets_no_shell(place: Place) -> None:
    async with httpx.AsyncClient(base_url=place.url) as browser:
        await browser.post("/api/v1/auth/login", json={"name": "ann", "password": PASSWORD})
        cookie = "; ".join(f"{k}={v}" for k, v in browser.cookies.items())
    address, headers = place.address(place.world.ann), {"Cookie": cookie}
    for origin in ("http://evil.example", None):
        with pytest.raises(InvalidStatus) as refused:
            async with connect(address, additional_headers=headers, origin=origin):
                pass
        assert refused.value.response.status_code == 403
    async with connect(address, additional_headers=headers, origin=place.url) as socket:
        await Terminal(socket).hears("open")


async def test_only_so_many_at_once(place: Place) -> None:
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(8):
            await (await stack.enter_async_context(place.shell())).hears("open")
        async with place.shell() as ninth:
            assert (await ninth.hears("refused"))["code"] == "too_many_shells"
            with pytest.raises(ConnectionClosed):
                await ninth._next()


async def _ended(world: World, task: str) -> bool:
    seen = await world.ann.ok("GET", f"/training/tasks/{task}")
    return seen["state"] in ("Stopped", "Completed", "Abnormal")


async def _two(place: Place) -> list[Any] | None:
    found = await place.events()
    return found if len(found) == 2 else None


def _running(words: str) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and words in (entry / "cmdline").read_text().split("\0"):
                found.append(int(entry.name))
    return found


async def _pid(terminal: Terminal) -> int | None:
    for part in terminal.screen.decode().split("pid:")[1:]:
        if part.split(":")[0].isdigit():
            return int(part.split(":")[0])
    await terminal._next()
    return None


def _status(pid: int, name: str) -> str:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line for line in lines if line.startswith(f"{name}:"))
