"""Some percent of the calls once more, to a candidate version: its answers are compared and dropped.

The caller's own call neither waits for the copy nor notices it. What is kept are numbers and the
last few pairs; of the texts only whether they were equal, since nothing that people ask is stored.
"""

import asyncio
import hashlib
import logging
import random
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from slipway.gateway.ask import NoAnswer, ask
from slipway.gateway.http1 import request_bytes
from slipway.gateway.state import Service, Version
from slipway.gateway.texts import answer_text, events

if TYPE_CHECKING:
    from slipway.gateway.core import Gateway
    from slipway.gateway.exchange import Exchange

log = logging.getLogger(__name__)

KEPT_PAIRS = 50
MAX_AT_ONCE = 64  # copies in flight; more are left out, never queued
MAX_BODY_BYTES = 1024 * 1024
MAX_COPIED_BYTES = 1024 * 1024


@dataclass(slots=True)
class Pair:
    """The caller's answer and the candidate's: status, milliseconds, and whether texts agree."""

    id: str
    version: str
    candidate: str
    status: int
    candidate_status: int
    ms: float
    candidate_ms: float
    same: bool


@dataclass(slots=True)
class MirrorNumbers:
    pairs: int = 0
    same: int = 0
    failed: int = 0  # no answer of the candidate, or one of 500 and more
    ms: float = 0.0
    candidate_ms: float = 0.0
    last: deque[Pair] = field(default_factory=lambda: deque(maxlen=KEPT_PAIRS))


class Mirrors:
    """Every service's comparisons since this process started."""

    def __init__(self) -> None:
        self.numbers: dict[str, MirrorNumbers] = {}
        self._in_flight = 0

    def wanted(self, service: Service, size: int) -> bool:
        mirror = service.policy.mirror
        return (
            mirror is not None
            and self._in_flight < MAX_AT_ONCE
            and size <= MAX_BODY_BYTES
            and random.random() * 100 < mirror.percent  # noqa: S311  a share, not a secret
        )

    async def run(
        self, gateway: "Gateway", exchange: "Exchange", body: bytes, mine: "asyncio.Future[Copied]"
    ) -> None:
        """One copy, compared with the caller's answer once both are here."""
        service = exchange.service
        assert service is not None and service.policy.mirror is not None
        version = next((v for v in service.versions if v.id == service.policy.mirror.version), None)
        if version is None or not version.replicas:
            return
        self._in_flight += 1
        try:
            status, answer, took_ms = await self._send(gateway, exchange, version, body)
            theirs = Copied(status, took_ms, digest(answer))
            own = await asyncio.wait_for(mine, gateway.settings.upstream_timeout_s)
        except (TimeoutError, asyncio.CancelledError):
            return
        finally:
            self._in_flight -= 1
        self._note(service.id, exchange, version.id, own, theirs)

    async def _send(
        self, gateway: "Gateway", exchange: "Exchange", version: Version, body: bytes
    ) -> tuple[int, bytes, float]:
        replica = min(version.replicas, key=lambda r: gateway.router.load(r.id).in_flight)
        load = gateway.router.load(replica.id)
        head = request_bytes(
            exchange.head, exchange.entry.target, replica.authority, prefix=b"",
            client=b"mirror", request_id=b"mirror-" + exchange.id.encode(),
            body_length=len(body), keep_authorization=False, plain_encoding=True,
        )  # fmt: skip
        began = gateway.clock()
        load.in_flight += 1
        try:
            status, answer = await ask(
                gateway.pool, replica.target, head + body, now=began,
                timeout_s=gateway.settings.upstream_timeout_s,
            )  # fmt: skip
        except NoAnswer as reason:
            log.info("no mirrored answer", extra={"version": version.id, "reason": str(reason)})
            status, answer = 0, b""
        finally:
            load.in_flight -= 1
        return status, answer, (gateway.clock() - began) * 1000

    def _note(
        self, service: str, exchange: "Exchange", candidate: str, own: "Copied", theirs: "Copied"
    ) -> None:
        numbers = self.numbers.setdefault(service, MirrorNumbers())
        same = own.digest == theirs.digest and own.status == theirs.status
        numbers.pairs += 1
        numbers.same += same
        numbers.failed += theirs.status == 0 or theirs.status >= 500
        numbers.ms += own.ms
        numbers.candidate_ms += theirs.ms
        version = exchange.choice.version.id if exchange.choice else ""
        numbers.last.append(
            Pair(
                exchange.id,
                version,
                candidate,
                own.status,
                theirs.status,
                round(own.ms, 3),
                round(theirs.ms, 3),
                same,
            )
        )

    def dump(self, service: str) -> dict[str, Any]:
        """What the control plane shows of a service."""
        numbers = self.numbers.get(service, MirrorNumbers())
        return {**asdict(numbers), "last": [asdict(pair) for pair in numbers.last]}


@dataclass(frozen=True, slots=True)
class Copied:
    """One side of a pair."""

    status: int
    ms: float
    digest: str


class Copy:
    """Collects the caller's answer for the comparison, up to a limit."""

    __slots__ = ("_parts", "_size", "done")

    def __init__(self) -> None:
        self.done: asyncio.Future[Copied] = asyncio.get_running_loop().create_future()
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, data: bytes) -> None:
        self._size += len(data)
        if self._size <= MAX_COPIED_BYTES:
            self._parts.append(data)

    def end(self, status: int, ms: float) -> None:
        if not self.done.done():
            self.done.set_result(Copied(status, ms, digest(b"".join(self._parts))))


def digest(answer: bytes) -> str:
    """Of what an answer says. Of one that is no chat's, of all its bytes."""
    text = "".join(answer_text(event) for event in events(answer))
    if not text:
        try:
            text = answer_text(orjson.loads(answer))
        except orjson.JSONDecodeError:
            text = ""
    return hashlib.sha256(text.encode(errors="replace") if text else answer).hexdigest()
