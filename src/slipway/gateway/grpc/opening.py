"""gRPC is there once a service wants it: until then neither its port nor its library is loaded."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slipway.gateway.core import Gateway
    from slipway.gateway.grpc.door import GrpcDoor


class GrpcEntrance:
    def __init__(self, gateway: "Gateway") -> None:
        self._gateway = gateway
        self._door: GrpcDoor | None = None

    def look(self) -> None:
        """After each change of the routes."""
        if self._door is not None:
            self._door.tidy()
        if self._door is None and any(s.grpc for s in self._gateway.state.services.values()):
            # 40 ms and 8 MB, which a gateway without gRPC services does not need.
            from slipway.gateway.grpc.door import GrpcDoor

            self._door = GrpcDoor(self._gateway)
        if self._door is not None and not self._door.is_open and not self._gateway.draining:
            self._gateway.spawn(self._door.open())

    async def stop(self, drain_s: float) -> None:
        if self._door is not None:
            await self._door.stop(drain_s)
