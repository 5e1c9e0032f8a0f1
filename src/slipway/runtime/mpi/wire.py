"""How the instances of one task talk: proof of the shared secret first, then one request.

The server opens with a nonce. The client answers with a JSON line holding the request, a nonce of
its own, and an HMAC over both; the server's HMAC over the client's nonce proves it in turn. What
follows are frames: one byte of kind, four of length, the content.
"""

import hashlib
import hmac
import json
import os
import secrets
import socket
import struct
from collections.abc import Iterator
from typing import Any

OUTPUT, EXIT = b"O", b"E"
_REQUEST_LIMIT_BYTES = 1 << 20
_HANDSHAKE_S = 30.0

Request = dict[str, Any]


class NotProven(Exception):
    """The other side does not know the secret of this task."""


def secret() -> bytes:
    return os.environ["SLIPWAY_GROUP_SECRET"].encode()


def connect(address: tuple[str, int], request: Request, key: bytes) -> socket.socket:
    """An open connection over which the request has been accepted. Raises OSError, NotProven."""
    link = socket.create_connection(address, timeout=_HANDSHAKE_S)
    link.settimeout(_HANDSHAKE_S)
    nonce = _line(link)
    own = secrets.token_hex(16)
    text = json.dumps({"request": request, "nonce": own})
    link.sendall(json.dumps({"text": text, "mac": _mac(key, nonce, text)}).encode() + b"\n")
    if not hmac.compare_digest(_line(link), _mac(key, own, "accepted")):
        link.close()
        raise NotProven
    link.settimeout(None)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return link


def accept(link: socket.socket, key: bytes) -> Request:
    """The request of a client that proved itself. Raises OSError, NotProven."""
    link.settimeout(_HANDSHAKE_S)
    nonce = secrets.token_hex(16)
    link.sendall(nonce.encode() + b"\n")
    try:
        said = json.loads(_line(link))
        text, mac = str(said["text"]), str(said["mac"])
    except (ValueError, KeyError, TypeError) as error:
        raise NotProven from error
    if not hmac.compare_digest(mac, _mac(key, nonce, text)):
        raise NotProven
    content = json.loads(text)
    link.sendall(_mac(key, content["nonce"], "accepted").encode() + b"\n")
    link.settimeout(None)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    request: Request = content["request"]
    return request


def send(link: socket.socket, kind: bytes, content: bytes) -> None:
    link.sendall(kind + struct.pack(">I", len(content)) + content)


def frames(link: socket.socket) -> Iterator[tuple[bytes, bytes]]:
    """Until the other side closes."""
    while head := _exactly(link, 5):
        (length,) = struct.unpack(">I", head[1:])
        content = _exactly(link, length) if length else b""
        if len(content) < length:
            return
        yield head[:1], content


def _mac(key: bytes, nonce: str, text: str) -> str:
    return hmac.new(key, f"{nonce}\n{text}".encode(), hashlib.sha256).hexdigest()


def _line(link: socket.socket) -> str:
    data = b""
    while not data.endswith(b"\n"):
        part = link.recv(65536)
        if not part or len(data) > _REQUEST_LIMIT_BYTES:
            raise NotProven
        data += part
    return data[:-1].decode("utf-8", "replace")


def _exactly(link: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        part = link.recv(min(1 << 20, length - len(data)))
        if not part:
            return b""
        data += part
    return data
