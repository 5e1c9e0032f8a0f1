"""The one place that turns errors into answers: `{"error": {"code", "message", "details"}}`."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.websockets import WebSocket

from slipway.base.errors import SlipwayError, TooMany

log = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    app.add_exception_handler(SlipwayError, _ours)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(Exception, _unexpected)


def _answer(
    status: int, code: str, message: str, details: dict[str, Any] | None = None, headers: Any = None
) -> JSONResponse:
    body = {"error": {"code": code, "message": message, "details": jsonable_encoder(details or {})}}
    return JSONResponse(body, status, headers=headers)


async def _ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SlipwayError)
    headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, TooMany) else None
    answer = _answer(error.status, error.code, error.message, error.details, headers)
    if isinstance(request, WebSocket):
        await request.send_denial_response(answer)  # nobody sends what is returned there
    return answer


async def _malformed(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    fields = {".".join(str(part) for part in e["loc"][1:]): e["msg"] for e in error.errors()}
    first = next(iter(fields.items()), ("", "The request cannot be read."))
    message = f"{first[0]}: {first[1]}" if first[0] else first[1]
    return _answer(422, "malformed", message, {"fields": fields})


async def _plain(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http_error")
    return _answer(error.status_code, code, str(error.detail), headers=error.headers)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("A request failed unexpectedly.", exc_info=error, extra={"path": request.url.path})
    return _answer(
        500,
        "internal",
        "Something went wrong on the platform's side; the operator's log has the details.",
    )
