"""HTTP/1.1 as the gateway handles it: which header fields travel on, and how heads are written."""

from http import HTTPStatus

REASON = {status.value: status.phrase.encode() for status in HTTPStatus}
CHUNKED = b"transfer-encoding: chunked\r\n"
CLOSE = b"connection: close\r\n"
KEEP_ALIVE = b"connection: keep-alive\r\n"
LAST_CHUNK = b"0\r\n\r\n"

# Between two neighbours only (RFC 9110, section 7.6.1), or rewritten by us.
_NOT_FORWARDED = (
    b"connection",
    b"keep-alive",
    b"proxy-connection",
    b"proxy-authenticate",
    b"proxy-authorization",
    b"te",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
    b"x-request-id",
)
_REQUEST_OWN = (b"host", b"content-length", b"expect", b"authorization",
                b"accept-encoding", b"content-type", b"user-agent", b"x-forwarded-for",
                b"x-forwarded-proto", b"x-forwarded-host", b"traceparent")  # fmt: skip
_RESPONSE_OWN = (b"content-length", b"content-type", b"content-encoding")


def _by_spelling(names: tuple[bytes, ...]) -> dict[bytes, bytes]:
    """Lower-case name for the usual spellings, so that most lookups need no `lower()`."""
    return {spelled: name for name in names for spelled in (name, name.title())}


_REQUEST_NAMES = _by_spelling(_NOT_FORWARDED + _REQUEST_OWN)
_RESPONSE_NAMES = _by_spelling((*_NOT_FORWARDED, *_RESPONSE_OWN, b"x-upstream-status"))
_ORDINARY_CONNECTION = frozenset((b"", b"keep-alive", b"close"))
_DROPPED = frozenset(_NOT_FORWARDED) | {b"x-upstream-status"}


class RequestHead:
    """Method, target and header fields of one request, split into what travels on and what not."""

    __slots__ = ("accept_encoding", "authorization", "chunked", "connection", "content_length",
                 "content_type", "expect", "forwarded_for", "forwarded_host", "forwarded_proto",
                 "has_upgrade", "host", "keep_alive", "lines", "method", "size", "target",
                 "traceparent", "user_agent", "version")  # fmt: skip

    def __init__(self) -> None:
        self.method = b""
        self.target = b""
        self.version = "1.1"
        self.keep_alive = True
        self.lines: list[bytes] = []
        self.size = 0
        self.content_length: int | None = None
        self.chunked = False
        self.has_upgrade = False
        self.host = b""
        self.connection = b""
        self.expect = b""
        self.authorization = b""
        self.accept_encoding = b""
        self.content_type = b""
        self.user_agent = b""
        self.traceparent = b""
        self.forwarded_for = b""
        self.forwarded_proto = b""
        self.forwarded_host = b""

    def add(self, name: bytes, value: bytes) -> None:
        self.size += len(name) + len(value) + 4
        known = _REQUEST_NAMES.get(name) or _REQUEST_NAMES.get(name.lower())
        if known is None:
            self.lines.append(b"%b: %b\r\n" % (name, value))
            return
        match known:
            case b"host":
                self.host = value
            case b"content-type":
                self.content_type = value
            case b"user-agent":
                self.user_agent = value
                self.lines.append(b"%b: %b\r\n" % (name, value))
            case b"traceparent":
                self.traceparent = value
                self.lines.append(b"%b: %b\r\n" % (name, value))
            case b"authorization":
                self.authorization = value
            case b"content-length":
                self.content_length = int(value)
            case b"accept-encoding":
                self.accept_encoding = value
            case b"connection":
                self.connection = value.lower()
            case b"transfer-encoding":
                self.chunked = True
            case b"expect":
                self.expect = value.lower()
            case b"upgrade":
                self.has_upgrade = True
            case b"x-forwarded-for":
                self.forwarded_for = value
            case b"x-forwarded-proto":
                self.forwarded_proto = value
            case b"x-forwarded-host":
                self.forwarded_host = value

    def drop_named_in_connection(self) -> None:
        """Removes the fields that `Connection` declares to be for us alone."""
        if self.connection in _ORDINARY_CONNECTION:
            return
        named = {token.strip() for token in self.connection.split(b",")} - {b"close", b"keep-alive"}
        if named:
            self.lines = [
                line for line in self.lines if line.split(b":", 1)[0].lower() not in named
            ]


class ResponseHead:
    """Status and header fields of an instance's answer."""

    __slots__ = (
        "chunked",
        "content_encoding",
        "content_length",
        "content_type",
        "lines",
        "status",
    )

    def __init__(self) -> None:
        self.status = 0
        self.lines: list[bytes] = []
        self.content_length: int | None = None
        self.chunked = False
        self.content_type = b""
        self.content_encoding = b""

    def add(self, name: bytes, value: bytes) -> None:
        known = _RESPONSE_NAMES.get(name) or _RESPONSE_NAMES.get(name.lower())
        if known in _DROPPED:
            self.chunked = self.chunked or known == b"transfer-encoding"
            return
        match known:
            case b"content-length":
                self.content_length = int(value)
                return
            case b"content-type":
                self.content_type = value
            case b"content-encoding":
                self.content_encoding = value
        self.lines.append(b"%b: %b\r\n" % (name, value))

    def has_body(self, method: bytes) -> bool:
        return method != b"HEAD" and self.status not in (204, 304)

    @property
    def ends_with_connection(self) -> bool:
        return not self.chunked and self.content_length is None


def request_bytes(
    head: RequestHead,
    target: bytes,
    authority: bytes,
    *,
    prefix: bytes,
    client: bytes,
    request_id: bytes,
    body_length: int | None,
    keep_authorization: bool,
    plain_encoding: bool,
) -> bytes:
    """The head of the request as the instance gets it. `body_length` None means chunked."""
    came_from = b"%b, %b" % (head.forwarded_for, client) if head.forwarded_for else client
    parts = [
        b"%b %b HTTP/1.1\r\nhost: %b\r\n" % (head.method, target, authority),
        *head.lines,
        b"x-request-id: %b\r\nx-forwarded-for: %b\r\nx-forwarded-proto: %b\r\n"
        % (request_id, came_from, head.forwarded_proto or b"http"),
    ]
    if head.forwarded_host or head.host:
        parts.append(b"x-forwarded-host: %b\r\n" % (head.forwarded_host or head.host))
    if prefix:
        parts.append(b"x-forwarded-prefix: %b\r\n" % prefix)
    if head.content_type:
        parts.append(b"content-type: %b\r\n" % head.content_type)
    if head.accept_encoding and not plain_encoding:
        parts.append(b"accept-encoding: %b\r\n" % head.accept_encoding)
    if keep_authorization and head.authorization:
        parts.append(b"authorization: %b\r\n" % head.authorization)
    if body_length is None:
        parts.append(CHUNKED)
    elif body_length or head.content_length is not None or head.chunked:
        parts.append(b"content-length: %d\r\n" % body_length)
    parts.append(b"\r\n")
    return b"".join(parts)


def own_answer(status: int, body: bytes, extra: bytes, content_type: bytes) -> bytes:
    """An answer of the gateway itself, body and all."""
    return b"HTTP/1.1 %d %b\r\ncontent-type: %b\r\ncontent-length: %d\r\n%b\r\n%b" % (
        status,
        REASON.get(status, b""),
        content_type,
        len(body),
        extra,
        body,
    )


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)
