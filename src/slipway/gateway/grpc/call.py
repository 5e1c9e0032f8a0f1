"""One gRPC call: from a caller's stream to an instance's, with the gateway's rules before it."""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import orjson

from slipway.gateway import admission
from slipway.gateway.admission import Entry
from slipway.gateway.errors import INSTANCE_UNREACHABLE, UNKNOWN_SERVICE, Door, Refused
from slipway.gateway.grpc import status
from slipway.gateway.grpc.status import Headers
from slipway.gateway.grpc.wire import Side, Stream
from slipway.gateway.limits import Grant
from slipway.gateway.routing import Choice
from slipway.gateway.state import Key, Service
from slipway.gateway.usage import UsageRecord, encode

if TYPE_CHECKING:
    from slipway.gateway.core import Gateway
    from slipway.gateway.grpc.door import Instances

log = logging.getLogger(__name__)

SERVICE_METADATA = b"x-ti-service"
_OURS = (SERVICE_METADATA, b"x-request-id", b":authority", b":scheme", b"host")
# Where a call came from and by which key is between the caller and the gateway.
_KEPT_BACK = (b"authorization", b"x-forwarded-for")


class CallerStream(Stream):
    """The caller's half. It refuses or finds an instance, then hands everything on."""

    def __init__(self, gateway: "Gateway", instances: "Instances", side: Side, number: int) -> None:
        self.side, self.number = side, number
        self._gateway = gateway
        self._instances = instances
        self._id = gateway.next_id()
        self._began, self._began_at = gateway.clock(), gateway.now()
        self._path = ""
        self._service: Service | None = None
        self._key: Key | None = None
        self._grant: Grant | None = None
        self._choice: Choice | None = None
        self._there: InstanceStream | None = None
        self._early: list[tuple[bytes, Callable[[], None]]] = []  # until the instance is there
        self._early_end = False
        self._bytes_in = self._bytes_out = 0
        self._first: float | None = None
        self._booked = self._answered = False

    def begin(self, headers: Headers, *, ended: bool) -> None:
        known = dict(headers)
        self._path = known.get(b":path", b"").decode("latin-1")
        self._early_end = ended
        try:
            self._admit(known)
        except Refused as refusal:
            self.refuse(refusal)
            return
        self._gateway.spawn(self._connect(headers))

    def refuse(self, refusal: Refused) -> None:
        code = status.code_of(refusal)
        self._finish(refusal.fault.status, refusal.fault.name)
        if not self._answered:
            said = status.answer(code, refusal.message, self._id.encode())
            self.side.send_headers(self.number, said, end=True)
        else:
            self.side.reset(self.number)
        self.side.forget(self.number)

    # -- from the caller

    def data_came(self, data: bytes, sent: Callable[[], None]) -> None:
        self._bytes_in += len(data)
        if self._there is None:
            self._early.append((data, sent))  # at most a window: nothing is acknowledged yet
        else:
            self._there.side.send(self._there.number, data, sent)

    def trailers_came(self, trailers: Headers) -> None:
        """gRPC callers send none."""

    def ended(self) -> None:
        if self._there is None:
            self._early_end = True
        else:
            self._there.side.end(self._there.number, [])

    def lost(self) -> None:
        """The caller has cancelled, or gone."""
        self._finish(499, "client_gone")
        if self._there is not None:
            self._there.side.reset(self._there.number)

    # -- from the instance

    def answer_began(self, headers: Headers, *, ended: bool) -> None:
        self._answered = True
        self._first = self._gateway.clock() - self._began
        if ended:
            self._note_end(headers)
        told = [*headers, (b"x-request-id", self._id.encode())]
        self.side.send_headers(self.number, told, end=ended)
        if ended:
            self.side.forget(self.number)

    def answer_data(self, data: bytes, sent: Callable[[], None]) -> None:
        self._bytes_out += len(data)
        self.side.send(self.number, data, sent)

    def answer_ended(self, trailers: Headers) -> None:
        self._note_end(trailers)
        self.side.end(self.number, trailers)
        self.side.streams.pop(self.number, None)

    def instance_lost(self) -> None:
        if self._choice is not None:
            self._choice.load.failed(self._gateway.clock())
        if not self._booked:
            self.refuse(Refused(INSTANCE_UNREACHABLE, "The instance broke the call off."))

    # -- the gateway's rules

    def _admit(self, known: dict[bytes, bytes]) -> None:
        gateway = self._gateway
        service = _service_of(gateway, known)
        self._service = service
        entry = Entry(Door.PLAIN, self._path, known.get(b":path", b""), service=service)
        key = admission.identify(gateway.state, entry, known.get(b"authorization", b""))
        self._key = key
        now = gateway.now()
        if key is not None:
            address = admission.caller_address(self.side.peer, known.get(b"x-forwarded-for", b""))
            admission.check_key(gateway.state, key, now, address)
        ceiling = gateway.settings.service_qps_ceiling
        admission.admit_service(gateway.limits, service, ceiling, now)
        self._grant = admission.admit(gateway.limits, key, service, now, entry, None)

    async def _connect(self, headers: Headers) -> None:
        assert self._service is not None
        tried: list[str] = []
        while not self._booked:
            try:
                choice = self._gateway.router.choose(
                    self._service, None, self._gateway.clock(), tried
                )
                if choice.replica.id in tried:
                    raise Refused(INSTANCE_UNREACHABLE, "No instance could be reached.")
                told = self._told(headers, choice)
                there = await self._instances.stream(choice.replica, self, told)
            except Refused as refusal:
                self.refuse(refusal)
                return
            except OSError:
                choice.load.failed(self._gateway.clock())
                tried.append(choice.replica.id)  # nothing was sent, so another one may be asked
                continue
            if self._booked:  # the caller went meanwhile
                there.side.reset(there.number)
                return
            self._choice, self._there = choice, there
            choice.load.in_flight += 1
            self._pass_on(there)
            return

    def _told(self, headers: Headers, choice: Choice) -> Headers:
        """What the instance gets to see."""
        assert self._service is not None
        hidden = _OURS if self._service.forward_authorization else (*_OURS, *_KEPT_BACK)
        return [
            *((n, v) for n, v in headers if n.startswith(b":") and n not in hidden),
            (b":scheme", b"http"), (b":authority", choice.replica.authority),
            *((n, v) for n, v in headers if not n.startswith(b":") and n not in hidden),
            (b"x-request-id", self._id.encode()),
        ]  # fmt: skip

    def _pass_on(self, there: "InstanceStream") -> None:
        """What came while the connection was being made."""
        early, self._early = self._early, []
        for data, sent in early:
            there.side.send(there.number, data, sent)
        if self._early_end:
            there.side.end(there.number, [])

    # -- the books

    def _note_end(self, trailers: Headers) -> None:
        code = dict(trailers).get(b"grpc-status", b"0").decode("latin-1")
        if self._choice is not None:
            self._choice.load.worked()
        self._finish(200 if code == "0" else 500, None if code == "0" else f"grpc_{code}")

    def _finish(self, http_status: int, error: str | None) -> None:
        if self._booked:
            return
        self._booked = True
        gateway, choice = self._gateway, self._choice
        if choice is not None:
            choice.load.in_flight -= 1
        if self._grant is not None:
            self._grant.settle(gateway.now(), 0, 0)
        duration_s = gateway.clock() - self._began
        record = UsageRecord(
            id=self._id, time=gateway.stamp.text(self._began_at),
            service=self._service.id if self._service else "",
            version=choice.version.id if choice else None,
            replica=choice.replica.id if choice else None,
            key=self._key.id if self._key else None,
            group=self._key.group if self._key else None, model=None, path=self._path,
            status=http_status, error_code=error, prompt_tokens=0, completion_tokens=0, images=0,
            cost=0, estimated=False, stream=False, request_bytes=self._bytes_in,
            response_bytes=self._bytes_out,
            ttft_ms=None if self._first is None else round(self._first * 1000, 3),
            duration_ms=round(duration_s * 1000, 3),
        )  # fmt: skip
        encoded = encode(record)
        if self._service is not None and (self._key is not None or not self._service.auth):
            gateway.usage.add(encoded)
        gateway.metrics.count(record, duration_s)
        if gateway.access_log is not None:
            fields = orjson.dumps({"method": "gRPC", "client": self.side.peer.decode("latin-1")})
            gateway.access_log.add(encoded, b"," + fields[1:])


class InstanceStream(Stream):
    """The instance's half: it tells the caller's half what it hears."""

    def __init__(self, side: Side, number: int, caller: CallerStream) -> None:
        self.side, self.number = side, number
        self._caller = caller
        self._over = False

    def headers_came(self, headers: Headers, *, ended: bool) -> None:
        self._over = ended
        self._caller.answer_began(headers, ended=ended)

    def data_came(self, data: bytes, sent: Callable[[], None]) -> None:
        self._caller.answer_data(data, sent)

    def trailers_came(self, trailers: Headers) -> None:
        self._over = True
        self._caller.answer_ended(trailers)

    def ended(self) -> None:
        self.side.forget(self.number)
        if not self._over:
            self._over = True
            self._caller.answer_ended([])

    def lost(self) -> None:
        if not self._over:
            self._over = True
            self._caller.instance_lost()


def _service_of(gateway: "Gateway", known: dict[bytes, bytes]) -> Service:
    """By the metadata and the authority, which must name the same service."""
    name = known.get(SERVICE_METADATA, b"").decode("latin-1")
    service = gateway.state.services.get(name)
    if service is None or not service.grpc:
        raise Refused(
            UNKNOWN_SERVICE,
            f"There is no gRPC service {name[:80]!r}. Name one in the metadata x-ti-service.",
        )
    host = known.get(b":authority", b"").decode("latin-1").rpartition(":")[0]
    host = host or known.get(b":authority", b"").decode("latin-1")
    if host.partition(".")[0] != f"{service.id}-sw-grpc":
        raise Refused(
            UNKNOWN_SERVICE,
            f"The authority is not that of {service.id}. Set it to {service.id}-sw-grpc.<domain>.",
        )
    return service
