"""What an S3 client is told: a code it knows, a status, a sentence."""

from __future__ import annotations

from slipway.base import errors as base

_STATUS = {
    "AccessDenied": 403, "AuthorizationHeaderMalformed": 400,
    "AuthorizationQueryParametersError": 400, "BadDigest": 400, "BucketAlreadyExists": 409,
    "BucketAlreadyOwnedByYou": 409, "BucketNotEmpty": 409, "EntityTooLarge": 400,
    "EntityTooSmall": 400, "IncompleteBody": 400, "InternalError": 500, "InvalidAccessKeyId": 403,
    "InvalidArgument": 400, "InvalidBucketName": 400, "InvalidDigest": 400, "InvalidLocationConstraint": 400, "InvalidPart": 400,
    "InvalidPartNumber": 416, "InvalidPartOrder": 400, "InvalidRange": 416, "InvalidRequest": 400,
    "InvalidStorageClass": 400, "InvalidTag": 400, "KeyTooLongError": 400, "MalformedXML": 400, "MetadataTooLarge": 400,
    "MethodNotAllowed": 405, "MissingContentLength": 411, "NoSuchBucket": 404, "NoSuchKey": 404,
    "NoSuchUpload": 404, "NoSuchVersion": 404, "NotImplemented": 501, "OperationAborted": 409,
    "PreconditionFailed": 412, "QuotaExceeded": 403, "RequestTimeTooSkewed": 403,
    "RequestTimeout": 400, "ServiceUnavailable": 503, "SignatureDoesNotMatch": 403,
    "SlowDown": 503, "XAmzContentSHA256Mismatch": 400,
    "InsufficientStorage": 507,
}  # fmt: skip


class S3Error(Exception):
    def __init__(
        self, code: str, message: str, *, status: int | None = None, **details: str
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.details = code, message, details
        self.status = status or _STATUS[code]


class NotModified(Exception):
    """304: the client has it already."""

    def __init__(self, headers: list[tuple[str, str]]) -> None:
        super().__init__()
        self.headers = headers


class ClientGone(Exception):
    """The connection closed; nobody waits for an answer."""


def translated_error(error: base.SlipwayError) -> S3Error:
    """The platform's own refusal in the words of the protocol."""
    match error:
        case base.NotFound():
            code = "NoSuchBucket" if error.code == "no_bucket" else "NoSuchKey"
        case base.Forbidden() | base.SignedOut():
            code = "AccessDenied"
        case base.TooLarge():
            code = "EntityTooLarge"
        case base.TooMany():
            code = "SlowDown"
        case base.StorageFull():
            code = "QuotaExceeded" if error.code == "quota_exceeded" else "InsufficientStorage"
        case base.Unavailable():
            code = "ServiceUnavailable"
        case base.Conflict():
            code = {
                "name_taken": "BucketAlreadyExists",
                "not_empty": "BucketNotEmpty",
                "path_taken": "PreconditionFailed",
            }.get(error.code, "OperationAborted")
        case _:
            code = {"bad_name": "InvalidBucketName", "key_too_long": "KeyTooLongError"}.get(
                error.code, "InvalidArgument"
            )
    return S3Error(code, error.message)
