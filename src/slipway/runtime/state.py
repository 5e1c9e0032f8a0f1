"""The small JSON files of an instance directory, written so that no reader sees half of one."""

import json
import os
import time
from typing import Any

# Room kept for exit.json while the disk is still able to give it.
RESERVED_BYTES = 4096


def write_json(path: str, value: dict[str, Any]) -> None:
    """Replace `path` in one step."""
    draft = f"{path}.tmp"
    with open(draft, "wb") as file:
        file.write(json.dumps(value).encode())
    os.replace(draft, path)


def read_json(path: str) -> dict[str, Any] | None:
    """What the file says; None if it is missing or not a JSON object."""
    try:
        with open(path, "rb") as file:
            value = json.loads(file.read())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def reserve(path: str) -> None:
    """Take the space of a later `write_reserved` now, so that a full disk cannot prevent it."""
    with open(f"{path}.tmp", "wb") as file:
        file.write(b" " * RESERVED_BYTES)


def write_reserved(path: str, value: dict[str, Any]) -> None:
    """Write `path` durably and in one step, into the space that `reserve` took."""
    fd = os.open(f"{path}.tmp", os.O_WRONLY | os.O_CREAT, 0o644)
    try:
        data = json.dumps(value).encode()
        os.pwrite(fd, data, 0)
        os.ftruncate(fd, len(data))
        os.fsync(fd)
    finally:
        os.close(fd)
    os.replace(f"{path}.tmp", path)


def timestamp(now_s: float | None = None) -> str:
    """UTC, RFC 3339, with microseconds."""
    now_s = time.time() if now_s is None else now_s
    whole = int(now_s)
    clock = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
    return f"{clock}.{int((now_s - whole) * 1e6):06d}Z"
