"""Where gRPC calls come in, and the connections to the instances that answer them."""

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from slipway.gateway import tls
from slipway.gateway.grpc.call import CallerStream, InstanceStream
from slipway.gateway.grpc.status import Headers
from slipway.gateway.grpc.wire import Side
from slipway.gateway.policy import Target
from slipway.gateway.state import Replica

if TYPE_CHECKING:
    from slipway.gateway.core import Gateway

log = logging.getLogger(__name__)


class Instances:
    """HTTP/2 connections by replica; calls share one as long as the instance allows."""

    def __init__(self, connect_timeout_s: float) -> None:
        self._timeout_s = connect_timeout_s
        self._open: dict[Target, list[Side]] = {}
        self._opening: dict[Target, asyncio.Lock] = {}

    async def stream(
        self, replica: Replica, caller: CallerStream, headers: Headers
    ) -> InstanceStream:
        """A new stream to the replica, begun. Raises OSError where it cannot be reached."""
        target = replica.target
        async with self._opening.setdefault(target, asyncio.Lock()):
            side = self._with_room(target) or await self._connect(target)
        number = side.h2.get_next_available_stream_id()
        stream = side.streams[number] = InstanceStream(side, number, caller)
        side.send_headers(number, headers)
        return stream

    def close(self) -> None:
        for sides in self._open.values():
            for side in sides:
                side.close()

    def keep(self, targets: set[Target]) -> None:
        """Connections to replicas that have gone are closed once they are idle."""
        for target in set(self._open) - targets:
            if not any(side.streams for side in self._open[target]):
                for side in self._open.pop(target):
                    side.close()
                self._opening.pop(target, None)

    def _with_room(self, target: Target) -> Side | None:
        sides = [side for side in self._open.get(target, ()) if not side.closed]
        self._open[target] = sides
        return next(
            (s for s in sides if len(s.streams) < s.h2.remote_settings.max_concurrent_streams), None
        )

    async def _connect(self, target: Target) -> Side:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout_s):
                _, side = await loop.create_connection(
                    lambda: Side(client=True), target.host, target.port
                )
        except TimeoutError as late:
            raise OSError("the connection was not accepted in time") from late
        self._open.setdefault(target, []).append(side)
        return side


class CallerSide(Side):
    def __init__(self, door: "GrpcDoor") -> None:
        super().__init__(client=False)
        self._door = door

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._door.callers.add(self)

    def request_came(self, number: int, headers: Headers, *, ended: bool) -> None:
        stream = CallerStream(self._door.gateway, self._door.instances, self, number)
        self.streams[number] = stream
        stream.begin(headers, ended=ended)

    def gone(self) -> None:
        self._door.callers.discard(self)


class GrpcDoor:
    """Opens its port with the first gRPC service, and keeps it open."""

    def __init__(self, gateway: "Gateway") -> None:
        self.gateway = gateway
        self.instances = Instances(gateway.settings.connect_timeout_s)
        self.callers: set[CallerSide] = set()
        self._server: asyncio.Server | None = None
        self._opening = False

    async def open(self) -> None:
        if self._opening or self._server is not None:
            return
        self._opening = True
        settings = self.gateway.settings
        secured = tls.server_context(settings)
        if secured is not None:
            secured.set_alpn_protocols(["h2"])
        try:
            self._server = await self.gateway.loop.create_server(
                lambda: CallerSide(self), settings.host, settings.grpc_port, ssl=secured,
                reuse_port=settings.processes > 1,
            )  # fmt: skip
        except OSError as cause:
            log.error(
                "the gRPC port cannot be opened",
                extra={"port": settings.grpc_port, "reason": str(cause)},
            )
            return
        finally:
            self._opening = False
        log.info("serving gRPC", extra={"port": settings.grpc_port})

    @property
    def is_open(self) -> bool:
        return self._server is not None

    def tidy(self) -> None:
        state = self.gateway.state
        self.instances.keep({r.target for _, v in state.versions.values() for r in v.replicas})

    async def stop(self, drain_s: float) -> None:
        """Takes no new connections; running calls get their time."""
        if self._server is None:
            return
        self._server.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(drain_s):
                while any(caller.streams for caller in self.callers):
                    await asyncio.sleep(0.05)
        for caller in list(self.callers):
            caller.close()
        self.instances.close()
