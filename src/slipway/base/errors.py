"""The one error tree.

    SlipwayError
    ├── Invalid            400  the request breaks a rule; `field` names where
    ├── SignedOut          401  no or wrong credentials
    ├── Forbidden          403  signed in, but not allowed; names the missing action
    ├── NotFound           404  not there, or not yours to see
    ├── Conflict           409  the object's present state does not allow it
    ├── TooLarge           413  over a size limit
    ├── TooMany            429  a rate or quota window is used up; `retry_after_s`
    ├── Unavailable        503  something this needs is not there now
    └── StorageFull        507  the disk cannot take it

Each carries a stable `code` (for programs), a sentence saying what happened and what to do
(for people) and `details` (for both). 422 is left to payloads that do not parse.
"""

from __future__ import annotations

from typing import Any, ClassVar


class SlipwayError(Exception):
    status: ClassVar[int] = 500
    code: str = "internal"

    def __init__(self, message: str, *, code: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        self.details = details


class Invalid(SlipwayError):
    status = 400
    code = "invalid"

    def __init__(
        self, message: str, *, field: str | None = None, code: str | None = None, **details: Any
    ) -> None:
        if field is not None:
            details["field"] = field
        super().__init__(message, code=code, **details)


class SignedOut(SlipwayError):
    status = 401
    code = "signed_out"


class Forbidden(SlipwayError):
    status = 403
    code = "forbidden"


class NotFound(SlipwayError):
    status = 404
    code = "not_found"


class Conflict(SlipwayError):
    status = 409
    code = "conflict"


class TooLarge(SlipwayError):
    status = 413
    code = "too_large"


class TooMany(SlipwayError):
    status = 429
    code = "too_many"

    def __init__(
        self, message: str, *, retry_after_s: int, code: str | None = None, **details: Any
    ) -> None:
        super().__init__(message, code=code, retry_after_s=retry_after_s, **details)
        self.retry_after_s = retry_after_s


class Unavailable(SlipwayError):
    status = 503
    code = "unavailable"


class StorageFull(SlipwayError):
    status = 507
    code = "storage_full"
