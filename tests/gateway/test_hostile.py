"""Bad clients: malformed, smuggling, slow, oversized, impatient."""

import random
import socket
import time

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from .control_plane import key, llm_service, service
from .loop_thread import wait_for
from .upstreams import echo, openai_like

GET = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"


def talk(port: int, data: bytes, timeout_s: float = 5.0) -> bytes:
    """Sends and reads until the gateway closes or falls silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as raw:
        raw.sendall(data)
        return receive(raw)


def receive(raw: socket.socket) -> bytes:
    got = b""
    try:
        while piece := raw.recv(65536):
            got += piece
    except (TimeoutError, ConnectionResetError):
        pass
    return got


POST = b"POST /ms-smuggle/ HTTP/1.1\r\nhost: x\r\n"
MALFORMED = {
    "both lengths": POST + b"content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "both, other order": POST + b"transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"content-length: 4\r\ncontent-length: 4\r\n\r\nabcd",
    "length list": POST + b"content-length: 4, 4\r\n\r\nabcd",
    "signed length": POST + b"content-length: +4\r\n\r\nabcd",
    "negative length": POST + b"content-length: -4\r\n\r\nabcd",
    "huge length": POST + b"content-length: 99999999999999999999999\r\n\r\n",
    "blank before colon": POST + b"content-length : 4\r\n\r\nabcd",
    "chunked not last": POST + b"transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "unknown coding": POST + b"transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
    "coding twice": POST
    + b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked in 1.0": POST.replace(b"1.1", b"1.0") + b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "hex prefix": POST + b"transfer-encoding: chunked\r\n\r\n0x4\r\nabcd\r\n0\r\n\r\n",
    "chunk line end": POST + b"transfer-encoding: chunked\r\n\r\n4\nabcd\r\n0\r\n\r\n",
    "chunk too long": POST + b"transfer-encoding: chunked\r\n\r\n4\r\nabcdef\r\n0\r\n\r\n",
    "folded header": POST + b"x: a\r\n b\r\n\r\n",
    "bare newlines": b"GET /healthz HTTP/1.1\nhost: x\n\n",
    "carriage return inside": POST + b"x: a\rb\r\n\r\n",
    "zero byte": POST + b"x: a\x00b\r\n\r\n",
    "no colon": POST + b"nonsense\r\n\r\n",
    "blank in target": b"GET /a b HTTP/1.1\r\nhost: x\r\n\r\n",
    "wrong version": b"GET / HTTP/1.2\r\nhost: x\r\n\r\n",
    "version 2": b"GET / HTTP/2.0\r\nhost: x\r\n\r\n",
    "unknown method": b"BREW / HTTP/1.1\r\nhost: x\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "words": b"hello, is anybody there?\r\n\r\n",
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_malformed_requests_are_answered_400_and_nothing_reaches_an_instance(world, upstream, kind):
    instance = upstream(echo)
    world.put("service", service("ms-smuggle", instance.port))
    got = talk(world.port, MALFORMED[kind] + GET)
    assert got.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"connection: close" in got and b'"bad_request"' in got
    assert got.count(b"HTTP/1.1 ") == 1  # what followed was not taken for a request
    assert not instance.requests


@hypothesis_settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(min_size=1, max_size=300), st.integers(0, 200), st.randoms())
def test_noise_never_disturbs_others(world, noise, at, randomness):
    randomness.seed(at)
    damaged = bytearray(MALFORMED["chunk too long"] + GET)
    position = min(at, len(damaged))
    damaged[position : position + len(noise) // 2] = noise
    with socket.create_connection(("127.0.0.1", world.port)) as raw:
        raw.sendall(bytes(damaged))
        raw.shutdown(socket.SHUT_WR)
    assert world.gateway.health()["status"] == "ok"


def test_headers_meant_for_the_gateway_alone_are_not_forwarded(world, upstream, name):
    instance = upstream(echo)
    world.put("service", service(name, instance.port))
    talk(
        world.port,
        f"GET /{name}/ HTTP/1.1\r\nhost: x\r\nconnection: close, x-hop\r\nx-hop: 1\r\nte: a\r\n"
        "keep-alive: 5\r\nproxy-authorization: p\r\nx-kept: 1\r\n\r\n".encode(),
    )
    headers = instance.requests[0].headers
    assert headers["x-kept"] == "1"
    for dropped in ("x-hop", "te", "keep-alive", "proxy-authorization", "connection"):
        assert dropped not in headers


def test_oversized_headers_are_refused_whether_complete_or_not(world):
    big = b"GET /healthz HTTP/1.1\r\nx: " + b"a" * 70_000
    assert talk(world.port, big).startswith(b"HTTP/1.1 431 ")
    assert talk(world.port, big + b"\r\n\r\n").startswith(b"HTTP/1.1 431 ")
    many = b"".join(b"x%d: y\r\n" % n for n in range(9000))
    assert talk(world.port, b"GET /healthz HTTP/1.1\r\n" + many).startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("llm", [False, True])
def test_oversized_bodies_are_refused(world, upstream, http, name, chunked, llm):
    make = llm_service if llm else service
    world.put("service", make(name, upstream(echo).port))
    world.put("key", key(f"key-{name}", f"{name}-secret", name))
    body = b"x" * (9 * 1024 * 1024)
    pieces = (body[i : i + 65536] for i in range(0, len(body), 65536))
    answer = http.post(
        f"/{name}/v1/completions",
        content=pieces if chunked else body,
        headers={"authorization": f"{name}-secret"},
    )
    assert answer.status_code == 413
    assert "8 MiB" in answer.json()["error"]["message"]


def test_a_stranger_cannot_make_the_gateway_take_a_large_body(world, upstream, name):
    instance = upstream(openai_like)
    world.put("service", llm_service(name, instance.port))
    head = f"POST /{name}/v1/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 5000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", world.port), timeout=5) as raw:
        raw.sendall(head.encode() + b"x" * 1000)
        assert raw.recv(65536).startswith(b"HTTP/1.1 401 ")
    assert not instance.requests


def test_expect_continue_is_answered_only_where_the_body_is_wanted(world, upstream, name):
    world.put("service", service(name, upstream(echo).port))
    wanting = "POST /{} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n"
    with socket.create_connection(("127.0.0.1", world.port), timeout=5) as raw:
        raw.sendall(wanting.format(f"{name}/").encode())
        assert raw.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        raw.sendall(b"abc")
        assert raw.recv(65536).startswith(b"HTTP/1.1 200 ")
    with socket.create_connection(("127.0.0.1", world.port), timeout=5) as raw:
        raw.sendall(wanting.format("ms-nowhere/").encode())
        assert raw.recv(65536).startswith(b"HTTP/1.1 404 ")


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HT", b"GET /healthz HTTP/1.1\r\nx: y\r\n"])
def test_a_head_that_never_ends_is_given_up(world, sent):
    started = time.monotonic()
    got = talk(world.port, sent)
    assert time.monotonic() - started < 3
    assert got == b"" if not sent else got.startswith(b"HTTP/1.1 408 ")


def test_a_head_that_drips_is_given_up_too(world):
    with socket.create_connection(("127.0.0.1", world.port), timeout=5) as raw:
        started = time.monotonic()
        with pytest.raises((BrokenPipeError, ConnectionResetError, TimeoutError)):
            for byte in b"GET /healthz HTTP/1.1\r\n" + b"x" * 500:
                raw.sendall(bytes([byte]))
                time.sleep(0.05)
        assert time.monotonic() - started < 4


def test_a_body_that_stops_coming_is_given_up(world, upstream, name):
    world.put("service", service(name, upstream(echo).port))
    head = f"POST /{name}/ HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc"
    assert talk(world.port, head.encode()).startswith(b"HTTP/1.1 408 ")


def test_requests_sent_ahead_are_answered_in_order(world, upstream, name):
    world.put("service", service(name, upstream(echo).port))
    asked = [f"GET /{name}/{n} HTTP/1.1\r\nhost: x\r\n\r\n" for n in range(100)]
    asked.append(f"GET /{name}/last HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    got = talk(world.port, "".join(asked).encode()).decode()
    targets = [part.split('"')[0] for part in got.split('"target": "')[1:]]
    assert targets == [f"/{n}" for n in range(100)] + ["/last"]


def test_thousands_of_refused_requests_sent_ahead_are_all_answered(world):
    one = b"GET /ms-nowhere HTTP/1.1\r\nhost: x\r\n\r\n"
    last = one.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    got = talk(world.port, one * 4000 + last)
    assert got.count(b"HTTP/1.1 404 ") == 4001


def test_old_clients_get_old_answers(world, upstream, name):
    async def chunked(_request, line):
        await line.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        await line.piece(b"abc")
        await line.piece(b"def")
        await line.end_stream()

    world.put("service", service(name, upstream(chunked).port))
    got = talk(world.port, f"GET /{name}/ HTTP/1.0\r\n\r\n".encode())
    head, _, body = got.partition(b"\r\n\r\n")
    assert body == b"abcdef"
    assert b"transfer-encoding" not in head and b"connection: close" in head


def test_an_upgrade_is_answered_as_a_plain_request(world, upstream, name):
    world.put("service", service(name, upstream(echo).port))
    got = talk(
        world.port,
        f"GET /{name}/a HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n".encode()
        + b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    )
    assert got.startswith(b"HTTP/1.1 200 ") and b'"target": "/a"' in got
    assert got.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("target", ["*", "http://other/healthz", "//", "/../healthz", "/%2e%2e"])
def test_odd_targets_are_refused(world, target):
    got = talk(
        world.port, f"GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode()
    )
    assert got.startswith((b"HTTP/1.1 404 ", b"HTTP/1.1 400 "))


def test_connect_is_refused(world):
    got = talk(world.port, b"CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 405 ")


def test_a_request_in_any_pieces_is_the_same_request(world, upstream, name):
    world.put("service", service(name, upstream(echo).port))
    head = f"POST /{name}/p?q HTTP/1.1\r\nhost: x\r\nx-a: 1\r\nx-b: 2\r\nconnection: close\r\n"
    data = (
        head.encode() + b"transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n"
    )
    randomness = random.Random(7)
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", world.port), timeout=5) as raw:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            start = 0
            while start < len(data):
                end = start + randomness.randint(1, 20)
                raw.sendall(data[start:end])
                time.sleep(0.001)
                start = end
            got = receive(raw)
        assert b'"size": 7' in got and b'"target": "/p?q"' in got and b'"x-b": "2"' in got


def test_connections_of_bad_clients_are_all_gone_afterwards(world):
    def open_connections() -> int:
        text = httpx.get(f"{world.url}/metrics").text
        return int(text.split("\nslipway_gateway_connections ")[1].split()[0])

    for kind in ("both lengths", "tls", "unknown method"):
        talk(world.port, MALFORMED[kind])
    wait_for(lambda: open_connections() <= 3, "the connections to go")
