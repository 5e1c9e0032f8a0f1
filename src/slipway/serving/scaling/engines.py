"""What the engine of a language model tells of itself: `/metrics` in Prometheus text.

Each engine has its own names for the same few things; only those are read.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass

_TIMEOUT_S = 2.0
_MOST_BYTES = 1 << 20
_LINE = re.compile(r"([A-Za-z_:][\w:]*)(?:\{[^}]*\})?\s+(\S+)")
_RUNNING = (
    "slipway_llm_sequences_running", "vllm:num_requests_running", "sglang:num_running_reqs",
    "llamacpp:requests_processing",
)  # fmt: skip
_WAITING = (
    "slipway_llm_sequences_waiting", "vllm:num_requests_waiting", "sglang:num_queue_reqs",
    "llamacpp:requests_deferred",
)  # fmt: skip
# Fractions of 1; vLLM renamed its own.
_KV_CACHE = (
    "slipway_llm_kv_cache_usage", "vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc",
    "sglang:token_usage", "llamacpp:kv_cache_usage_ratio",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class EngineLoad:
    """None: the engine does not tell."""

    running: float | None = None
    waiting: float | None = None
    kv_cache_pct: float | None = None


def parse(text: str) -> EngineLoad:
    """Series of one name that differ by their labels are added up, as of several ranks."""
    found: dict[str, float] = {}
    counts: dict[str, int] = {}
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        with contextlib.suppress(ValueError):
            found[match[1]] = found.get(match[1], 0.0) + float(match[2])
            counts[match[1]] = counts.get(match[1], 0) + 1

    def first(names: tuple[str, ...], *, mean: bool = False) -> float | None:
        name = next((n for n in names if n in found), None)
        if name is None:
            return None
        return found[name] / counts[name] if mean else found[name]

    cache = first(_KV_CACHE, mean=True)
    return EngineLoad(first(_RUNNING), first(_WAITING), None if cache is None else cache * 100)


async def ask(host: str, port: int) -> EngineLoad | None:
    """None where it does not answer, or has no such page."""
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            return await _get(host, port)
    except (OSError, TimeoutError, ValueError):
        return None


async def _get(host: str, port: int) -> EngineLoad | None:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(
            f"GET /metrics HTTP/1.0\r\nHost: {host}:{port}\r\nUser-Agent: slipway\r\n\r\n".encode()
        )
        data = b""
        while len(data) < _MOST_BYTES and (piece := await reader.read(65_536)):
            data += piece
    finally:
        writer.close()
    head, _, body = data.partition(b"\r\n\r\n")
    words = head.split(None, 2)
    if len(words) < 2 or words[1] != b"200":
        return None
    return parse(body.decode("utf-8", "replace"))
