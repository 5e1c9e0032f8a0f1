"""The body of an upload: plain or in signed chunks, with what it must add up to.

`Upload` is what the headers promise; `stream` gives the bytes; `check` compares once they are in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from typing import Protocol

from slipway.compat.s3.call import Call
from slipway.compat.s3.checksums import LENGTHS, Checksum, checksum
from slipway.compat.s3.errors import S3Error
from slipway.compat.s3.signature import EMPTY_SHA256, UNSIGNED, Claim, signing_key

_STREAMING = "STREAMING-"
_MOST_CHUNK_BYTES = 1 << 30
_MOST_LINE = 16 << 10


class Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...


class Upload:
    """Raises S3Error where the headers do not make sense together."""

    def __init__(self, call: Call, claim: Claim, secret: str, *, about_body: bool = True) -> None:
        """`about_body`: whether checksums in the headers are of the body, not of an object."""
        self._call, self._claim, self._secret = call, claim, secret
        self._about_body = about_body
        self._payload = claim.payload
        self._chunked = self._payload.startswith(_STREAMING)
        self._trailers: dict[str, str] = {}
        self._promised: tuple[str, str] | None = None
        self.length = self._length()
        self._sha256 = hashlib.sha256() if self._hashes() else None
        self.checksum = self._checksum()

    @property
    def digests(self) -> tuple[Digest, ...]:
        """What must see every byte."""
        return tuple(item for item in (self._sha256, self.checksum) if item is not None)

    def stream(self) -> AsyncIterator[bytes]:
        if not self._chunked:
            return self._plain()
        return self._chunks()

    def check(self, md5: str, size_bytes: int) -> None:
        """`md5` in hex, of all bytes. Raises S3Error where they are not what was promised."""
        if self.length is not None and size_bytes != self.length:
            raise S3Error(
                "IncompleteBody", f"{self.length} bytes were announced, {size_bytes} came."
            )
        if self._sha256 is not None and self._sha256.hexdigest() != self._payload:
            raise S3Error("XAmzContentSHA256Mismatch", "The body is not the one that was signed.")
        sent = self._call.header("content-md5")
        if sent and base64.b64decode(sent).hex() != md5:
            raise S3Error("BadDigest", "The body's MD5 is not the one of the header Content-MD5.")
        if self.checksum is not None:
            name = self.checksum.name
            value = self._trailers.get(f"x-amz-checksum-{name}")
            expected = value if value is not None else (self._promised or ("", ""))[1]
            if expected and expected != self.checksum.encoded():
                raise S3Error("BadDigest", f"The body's {name} is not the one that was sent along.")

    def checksums(self) -> dict[str, str]:
        return {self.checksum.name: self.checksum.encoded()} if self.checksum is not None else {}

    def _length(self) -> int | None:
        name = "x-amz-decoded-content-length" if self._chunked else "content-length"
        text = self._call.header(name)
        if text is None:
            if not self._chunked and self._call.header("transfer-encoding") is not None:
                return None  # as long as it comes to be
            return 0 if self._call.method == "POST" else _no_length()
        if not text.isascii() or not text.isdigit():
            raise S3Error("InvalidArgument", f"{name} is not a number.")
        return int(text)

    def _hashes(self) -> bool:
        if self._payload == UNSIGNED or self._chunked:
            return False
        if len(self._payload) != 64:
            raise S3Error("InvalidArgument", "x-amz-content-sha256 is not a SHA-256 in hex.")
        return True

    def _checksum(self) -> Checksum | None:
        if (md5 := self._call.header("content-md5")) is not None:
            _check_md5(md5)
        if not self._about_body:
            return None
        sent = [n for n in LENGTHS if f"x-amz-checksum-{n}" in self._call.headers]
        trailer = (self._call.header("x-amz-trailer") or "").strip().lower()
        if trailer:
            name = trailer.removeprefix("x-amz-checksum-")
            if name not in LENGTHS:
                raise S3Error("InvalidRequest", f"The trailer {trailer} is not known.")
            return checksum(name)
        if len(sent) > 1:
            raise S3Error("InvalidRequest", "Send one checksum, not several.")
        if sent:
            value = self._call.headers[f"x-amz-checksum-{sent[0]}"]
            self._promised = (sent[0], value)
            return checksum(sent[0])
        wanted = (self._call.header("x-amz-sdk-checksum-algorithm") or "").lower()
        return checksum(wanted) if wanted in LENGTHS else None

    async def _plain(self) -> AsyncIterator[bytes]:
        async for chunk in self._call.chunks():
            yield chunk

    async def _chunks(self) -> AsyncIterator[bytes]:
        signed = "HMAC-SHA256" in self._payload
        checker = _ChunkSignatures(self._claim, self._secret) if signed else None
        reader = _Reader(self._call.chunks())
        while True:
            size, signature = _chunk_header(await reader.line())
            if checker is not None:
                checker.begin()
            left = size
            while left:
                piece = await reader.some(left)
                left -= len(piece)
                if checker is not None:
                    checker.update(piece)
                yield piece
            if size:
                await reader.end_of_line()
            if checker is not None:
                checker.end(signature)
            if size == 0:
                break
        await self._read_trailers(reader, checker)

    async def _read_trailers(self, reader: _Reader, checker: _ChunkSignatures | None) -> None:
        text, signature = "", ""
        while line := await reader.line(optional=True):
            name, _, value = line.decode("latin-1").partition(":")
            name, value = name.strip().lower(), value.strip()
            if name == "x-amz-trailer-signature":
                signature = value
                continue
            self._trailers[name] = value
            text += f"{name}:{value}\n"
        if checker is not None and self._trailers:
            checker.end_trailers(text, signature)
        await reader.drain()


async def read_small(call: Call, upload: Upload, most: int) -> bytes:
    """A whole body that is text, checked."""
    if upload.length is not None and upload.length > most:
        raise S3Error("EntityTooLarge", f"This request has at most {most} bytes.")
    parts: list[bytes] = []
    size = 0
    async for chunk in upload.stream():
        size += len(chunk)
        if size > most:
            raise S3Error("EntityTooLarge", f"This request has at most {most} bytes.")
        parts.append(chunk)
    body = b"".join(parts)
    for digest in upload.digests:
        digest.update(body)
    upload.check(hashlib.md5(body, usedforsecurity=False).hexdigest(), size)
    return body


class _ChunkSignatures:
    """Each chunk's signature covers the one before it, the first the request's."""

    def __init__(self, claim: Claim, secret: str) -> None:
        self._claim, self._before = claim, claim.signature
        self._key = signing_key(secret, claim.scope)
        self._hash = hashlib.sha256()

    def begin(self) -> None:
        self._hash = hashlib.sha256()

    def update(self, data: bytes) -> None:
        self._hash.update(data)

    def end(self, signature: str) -> None:
        self._compare("PAYLOAD", f"{EMPTY_SHA256}\n{self._hash.hexdigest()}", signature)

    def end_trailers(self, text: str, signature: str) -> None:
        self._compare("TRAILER", hashlib.sha256(text.encode()).hexdigest(), signature)

    def _compare(self, kind: str, hashed: str, signature: str) -> None:
        words = "\n".join(
            [f"AWS4-HMAC-SHA256-{kind}", self._claim.time, self._claim.scope, self._before, hashed]
        )
        expected = hmac.new(self._key, words.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, signature):
            raise S3Error("SignatureDoesNotMatch", "The signature of a chunk is wrong.")
        self._before = expected


class _Reader:
    def __init__(self, source: AsyncIterator[bytes]) -> None:
        self._source, self._held = source, b""

    async def line(self, *, optional: bool = False) -> bytes:
        """Without its end; b"" at the end of the body, which is allowed only where `optional`."""
        while (at := self._held.find(b"\n")) < 0:
            if len(self._held) > _MOST_LINE:
                raise S3Error("InvalidRequest", "A chunk's header is too long.")
            more = await anext(self._source, b"")
            if not more:
                if optional:
                    return b""
                raise S3Error("IncompleteBody", "The body ended inside a chunk.")
            self._held += more
        line, self._held = self._held[:at], self._held[at + 1 :]
        return line.rstrip(b"\r")

    async def some(self, most: int) -> bytes:
        if not self._held:
            self._held = await anext(self._source, b"")
            if not self._held:
                raise S3Error("IncompleteBody", "The body ended inside a chunk.")
        if len(self._held) <= most:
            piece, self._held = self._held, b""
            return piece
        piece, self._held = self._held[:most], self._held[most:]
        return piece

    async def end_of_line(self) -> None:
        if await self.line() != b"":
            raise S3Error("InvalidRequest", "A chunk is longer than its header says.")

    async def drain(self) -> None:
        async for _ in self._source:
            pass


def _chunk_header(line: bytes) -> tuple[int, str]:
    size, _, extension = line.partition(b";")
    try:
        length = int(size, 16)
    except ValueError:
        raise S3Error("InvalidRequest", "A chunk's header has no size.") from None
    if not 0 <= length <= _MOST_CHUNK_BYTES:
        raise S3Error("InvalidRequest", "A chunk is too large.")
    return length, extension.decode("latin-1").removeprefix("chunk-signature=").strip()


def _check_md5(text: str) -> None:
    try:
        good = len(base64.b64decode(text, validate=True)) == 16
    except ValueError:
        good = False
    if not good:
        raise S3Error("InvalidDigest", "Content-MD5 is not an MD5 in base64.")


def _no_length() -> int:
    raise S3Error("MissingContentLength", "Say how long the body is (Content-Length).")
