"""Refusals in gRPC's words: a status code and a message, in the trailers of an empty answer."""

from urllib.parse import quote

from slipway.gateway.errors import Refused

OK = 0
CANCELLED = 1
UNIMPLEMENTED = 12
UNAVAILABLE = 14
_INTERNAL = 13
# By the HTTP status that the same refusal has on a service's path.
_BY_STATUS = {
    400: 3, 401: 16, 403: 7, 404: UNIMPLEMENTED, 408: 4, 413: 8, 429: 8, 502: UNAVAILABLE,
    503: UNAVAILABLE, 504: 4,
}  # fmt: skip

Headers = list[tuple[bytes, bytes]]


def code_of(refusal: Refused) -> int:
    return _BY_STATUS.get(refusal.fault.status, _INTERNAL)


def answer(code: int, message: str, request_id: bytes) -> Headers:
    """A whole answer: headers that end the stream."""
    return [
        (b":status", b"200"), (b"content-type", b"application/grpc"),
        (b"grpc-status", b"%d" % code),
        (b"grpc-message", quote(message, safe=" !#$&'()*+,/:;=?@[]~-_.").encode()),
        (b"x-request-id", request_id),
    ]  # fmt: skip
