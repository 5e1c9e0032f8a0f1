"""What an upload told about a file (MD5, content type, metadata), kept beside its bytes.

Kept in an extended attribute, written before the file gets its name, so file and attributes appear
together. They are valid only for the size and time they were written with: a workload may change
the file behind our back. Where the file system has no such attributes, or they are too large for
it, a small file named after the content's identity takes their place. Without any, the entity tag
is made from time and size, which still changes whenever the file does.
"""

from __future__ import annotations

import json
import mimetypes
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from slipway.base.ids import new_secret

_NAME = "user.slipway"
_BESIDE = b'{"beside": true}'
_TYPES = mimetypes.MimeTypes()
for _suffix, _type in {
    ".jsonl": "application/x-ndjson", ".md": "text/markdown", ".yaml": "text/yaml",
    ".yml": "text/yaml", ".safetensors": "application/octet-stream", ".log": "text/plain",
    ".toml": "text/plain",
}.items():  # fmt: skip
    _TYPES.add_type(_type, _suffix)

# What programs send when they know nothing better: the name tells more.
_MEANINGLESS = {"application/octet-stream", "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Attributes:
    """`etag` is the MD5 in hex, with "-<parts>" behind it for what came in parts.

    headers: further HTTP headers to answer with, such as cache-control. metadata: the user's own.
    checksums: by algorithm, base64. parts: their sizes in bytes. upload: the multipart upload.
    """

    etag: str
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    checksums: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[int, ...] = ()
    upload: str | None = None


def guess_type(name: str) -> str:
    return _TYPES.guess_type(name)[0] or "application/octet-stream"


class AttributeStore:
    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def write(self, handle: int, value: Attributes) -> None:
        status = os.fstat(handle)
        text = json.dumps(_plain(value, status), separators=(",", ":")).encode()
        if _set(handle, text):
            return
        place = self._beside(status)
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.with_name(new_secret("new-", 12))
        temporary.write_bytes(text)
        temporary.replace(place)
        _set(handle, _BESIDE)

    def read(self, target: int | str, status: os.stat_result, name: str) -> Attributes:
        stored = self._stored(target, status)
        whole = stat.S_ISDIR(status.st_mode)  # of a folder, size and time change with what is in it
        if whole or (
            stored.get("size") == status.st_size and stored.get("mtime") == status.st_mtime_ns
        ):
            return _frozen(stored, name)
        return Attributes(f"{status.st_mtime_ns:x}-{status.st_size:x}", guess_type(name))

    def forget(self, status: os.stat_result) -> None:
        """The file with this status is gone."""
        if self._directory.exists():
            self._beside(status).unlink(missing_ok=True)

    def _stored(self, target: int | str, status: os.stat_result) -> dict[str, object]:
        text = _get(target)
        if text is None or text == _BESIDE:
            try:
                text = self._beside(status).read_bytes()
            except OSError:
                return {}
        try:
            value = json.loads(text)
        except ValueError:
            return {}
        return value if isinstance(value, dict) and "md5" in value else {}

    def _beside(self, status: os.stat_result) -> Path:
        name = f"{status.st_ino:x}-{status.st_mtime_ns:x}-{status.st_size:x}"
        return self._directory / f"{status.st_ino & 255:02x}" / name


def _plain(value: Attributes, status: os.stat_result) -> dict[str, object]:
    found: dict[str, object] = {
        "md5": value.etag, "size": status.st_size, "mtime": status.st_mtime_ns,
    }  # fmt: skip
    if value.content_type not in _MEANINGLESS:
        found["type"] = value.content_type
    for name in ("headers", "metadata", "tags", "checksums", "parts", "upload"):
        if kept := getattr(value, name):
            found[name] = kept if name == "upload" or name == "parts" else dict(kept)
    return found


def _frozen(stored: dict[str, object], name: str) -> Attributes:
    def words(key: str) -> dict[str, str]:
        value = stored.get(key)
        return value if isinstance(value, dict) else {}

    parts, upload = stored.get("parts"), stored.get("upload")
    return Attributes(
        etag=str(stored.get("md5") or ""),
        content_type=str(stored.get("type") or guess_type(name)),
        headers=words("headers"), metadata=words("metadata"), tags=words("tags"),
        checksums=words("checksums"), parts=tuple(parts) if isinstance(parts, list) else (),
        upload=str(upload) if upload else None,
    )  # fmt: skip


def _set(handle: int, value: bytes) -> bool:
    if not hasattr(os, "setxattr"):
        return False
    try:
        os.setxattr(handle, _NAME, value)
    except OSError:
        return False  # no such attributes here, or too long for this file system
    return True


def _get(target: int | str) -> bytes | None:
    if not hasattr(os, "getxattr"):
        return None
    try:
        return os.getxattr(target, _NAME)
    except OSError:
        return None
