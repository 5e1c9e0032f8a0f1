"""Pictures as OpenAI's clients expect them: base64, or an address that holds for a day.

Pictures behind addresses are files below the home with names that nobody can guess; the oldest go
when they are a day old.
"""

import asyncio
import base64
import binascii
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from slipway.gateway.errors import BAD_ANSWER, Refused

PREFIX = b"/generated/"
LIFE_S = 24 * 3600
SWEEP_EVERY_S = 600.0
_TYPES = {b"\x89PNG": ("png", b"image/png"), b"\xff\xd8\xff": ("jpg", b"image/jpeg"),
          b"RIFF": ("webp", b"image/webp"), b"GIF8": ("gif", b"image/gif")}  # fmt: skip
_SUFFIXES = dict(_TYPES.values())


class ImageStore:
    """Files of a day. All of it touches the disk, so all but `read` runs in a thread."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._swept_at = 0.0

    def read(self, target: bytes, now: float) -> tuple[bytes, bytes] | None:
        """(content, media type) of an address, while it holds."""
        name = target.partition(b"?")[0][len(PREFIX) :].decode("latin-1")
        stem, _, suffix = name.partition(".")
        if not stem.isalnum() or suffix not in _SUFFIXES:
            return None
        file = self._directory / name
        try:
            if file.stat().st_mtime + LIFE_S < now:
                return None
            return file.read_bytes(), _SUFFIXES[suffix]
        except OSError:
            return None

    async def put(self, content: bytes) -> str:
        """Keeps a picture. Returns the path of its address."""
        return await asyncio.to_thread(self._put, content)

    def _put(self, content: bytes) -> str:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        suffix = next((s for magic, (s, _) in _TYPES.items() if content.startswith(magic)), "png")
        name = f"{secrets.token_hex(24)}.{suffix}"
        part = self._directory / f".{name}.part"
        part.write_bytes(content)
        part.replace(self._directory / name)
        return PREFIX.decode() + name

    async def sweep(self, now: float) -> None:
        """Deletes what is a day old; looks every few minutes."""
        if now - self._swept_at >= SWEEP_EVERY_S:
            self._swept_at = now
            await asyncio.to_thread(self._sweep, now)

    def _sweep(self, now: float) -> None:
        for file in self._directory.glob("*") if self._directory.is_dir() else ():
            try:
                if file.stat().st_mtime + LIFE_S < now:
                    file.unlink()
            except OSError:
                continue  # another process was quicker


async def as_asked(
    store: ImageStore, answer: dict[str, Any], asked: Mapping[str, Any], base: str
) -> dict[str, Any]:
    """The answer with what every client relies on. Raises Refused for one that has no pictures.

    base: where the caller reached us, such as http://host:port.
    """
    data = answer.get("data")
    if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
        raise Refused(BAD_ANSWER, "The model's answer holds no pictures.")
    pictures = [await _picture(store, one, asked, base) for one in data]
    created = str(answer.get("created", answer.get("id")))
    seconds = int(created) if created.isdigit() else int(time.time())
    return {**answer, "created": seconds, "data": pictures}


async def _picture(
    store: ImageStore, one: dict[str, Any], asked: Mapping[str, Any], base: str
) -> dict[str, Any]:
    one = {"revised_prompt": asked.get("prompt"), **one}
    if asked.get("response_format") != "url" or one.get("url") or "b64_json" not in one:
        return one
    try:
        content = base64.b64decode(str(one.pop("b64_json")), validate=True)
    except (binascii.Error, ValueError) as broken:
        raise Refused(BAD_ANSWER, "The model's answer holds a broken picture.") from broken
    return {**one, "url": base + await store.put(content)}
