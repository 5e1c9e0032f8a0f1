"""What an upload told about a file (MD5, content type), kept beside its bytes.

Kept in an extended attribute, valid only for the size and time it was written with: a workload
may change the file behind our back. Where the file system has no such attributes, or they are
stale, the entity tag is made from time and size, which still changes whenever the file does.
"""

from __future__ import annotations

import json
import mimetypes
import os
from dataclasses import dataclass

_NAME = "user.slipway"
_TYPES = mimetypes.MimeTypes()
for _suffix, _type in {
    ".jsonl": "application/x-ndjson", ".md": "text/markdown", ".yaml": "text/yaml",
    ".yml": "text/yaml", ".safetensors": "application/octet-stream", ".log": "text/plain",
    ".toml": "text/plain",
}.items():  # fmt: skip
    _TYPES.add_type(_type, _suffix)


@dataclass(frozen=True, slots=True)
class Attributes:
    etag: str
    content_type: str


# What programs send when they know nothing better: the name tells more.
_MEANINGLESS = {"application/octet-stream", "application/x-www-form-urlencoded"}


def guess_type(name: str) -> str:
    return _TYPES.guess_type(name)[0] or "application/octet-stream"


def write_attributes(handle: int, *, md5: str, content_type: str | None) -> None:
    status = os.fstat(handle)
    value: dict[str, object] = {"md5": md5, "size": status.st_size, "mtime": status.st_mtime_ns}
    if content_type not in _MEANINGLESS:
        value["type"] = content_type
    if hasattr(os, "setxattr"):
        try:
            os.setxattr(handle, _NAME, json.dumps(value).encode())
        except OSError:
            return  # no such attributes here; nothing else depends on them


def read_attributes(target: int | str, status: os.stat_result, name: str) -> Attributes:
    stored = _stored(target)
    if stored.get("size") == status.st_size and stored.get("mtime") == status.st_mtime_ns:
        return Attributes(str(stored["md5"]), str(stored.get("type") or guess_type(name)))
    return Attributes(f"{status.st_mtime_ns:x}-{status.st_size:x}", guess_type(name))


def _stored(target: int | str) -> dict[str, object]:
    if not hasattr(os, "getxattr"):
        return {}
    try:
        value = json.loads(os.getxattr(target, _NAME))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) and "md5" in value else {}
