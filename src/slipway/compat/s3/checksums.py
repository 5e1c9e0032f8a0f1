"""The checksums that clients send along: which there are, and how bytes are added to them."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable
from typing import Protocol

from awscrt import checksums as crt

# By the name in headers (`x-amz-checksum-<name>`); length in bytes.
LENGTHS = {"crc32": 4, "crc32c": 4, "crc64nvme": 8, "sha1": 20, "sha256": 32}
_CRC: dict[str, Callable[[bytes, int], int]] = {
    "crc32": zlib.crc32, "crc32c": crt.crc32c, "crc64nvme": crt.crc64nvme,
}  # fmt: skip


class Checksum(Protocol):
    name: str

    def update(self, data: bytes, /) -> None: ...
    def encoded(self) -> str:
        """Base64, as it stands in headers."""
        ...


class _Crc:
    def __init__(self, name: str) -> None:
        self.name, self._add, self._value = name, _CRC[name], 0

    def update(self, data: bytes, /) -> None:
        self._value = self._add(data, self._value)

    def encoded(self) -> str:
        return base64.b64encode(self._value.to_bytes(LENGTHS[self.name], "big")).decode()


class _Hash:
    def __init__(self, name: str) -> None:
        self.name, self._hash = name, hashlib.new(name, usedforsecurity=False)

    def update(self, data: bytes, /) -> None:
        self._hash.update(data)

    def encoded(self) -> str:
        return base64.b64encode(self._hash.digest()).decode()


def checksum(name: str) -> Checksum:
    return _Crc(name) if name in _CRC else _Hash(name)


def checksum_of_parts(name: str, values: list[str]) -> str:
    """The composite form: the checksum of the parts' checksums, and how many there were."""
    whole = checksum(name)
    for value in values:
        whole.update(base64.b64decode(value))
    return f"{whole.encoded()}-{len(values)}"
