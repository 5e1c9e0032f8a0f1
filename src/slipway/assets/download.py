"""Sending a file: whole, in part, or not at all because the caller has it already."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from slipway.assets.ranges import ByteRange, NotSatisfiableError, parse_range
from slipway.assets.storage import OpenFile, Storage

_BLOCK_BYTES = 1 << 18
# Shown by a browser as they are; everything else is saved. Users' files come from the console's
# own address, so none of them may run as a page of it: hence the sandbox below.
_SHOWN = (
    "image/",
    "audio/",
    "video/",
    "text/",
    "application/json",
    "application/x-ndjson",
    "application/pdf",
)
_SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; sandbox",
    "Accept-Ranges": "bytes",
}


class _FileResponse(StreamingResponse):
    """Closes the file also when the client went away before the first byte."""

    opened: OpenFile

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.opened.file.close()


async def send_file(
    storage: Storage,
    opened: OpenFile,
    request: Request,
    *,
    download: bool = False,
    cache: str = "private, no-cache",
) -> Response:
    """Takes over `opened` and closes it, whatever the answer is."""
    headers = _headers(opened, download) | {"Cache-Control": cache}
    size = opened.info.size_bytes
    if _unchanged(request, headers):
        opened.file.close()
        return Response(status_code=304, headers=headers)
    try:
        part = parse_range(_wanted_range(request, headers), size)
    except NotSatisfiableError:
        opened.file.close()
        return _not_satisfiable(size)
    whole = ByteRange(0, size)
    if part is not None:
        headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{size}"
    headers["Content-Length"] = str((part or whole).length)
    status = 206 if part is not None else 200
    media_type = opened.info.content_type
    if request.method == "HEAD":
        opened.file.close()
        return Response(status_code=status, headers=headers, media_type=media_type)
    response = _FileResponse(
        _blocks(storage, opened, part or whole), status, headers, media_type=media_type
    )
    response.opened = opened
    return response


async def _blocks(storage: Storage, opened: OpenFile, part: ByteRange) -> AsyncIterator[bytes]:
    await storage.run(opened.file.seek, part.start)
    left = part.length
    while left and (block := await storage.run(opened.file.read, min(left, _BLOCK_BYTES))):
        left -= len(block)
        yield block


def _headers(opened: OpenFile, download: bool) -> dict[str, str]:
    info = opened.info
    shown = (info.content_type or "").startswith(_SHOWN) and info.content_type != "image/svg+xml"
    disposition = "inline" if shown and not download else "attachment"
    return _SAFE_HEADERS | {
        "ETag": f'"{info.etag}"',
        "Last-Modified": format_datetime(info.modified_at, usegmt=True),
        "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(info.name)}",
    }


def _unchanged(request: Request, headers: dict[str, str]) -> bool:
    asked = [
        tag.strip().removeprefix("W/")
        for tag in request.headers.get("if-none-match", "").split(",")
    ]
    return headers["ETag"] in asked or "*" in asked


def _wanted_range(request: Request, headers: dict[str, str]) -> str | None:
    """The Range header, unless the caller's part belongs to another state of the file."""
    condition = request.headers.get("if-range")
    if condition is None or condition == headers["ETag"]:
        return request.headers.get("range")
    try:
        same = parsedate_to_datetime(condition) == parsedate_to_datetime(headers["Last-Modified"])
    except ValueError:
        return None
    return request.headers.get("range") if same else None


def _not_satisfiable(size: int) -> Response:
    message = f"The file has {size} bytes; the range asked for lies behind its end."
    return JSONResponse(
        {"error": {"code": "bad_range", "message": message, "details": {"size_bytes": size}}},
        status_code=416,
        headers={"Content-Range": f"bytes */{size}"},
    )
