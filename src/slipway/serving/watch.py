"""Watching one replica: when it may get requests, and when it must be ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from slipway.serving.config import Probe, VersionConfig
from slipway.serving.launch import readiness
from slipway.serving.probe import ask
from slipway.serving.types import Replica, ReplicaState

# Nobody set a period: look often at first, since most starts are quick, then ever less often.
_FIRST_LOOK_S, _LONGEST_LOOK_S = 0.05, 1.0


class Findings(Protocol):
    """What a watch tells. Each may come more than once."""

    async def is_ready(self, replica_id: str) -> None: ...

    async def is_unready(self, replica_id: str, reason: str) -> None: ...

    async def must_end(self, replica_id: str, reason: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Watched:
    replica: Replica
    config: VersionConfig

    @property
    def needed(self) -> bool:
        """Whether there is anything to watch for."""
        replica, probes = self.replica, self.config.probes
        if not replica.is_live or replica.host is None:
            return False
        if replica.state == ReplicaState.READYING:
            return True
        whole_life = probes.readiness is not None or probes.liveness is not None
        return replica.state == ReplicaState.RUNNING and whole_life


async def watch(watched: Watched, age_s: float, findings: Findings) -> None:
    """Returns when nothing is left to look at. `age_s`: how long the instance has been running."""
    replica, probes = watched.replica, watched.config.probes
    starting = replica.state == ReplicaState.READYING
    if starting and probes.startup is not None and not await _starts(watched, findings):
        return
    async with asyncio.TaskGroup() as group:
        group.create_task(_follow_readiness(watched, starting, age_s, findings))
        if probes.liveness is not None:
            group.create_task(_follow_liveness(watched, probes.liveness, findings))


async def _starts(watched: Watched, findings: Findings) -> bool:
    probe = watched.config.probes.startup
    assert probe is not None
    await asyncio.sleep(probe.initial_delay_s)
    failures, why = 0, ""
    while failures < probe.failure_threshold:
        why = await _ask(watched, probe) or ""
        if not why:
            return True
        failures += 1
        await asyncio.sleep(probe.period_s)
    reason = f"The startup probe failed {failures} times: {why}."
    await findings.must_end(watched.replica.id, reason)
    return False


async def _follow_readiness(
    watched: Watched, starting: bool, age_s: float, findings: Findings
) -> None:
    if starting and not await _becomes_ready(watched, age_s, findings):
        return
    own = watched.config.probes.readiness
    if own is None:
        return
    told_ready = True
    async for healthy, why in _verdicts(watched, own):
        if healthy and not told_ready:
            await findings.is_ready(watched.replica.id)
        if not healthy and told_ready:
            reason = f"The readiness probe fails: {why}."
            await findings.is_unready(watched.replica.id, reason)
        told_ready = healthy


async def _becomes_ready(watched: Watched, age_s: float, findings: Findings) -> bool:
    """Ask until it passes, or until its time is up."""
    probe, limit_s = readiness(watched.config), watched.config.start_timeout_s
    own = watched.config.probes.readiness
    began = asyncio.get_running_loop().time() - age_s
    await asyncio.sleep(max(0.0, probe.initial_delay_s - age_s))
    passed, pause_s = 0, _FIRST_LOOK_S
    while True:
        why = await _ask(watched, probe)
        passed = 0 if why else passed + 1
        if passed >= probe.success_threshold:
            break
        if why and asyncio.get_running_loop().time() - began > limit_s:
            reason = f"It was not ready within {limit_s} s: {why}."
            await findings.must_end(watched.replica.id, reason)
            return False
        await asyncio.sleep(own.period_s if own else pause_s)
        pause_s = min(_LONGEST_LOOK_S, pause_s * 1.2)
    await findings.is_ready(watched.replica.id)
    return True


async def _follow_liveness(watched: Watched, probe: Probe, findings: Findings) -> None:
    await asyncio.sleep(probe.initial_delay_s)
    async for healthy, why in _verdicts(watched, probe):
        if not healthy:
            reason = f"The liveness probe failed {probe.failure_threshold} times: {why}."
            await findings.must_end(watched.replica.id, reason)
            return


async def _verdicts(watched: Watched, probe: Probe) -> AsyncIterator[tuple[bool, str]]:
    """(healthy, why not) once a period, whenever a threshold is reached. Endless."""
    passed = failed = 0
    while True:
        await asyncio.sleep(probe.period_s)
        why = await _ask(watched, probe)
        passed, failed = (0, failed + 1) if why else (passed + 1, 0)
        if passed >= probe.success_threshold:
            yield True, ""
        if failed >= probe.failure_threshold:
            yield False, why or ""


def _ask(watched: Watched, probe: Probe) -> Awaitable[str | None]:
    replica = watched.replica
    assert replica.host is not None
    assert replica.port is not None
    return ask(probe, replica.host, replica.port)


class Watches:
    """One task per replica that needs watching."""

    def __init__(self, findings: Findings, failed: Callable[[str, BaseException], None]) -> None:
        self._findings = findings
        self._failed = failed
        self._tasks: dict[str, tuple[str, int, asyncio.Task[None]]] = {}

    def keep(self, version_id: str, watched: list[tuple[Watched, float]]) -> None:
        """Watch exactly these replicas of the version; those watched already go on."""
        wanted = {w.replica.id: (w, age_s) for w, age_s in watched if w.needed}
        for replica_id, (owner, _, task) in list(self._tasks.items()):
            if owner == version_id and replica_id not in wanted:
                task.cancel()
                del self._tasks[replica_id]
        for replica_id, (one, age_s) in wanted.items():
            known = self._tasks.get(replica_id)
            if known is None or (known[2].done() and known[1] != _phase(one.replica)):
                task = asyncio.create_task(watch(one, age_s, self._findings))
                task.add_done_callback(partial(self._ended, replica_id))
                self._tasks[replica_id] = (version_id, _phase(one.replica), task)

    async def close(self) -> None:
        tasks = [task for _, _, task in self._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._tasks.clear()

    def _ended(self, replica_id: str, task: asyncio.Task[None]) -> None:
        """A watch that broke is begun again at the next look."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._tasks.pop(replica_id, None)
            self._failed(replica_id, error)


def _phase(replica: Replica) -> int:
    """A watch that ended is begun again only for a replica in another phase of its life."""
    return int(replica.state == ReplicaState.RUNNING)
