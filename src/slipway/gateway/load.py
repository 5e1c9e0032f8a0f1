"""Tells the control plane every second what comes in: what services are scaled by.

A call that waits for a sleeping version is told at once. What cannot be told now is added to the
next report; it is a measure, not a bill, and kept nowhere.
"""

import asyncio
import logging
import os
from collections.abc import Callable

import orjson

from slipway.gateway.control import ControlAway, ControlPlane

log = logging.getLogger(__name__)

PATH = "/internal/gateway/load"
EVERY_S = 1.0
# Nothing to tell: we say that we are there.
IDLE_EVERY_S = 5.0
SILENCE_S = 5.0

Entrance = tuple[str, str]


class LoadReports:
    """`in_flight` by replica and `held` by entrance are asked for when a report is made."""

    def __init__(
        self,
        control: ControlPlane,
        in_flight: Callable[[], dict[str, int]],
        held: Callable[[], dict[Entrance, int]],
    ) -> None:
        self._control = control
        self._in_flight = in_flight
        self._held = held
        self._id = f"{os.getpid()}-{os.urandom(4).hex()}"
        self._arrived: dict[Entrance, int] = {}
        self._urgent = asyncio.Event()

    def arrived(self, entrance: Entrance) -> None:
        self._arrived[entrance] = self._arrived.get(entrance, 0) + 1

    def hurry(self) -> None:
        self._urgent.set()

    async def follow(self) -> None:
        """Reports for as long as the gateway runs."""
        loop, told_at, busy_before = asyncio.get_running_loop(), 0.0, False
        while True:
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._urgent.wait()
            except TimeoutError:
                pass
            self._urgent.clear()
            busy = bool(self._arrived or self._held() or self._in_flight())
            if not busy and not busy_before and loop.time() - told_at < IDLE_EVERY_S:
                continue
            try:
                await self._tell()
            except ControlAway as reason:
                log.debug("load not reported", extra={"reason": str(reason)})
                await asyncio.sleep(0.1)  # what hurries is not told in a tight loop
                continue
            told_at, busy_before = loop.time(), busy

    async def _tell(self) -> None:
        arrived, self._arrived = self._arrived, {}
        held = self._held()
        entrances = [
            {
                "service": service, "version": version,
                "arrived": arrived.get((service, version), 0),
                "held": held.get((service, version), 0),
            }
            for service, version in {*arrived, *held}
        ]  # fmt: skip
        body = orjson.dumps(
            {"gateway": self._id, "entrances": entrances, "in_flight": self._in_flight()}
        )
        try:
            async with self._control.ask("POST", PATH, body, silence_s=SILENCE_S) as answer:
                if not 200 <= answer.status < 300:
                    raise ControlAway(f"the load was answered {answer.status}")
        except ControlAway:
            for entrance, count in arrived.items():
                self._arrived[entrance] = self._arrived.get(entrance, 0) + count
            if held:
                self._urgent.set()
            raise
