"""Refusals in the words of MLflow: `{"error_code": ..., "message": ...}`."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from slipway.base.errors import Conflict, Invalid, NotFound, SignedOut, SlipwayError, TooMany

_CODES: tuple[tuple[type[SlipwayError], str], ...] = (
    (SignedOut, "UNAUTHENTICATED"),
    (NotFound, "RESOURCE_DOES_NOT_EXIST"),
    (TooMany, "REQUEST_LIMIT_EXCEEDED"),
    (Invalid, "INVALID_PARAMETER_VALUE"),
)


class MlflowRoute(APIRoute):
    """Answers this tree's refusals as an MLflow client expects them."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await inner(request)
            except SlipwayError as error:
                headers = {"Retry-After": str(error.retry_after_s)} if isinstance(error, TooMany) else None  # fmt: skip
                body = {"error_code": code_of(error), "message": error.message}
                return JSONResponse(body, error.status, headers=headers)

        return handler


def code_of(error: SlipwayError) -> str:
    if isinstance(error, Conflict):
        return "RESOURCE_ALREADY_EXISTS" if error.code == "name_taken" else "INVALID_STATE"
    found = (code for kind, code in _CODES if isinstance(error, kind))
    return next(found, "PERMISSION_DENIED" if error.status == 403 else "TEMPORARILY_UNAVAILABLE")
