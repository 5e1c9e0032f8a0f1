"""How many requests wait inside an engine, as its own metrics say.

Asked once a second of the replicas among which a prompt's beginning chooses: what other gateways and
batches inside the engine have queued there is nothing that this process could count.
"""

import asyncio
import re
from typing import TYPE_CHECKING

from slipway.gateway.ask import NoAnswer, ask
from slipway.gateway.state import Replica

if TYPE_CHECKING:
    from slipway.gateway.core import Gateway

EVERY_S = 1.0
TIMEOUT_S = 1.0
# vLLM, SGLang, llama.cpp, text-generation-inference.
_WAITING = re.compile(
    rb"^(?:vllm:num_requests_waiting|sglang:num_queue_reqs|llamacpp:requests_deferred"
    rb"|tgi_queue_size)(?:\{[^}\n]*\})? +([0-9.eE+]+)",
    re.MULTILINE,
)


def waiting(metrics: bytes) -> int | None:
    """Requests that wait, summed over models; None where the engine says nothing of it."""
    found = _WAITING.findall(metrics)
    try:
        return int(sum(float(one) for one in found)) if found else None
    except ValueError:
        return None


async def follow(gateway: "Gateway") -> None:
    """For as long as the gateway runs. One that does not answer counts as without a queue."""
    while True:
        await asyncio.sleep(EVERY_S)
        replicas = [
            replica
            for service in gateway.state.services.values()
            if service.policy.prefix_affinity
            for version in service.versions
            if len(version.replicas) > 1
            for replica in version.replicas
            if not replica.external
        ]
        if replicas:
            await asyncio.gather(*(_look(gateway, replica) for replica in replicas))


async def _look(gateway: "Gateway", replica: Replica) -> None:
    request = b"GET /metrics HTTP/1.1\r\nhost: %b\r\n\r\n" % replica.authority
    found: int | None = None
    try:
        status, body = await ask(
            gateway.pool, replica.target, request, now=gateway.clock(), timeout_s=TIMEOUT_S
        )
        found = waiting(body) if status == 200 else None
    except NoAnswer:
        found = None
    gateway.router.load(replica.id).queued = found or 0
