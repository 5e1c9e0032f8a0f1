"""What callers get for good and bad requests. One server for all of them."""

import json
import socket
import textwrap
from concurrent.futures import ThreadPoolExecutor

import pytest

from .servers import PREDICT, Program, free_port, running

SERVICE = """
    import os, time
    import numpy
    import tiinfer
    from mosec.errors import ValidationError

    class Model(tiinfer.Model):
        def predict(self, request):
            if isinstance(request, dict):
                if "sleep" in request:
                    time.sleep(request["sleep"])
                if request.get("do") == "raise":
                    raise RuntimeError("secret detail")
                if request.get("do") == "refuse":
                    raise ValidationError("x is missing")
                if request.get("do") == "array":
                    return numpy.zeros(2)
                if request.get("do") == "keys":
                    return {1: 2**70}
                if request.get("do") == "die":
                    os._exit(9)
            return request
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    package = tmp_path_factory.mktemp("package")
    (package / "model_service.py").write_text(textwrap.dedent(SERVICE))
    port = free_port()
    arguments = ["-m", "tiinfer", "--address", "127.0.0.1", "--port", str(port)]
    arguments += ["--timeout", "1000", "--max-request-size", "100000"]
    variables = {"TI_MODEL_DIR": str(package), "TI_INFERENCE_NUMS": "2"}
    with running(arguments, port, package, variables) as program:
        yield program.wait_ready()


def talk(server: Program, data: bytes, answers: int = 1) -> list[tuple[int, bytes]]:
    """Send raw bytes on one connection; read that many answers."""
    found = []
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as sock:
        sock.sendall(data)
        stream = sock.makefile("rb")
        for _ in range(answers):
            status = int(stream.readline().split()[1])
            length = 0
            while (line := stream.readline().strip().lower()) != b"":
                if line.startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            found.append((status, stream.read(length)))
    return found


def raw(body: bytes = b"", method: str = "POST", path: str = PREDICT, headers: str = "") -> bytes:
    length = f"Content-Length: {len(body)}\r\n" if body or method == "POST" else ""
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\n{headers}{length}\r\n".encode() + body


@pytest.mark.covers("INF-07")
@pytest.mark.parametrize(
    "path",
    ["/v1/models/mXYZ", "/v1/models/m", "/v1/models/m:predict/", "/v1/models", "/inference",
     "/v1/models/m:predictX", "/v1/models/m%3Apredict", "/openapi/metadata.json"],
)  # fmt: skip
def test_only_the_exact_path_is_served(server, path):
    answer = server.http.post(path, json={})
    assert answer.status_code == 404
    assert PREDICT in answer.json()["error"]
    assert server.predict({"still": "here"}).status_code == 200


@pytest.mark.covers("INF-07")
def test_a_query_string_does_not_change_the_path(server):
    assert server.http.post(PREDICT + "?x=1", json=[1]).json() == [1]


@pytest.mark.covers("INF-08")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_only_post_is_served(server, method):
    answer = server.http.request(method, PREDICT)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


@pytest.mark.covers("INF-28")
@pytest.mark.parametrize(
    "request_bytes",
    [raw(), raw(headers="Transfer-Encoding: chunked\r\n").replace(b"Content-Length: 0\r\n", b"")
     + b"0\r\n\r\n"],
)  # fmt: skip
def test_an_empty_body_is_refused_in_json(server, request_bytes):
    ((status, body),) = talk(server, request_bytes)
    assert status == 400
    assert "empty" in json.loads(body)["error"]


@pytest.mark.covers("INF-27")
def test_a_body_that_is_not_json_is_refused(server):
    answer = server.http.post(PREDICT, content=b"{x")
    assert answer.status_code == 400
    assert "the body is not JSON" in answer.text


@pytest.mark.covers("INF-27")
def test_a_validation_error_is_422_with_its_text(server):
    answer = server.predict({"do": "refuse"})
    assert answer.status_code == 422
    assert answer.text == "request validation error: x is missing"


@pytest.mark.covers("INF-17", "INF-27")
def test_an_uncaught_exception_is_500_with_the_trace_in_the_log_only(server):
    answer = server.predict({"do": "raise"})
    assert (answer.status_code, answer.text) == (500, "inference internal error")
    assert 'raise RuntimeError("secret detail")\n' in server.output()


@pytest.mark.covers("INF-09")
def test_a_result_that_is_not_json_is_500(server):
    answer = server.predict({"do": "array"})
    assert answer.status_code == 500
    assert answer.text.startswith("encoding error: ")


@pytest.mark.covers("INF-09")
def test_numbers_as_keys_and_large_integers_become_json(server):
    assert server.predict({"do": "keys"}).json() == {"1": 2**70}


@pytest.mark.covers("INF-26")
def test_a_slow_request_is_408_and_the_process_goes_on(server):
    answer = server.predict({"sleep": 5})
    assert answer.status_code == 408
    assert server.predict([2]).json() == [2]


@pytest.mark.covers("INF-27")
def test_too_large_a_body_is_413(server):
    assert server.http.post(PREDICT, content=b"1" * 200_000).status_code == 413


@pytest.mark.covers("INF-25")
def test_probes_and_metrics(server):
    assert server.http.get("/healthz").json() == {"status": "ok"}
    assert server.http.get("/readyz").json() == {"status": "ready"}
    assert "mosec" in server.http.get("/").text.lower()
    server.predict([3])
    metrics = server.http.get("/metrics").text
    assert 'mosec_service_throughput_total{code="200",endpoint="/v1/models/m:predict"}' in metrics
    assert server.http.post("/healthz").status_code == 405


@pytest.mark.covers("INF-29")
def test_a_process_that_dies_costs_its_request_and_is_started_again(server):
    assert server.predict({"do": "die"}).status_code in (408, 500)
    assert server.predict([4]).json() == [4]

    def restarted() -> bool:
        return len(server.children("multiprocessing.spawn")) == 2

    from .servers import wait_for

    wait_for(restarted, "the process is started again", server.output)
    assert "ended with status 9" in server.output()


def test_requests_sent_without_waiting_are_answered_in_order(server):
    bodies = [b"[1]", b'{"sleep": 0.1}', b"[3]"]
    data = (
        raw(bodies[0])
        + raw(method="GET", path="/healthz")
        + raw(bodies[1])
        + raw()
        + raw(bodies[2])
    )
    answers = talk(server, data, 5)
    assert [status for status, _ in answers] == [200, 200, 200, 400, 200]
    assert [json.loads(answers[at][1]) for at in (0, 2, 4)] == [[1], {"sleep": 0.1}, [3]]


def test_a_request_may_come_byte_by_byte(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in raw(b'{"a": 1}') + raw(b"[2]"):
            sock.sendall(bytes([byte]))
        seen = b""
        while seen.count(b"HTTP/1.1 200 OK") < 2 or not seen.endswith(b"]"):
            part = sock.recv(65536)
            assert part, seen
            seen += part


def test_a_chunked_body_and_100_continue_are_served(server):
    answer = server.http.post(PREDICT, content=iter([b'{"a"', b": 1}"]))
    assert answer.json() == {"a": 1}
    whole = raw(b"[5]", headers="Expect: 100-continue\r\n")
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as sock:
        sock.sendall(whole[:-3])
        assert sock.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(whole[-3:])
        assert sock.recv(1000).endswith(b"\r\n\r\n[\n  5\n]")


def test_what_is_not_http_is_refused(server):
    assert talk(server, b"hello\r\n\r\n")[0][0] == 400
    assert talk(server, b"POST " + b"x" * 70_000)[0][0] == 431


def test_a_refused_requests_body_is_not_taken_for_the_next_request(server):
    hidden = raw(b'{"do": "die"}')
    answers = talk(server, raw(hidden, path="/elsewhere") + raw(b"[6]"), 2)
    assert [status for status, _ in answers] == [404, 200]
    assert json.loads(answers[1][1]) == [6]


def test_many_callers_get_their_own_answers(server):
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda x: server.predict({"x": x}).json()["x"], range(200)))
    assert answers == list(range(200))


def test_a_large_body_and_answer_pass(server):
    body = {"text": "é" * 15_000}
    assert server.predict(body).json() == body
