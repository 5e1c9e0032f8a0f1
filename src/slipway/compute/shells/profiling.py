"""A sampling profile of a running instance, taken through a shell of it: on any engine the same."""

from __future__ import annotations

import asyncio
import base64
import json
import zlib
from dataclasses import dataclass
from typing import Any

from slipway.base.clock import Clock
from slipway.base.database import Database
from slipway.base.errors import Conflict, Invalid, Unavailable
from slipway.compute.engines.base import Shell
from slipway.compute.shells.opening import Shells, Where, opened
from slipway.iam.types import Actor

MAX_SECONDS = 60
RATE = 100
_START, _END = b"\x02", b"\x03"
_MAX_BYTES = 64 << 20
_SLACK_S = 60.0


@dataclass(frozen=True, slots=True)
class ProcessProfile:
    """`speedscope`: a document of https://www.speedscope.app/file-format-schema.json."""

    pid: int
    command: str
    speedscope: dict[str, Any]


async def profile(
    db: Database, shells: Shells, actor: Actor, where: Where, *, seconds: int, idle: bool, now: Clock
) -> list[ProcessProfile]:  # fmt: skip
    """Of every Python program of the instance. `idle`: with the time in which they wait."""
    if not 1 <= seconds <= MAX_SECONDS:
        raise Invalid(f"A profile takes 1 to {MAX_SECONDS} seconds.", field="seconds")
    asked = f"--seconds {seconds} --rate {RATE}{' --idle' if idle else ''}"
    command = f'exec "$SLIPWAY_PYTHON" -P -m slipway.runtime.profile {asked}\n'
    async with opened(db, shells, actor, where, (200, 50), now) as shell:
        await shell.write(command.encode())
        try:
            async with asyncio.timeout(seconds + _SLACK_S):
                packed = await _between_marks(shell)
        except TimeoutError as error:
            raise Unavailable(
                "The profiler did not answer in time. Try again.", code="no_profile"
            ) from error
    found = await asyncio.to_thread(_unpacked, packed)
    if not found["ok"]:
        raise Conflict(str(found.get("reason")), code="no_profile")
    try:
        return [ProcessProfile(**one) for one in found["processes"]]
    except (KeyError, TypeError) as error:
        raise _unreadable() from error


async def _between_marks(shell: Shell) -> bytes:
    read = bytearray()
    while _END not in read:
        part = await shell.read()
        if not part:
            raise Unavailable("The instance has ended, or its shell has.", code="no_profile")
        read += part
        if len(read) > _MAX_BYTES:
            raise Unavailable("The profile is too large. Take a shorter one.", code="no_profile")
    return bytes(read).partition(_END)[0].rpartition(_START)[2]


def _unpacked(packed: bytes) -> dict[str, Any]:
    """What comes from inside an instance may be anything."""
    try:
        unpacking = zlib.decompressobj(wbits=31)  # gzip
        text = unpacking.decompress(base64.b64decode(b"".join(packed.split())), _MAX_BYTES)
        found = json.loads(text) if unpacking.eof else None
    except (ValueError, zlib.error) as error:
        raise _unreadable() from error
    if not isinstance(found, dict) or not isinstance(found.get("ok"), bool):
        raise _unreadable()
    return found


def _unreadable() -> Unavailable:
    return Unavailable("The profiler's answer cannot be read.", code="no_profile")
