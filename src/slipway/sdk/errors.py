"""The errors of the API, by status; `code` tells them apart further. The same sentences as on the wire."""

from __future__ import annotations

from typing import Any


class SlipwayError(Exception):
    """Any refusal. `code` is stable, `message` says what happened and what to do."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "error",
        status: int = 0,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.code, self.status, self.details = message, code, status, details or {}


class Invalid(SlipwayError): ...


class SignedOut(SlipwayError): ...


class Forbidden(SlipwayError): ...


class NotFound(SlipwayError): ...


class Conflict(SlipwayError): ...


class TooLarge(SlipwayError): ...


class TooMany(SlipwayError): ...


class Unavailable(SlipwayError):
    """The platform cannot be reached, or something it needs is not there now."""


class StorageFull(SlipwayError): ...


_BY_STATUS: dict[int, type[SlipwayError]] = {
    400: Invalid, 401: SignedOut, 403: Forbidden, 404: NotFound, 409: Conflict, 413: TooLarge, 422: Invalid,
    429: TooMany, 503: Unavailable, 507: StorageFull,
}  # fmt: skip


def error_of(status: int, body: Any) -> SlipwayError:
    error = body.get("error", {}) if isinstance(body, dict) else {}
    kind = _BY_STATUS.get(status, SlipwayError)
    return kind(
        error.get("message") or f"The platform answered with status {status}.",
        code=str(error.get("code", "http_error")), status=status, details=error.get("details"),
    )  # fmt: skip
