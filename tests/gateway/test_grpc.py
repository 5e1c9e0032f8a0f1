"""gRPC through the gateway: a real grpcio client and server, nothing of ours between but the door."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import httpx
import pytest

from tests.runtime_serve.servers import free_port

from .control_plane import ControlPlane, key, service
from .loop_thread import wait_for
from .process import GatewayProcess, World

BIG = bytes(range(256)) * 20_000  # 5 MB: more than any window


class Echo(grpc.GenericRpcHandler):
    """Methods by name: what a model server might offer, without generated code."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.cancelled = threading.Event()

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        self.seen.append(dict(details.invocation_metadata))
        match details.method:
            case "/demo.Echo/One":
                return grpc.unary_unary_rpc_method_handler(self._one)
            case "/demo.Echo/Many":
                return grpc.stream_stream_rpc_method_handler(self._many)
            case "/demo.Echo/Fail":
                return grpc.unary_unary_rpc_method_handler(self._fail)
            case "/demo.Echo/Wait":
                return grpc.unary_stream_rpc_method_handler(self._wait)
        return None

    def _one(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        context.set_trailing_metadata((("after", "wards"),))
        return request

    def _many(self, requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        yield from requests

    def _fail(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no such tensor")
        return b""

    def _wait(self, request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        context.add_callback(self.cancelled.set)
        yield b"begun"
        self.cancelled.wait(60)


class Front:
    """A gateway with a gRPC port, a service behind it, and channels to it."""

    def __init__(self, world: World, port: int, echo: Echo, server: grpc.Server) -> None:
        self.world, self.port, self.echo, self.server = world, port, echo, server
        self._channels: list[grpc.Channel] = []

    def channel(self, authority: str = "ms-g-sw-grpc.example.com") -> grpc.Channel:
        options = [("grpc.default_authority", authority), ("grpc.max_receive_message_length", -1)]
        self._channels.append(grpc.insecure_channel(f"127.0.0.1:{self.port}", options))
        return self._channels[-1]

    def one(self, data: bytes = b"x", method: str = "One", authority: str | None = None,
            **metadata: str) -> bytes:  # fmt: skip
        channel = self.channel() if authority is None else self.channel(authority)
        told = {"x-ti-service": "ms-g", **metadata}
        call = channel.unary_unary(f"/demo.Echo/{method}")
        return call(data, metadata=[(n.replace("_", "-"), v) for n, v in told.items()], timeout=30)

    def code(self, *arguments: Any, **more: Any) -> tuple[grpc.StatusCode, str]:
        with pytest.raises(grpc.RpcError) as failed:
            self.one(*arguments, **more)
        return failed.value.code(), failed.value.details()

    def close(self) -> None:
        for channel in self._channels:
            channel.close()
        self.server.stop(0).wait()


@pytest.fixture
def front(control: ControlPlane, start_gateway: Callable[..., GatewayProcess]) -> Iterator[Front]:
    port = free_port()
    gateway = start_gateway(control.url, "--grpc-port", str(port))
    gateway.wait_connected()
    echo = Echo()
    server = grpc.server(
        ThreadPoolExecutor(16), (echo,), options=[("grpc.max_receive_message_length", -1)]
    )
    behind = server.add_insecure_port("127.0.0.1:0")
    server.start()
    front = Front(World(control, gateway), port, echo, server)
    front.world.put("service", service("ms-g", behind, grpc=True))
    front.world.put("service", service("ms-h", behind))
    wait_for(lambda: _listens(port), "the gRPC port")
    yield front
    front.close()
    assert gateway.stop() == 0


def _listens(port: int) -> bool:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=0.5)
        except grpc.FutureTimeoutError:
            return False
        return True


@pytest.mark.covers("SRV-38", "SRV-11")
def test_calls_pass_through_both_ways_and_are_booked(front: Front) -> None:
    assert front.one(b"hello", tensor_name="x") == b"hello"
    seen = front.echo.seen[-1]
    assert (seen["tensor-name"], "x-ti-service" in seen) == ("x", False)
    record = front.world.record(seen["x-request-id"])
    assert (record["service"], record["replica"], record["status"]) == ("ms-g", "ms-g-r0", 200)
    assert record["path"] == "/demo.Echo/One"
    assert front.one(BIG) == BIG
    many = front.channel().stream_stream("/demo.Echo/Many")
    sent = [b"%d" % n * 1000 for n in range(500)]
    told = (("x-ti-service", "ms-g"),)
    assert list(many(iter(sent), metadata=told, timeout=30)) == sent
    answer, call = front.channel().unary_unary("/demo.Echo/One").with_call(b"t", metadata=told)
    assert (answer, dict(call.trailing_metadata())["after"]) == (b"t", "wards")
    with ThreadPoolExecutor(8) as callers:
        found = list(callers.map(front.one, [b"%d" % n for n in range(40)]))
    assert found == [b"%d" % n for n in range(40)]


@pytest.mark.covers("SRV-38")
def test_without_metadata_or_authority_nothing_is_implemented(front: Front) -> None:
    unimplemented = grpc.StatusCode.UNIMPLEMENTED
    assert front.code(x_ti_service="ms-other")[0] == unimplemented
    assert front.code(x_ti_service="ms-h")[0] == unimplemented  # it speaks HTTP
    code, said = front.code(authority="example.com")
    assert (code, "ms-g-sw-grpc" in said) == (unimplemented, True)
    assert front.code(method="Nothing")[0] == unimplemented  # as the instance says
    refused = httpx.post(f"{front.world.url}/ms-g/predict", json={})
    assert (refused.status_code, "gRPC only" in refused.text) == (404, True)


def test_keys_limits_and_failures_have_their_codes(front: Front) -> None:
    code, said = front.code(method="Fail")
    assert (code, said) == (grpc.StatusCode.INVALID_ARGUMENT, "no such tensor")
    failed = front.world.record(front.echo.seen[-1]["x-request-id"])
    assert (failed["status"], failed["error_code"]) == (500, "grpc_3")
    behind = front.world.control.objects["service"]["ms-g"]["versions"][0]["replicas"][0]["port"]
    front.world.put("service", service("ms-g", behind, grpc=True, auth=True))
    front.world.put("key", key("key-g", "secret", "ms-g", limits={"rpm": 1}))
    assert front.code()[0] == grpc.StatusCode.UNAUTHENTICATED
    assert front.one(b"y", authorization="Bearer secret") == b"y"
    assert "authorization" not in front.echo.seen[-1]
    assert front.code(authorization="Bearer secret")[0] == grpc.StatusCode.RESOURCE_EXHAUSTED
    front.world.put("service", service("ms-g", free_port(), grpc=True))
    assert front.code()[0] == grpc.StatusCode.UNAVAILABLE
    front.world.put("service", service("ms-g", grpc=True, state="stopped"))
    assert front.code()[0] == grpc.StatusCode.UNAVAILABLE


def test_a_caller_that_leaves_ends_the_call_in_the_instance(front: Front) -> None:
    call = front.channel().unary_stream("/demo.Echo/Wait")(
        b"", metadata=(("x-ti-service", "ms-g"),), timeout=60
    )
    assert next(call) == b"begun"
    call.cancel()
    assert front.echo.cancelled.wait(30)
