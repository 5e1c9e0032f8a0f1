"""Turn what a caller sends as an image into a matrix: a file, a URL or base64 text.

The value comes from strangers, so a file must lie in the model directory and a URL must not
point into the private network, unless the package's owner allows it with
TIINFER_ALLOW_ANY_PATH=1 or TIINFER_ALLOW_PRIVATE_URLS=1.
"""

from __future__ import annotations

import base64
import binascii
import http.client
import io
import ipaddress
import os
import socket
import urllib.parse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mosec.errors import ValidationError

from tiinfer import settings

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

MAX_BYTES = 20 * 1024 * 1024
FETCH_TIMEOUT_S = 10
MAX_REDIRECTS = 3


def image_to_cv2_mat(img_data: str | bytes) -> np.ndarray[Any, Any]:
    """An image as OpenCV has it: H x W x 3, BGR, uint8. ValidationError (422) if it is none."""
    return decode_cv2(image_bytes(img_data))


def image_to_pil_image(img_data: str | bytes) -> Image.Image:
    """The same inputs as a PIL image in RGB."""
    return _open_pil(image_bytes(img_data))


def base64bytes_to_nparray(img_data: str | bytes) -> np.ndarray[Any, Any]:
    return decode_cv2(_from_base64(_text(img_data)))


def base64bytes_to_pil_image(img_data: str | bytes) -> Image.Image:
    return _open_pil(_from_base64(_text(img_data)))


def decode_cv2(content: bytes) -> np.ndarray[Any, Any]:
    import cv2
    import numpy as np

    if not content:
        raise ValidationError("the image is empty")
    matrix = cv2.imdecode(np.frombuffer(content, dtype=np.uint8), cv2.IMREAD_COLOR)
    if matrix is None:
        raise ValidationError("the image cannot be decoded")
    return matrix


def image_bytes(img_data: str | bytes) -> bytes:
    """The encoded image: an existing file first, then a URL, then base64."""
    text = _text(img_data)
    path = _existing_file(text)
    if path is not None:
        return _read_file(path)
    if text.startswith("http"):
        return _fetch(text)
    return _from_base64(text)


def _text(img_data: object) -> str:
    if isinstance(img_data, bytes | bytearray):
        return bytes(img_data).decode("ascii", "replace")
    if isinstance(img_data, str):
        return img_data
    raise ValidationError("the image must be a path, a URL or base64 text")


def _existing_file(text: str) -> Path | None:
    if not text or len(text) > 4096 or "\0" in text:
        return None
    try:
        path = Path(text)
        return path if path.is_file() else None
    except OSError:
        return None


def _read_file(path: Path) -> bytes:
    root = Path(settings.TI_MODEL_DIR).resolve()
    if not _allowed("TIINFER_ALLOW_ANY_PATH") and not path.resolve().is_relative_to(root):
        raise ValidationError("image files outside the model directory are not read")
    if path.stat().st_size > MAX_BYTES:
        raise ValidationError("the image is larger than 20 MB")
    return path.read_bytes()


def _from_base64(text: str) -> bytes:
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValidationError("the image is neither a file, a URL nor base64 text") from error


def _open_pil(content: bytes) -> Image.Image:
    from PIL import Image, UnidentifiedImageError

    try:
        return Image.open(io.BytesIO(content)).convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise ValidationError("the image cannot be decoded") from error


def _allowed(name: str) -> bool:
    return os.environ.get(name) == "1"


def _fetch(url: str) -> bytes:
    """Download an image, following a few redirects, each checked like the first."""
    for _ in range(MAX_REDIRECTS + 1):
        answer = _get(url)
        if isinstance(answer, bytes):
            return answer
        url = urllib.parse.urljoin(url, answer)
    raise ValidationError("the image's URL redirects too often")


def _get(url: str) -> bytes | str:
    """The content, or the address that a redirect names."""
    try:
        parts = urllib.parse.urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ValidationError("the image's URL is malformed") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValidationError("the image's URL must start with http:// or https://")
    secure = parts.scheme == "https"
    try:
        address = _resolve(parts.hostname, port or (443 if secure else 80))
        connection = _connection(parts.hostname, port, address, secure=secure)
        try:
            target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
            connection.request("GET", target)
            return _read_response(connection.getresponse())
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        raise ValidationError(f"the image's URL cannot be read: {error}") from error


def _resolve(host: str, port: int) -> str:
    """One checked address; the connection goes to it, so a second look-up cannot differ."""
    address = str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
    if not ipaddress.ip_address(address.partition("%")[0]).is_global and not _allowed(
        "TIINFER_ALLOW_PRIVATE_URLS"
    ):
        raise ValidationError("image URLs into a private network are refused")
    return address


def _connection(
    host: str, port: int | None, address: str, *, secure: bool
) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(host, port, timeout=FETCH_TIMEOUT_S)
    connection._create_connection = (  # type: ignore[attr-defined]
        lambda target, *args, **kw: socket.create_connection((address, target[1]), *args, **kw)
    )
    return connection


def _read_response(response: http.client.HTTPResponse) -> bytes | str:
    location = response.getheader("location")
    if response.status in (301, 302, 303, 307, 308) and location:
        return location
    if response.status != 200:
        raise ValidationError(f"the image's URL answered {response.status}")
    content = response.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValidationError("the image is larger than 20 MB")
    return content
