"""Answers that come in pieces: hooks that yield, mosec's event workers, callers that leave."""

import json
import socket

import httpx
import pytest

from .servers import PREDICT, wait_for

COUNTER = """
    import os, time
    import tiinfer

    class Counter(tiinfer.Model):
        def predict(self, request):
            try:
                for number in range(request["count"]):
                    while request.get("gate") and not os.path.exists(f"gate-{number}"):
                        time.sleep(0.01)
                    if number == request.get("fail_at"):
                        raise RuntimeError("secret")
                    yield {"number": number} if request.get("json", True) else f"line {number}\\nmore"
                    open("yielded", "a").write("x")
            finally:
                open("closed", "a").write("x")
"""


def events(text: str) -> list[str]:
    return [part for part in text.split("\n\n") if part]


@pytest.mark.covers("INF-X1")
def test_what_a_hook_yields_arrives_piece_by_piece(serve, tmp_path):
    server = serve(COUNTER).wait_ready()
    package = tmp_path / "package"
    (package / "gate-0").touch()
    with server.http.stream("POST", PREDICT, json={"count": 3, "gate": True}) as answer:
        pieces = answer.iter_text()
        assert answer.headers["content-type"] == "text/event-stream"
        for number in range(3):
            assert json.loads(next(pieces).removeprefix("data: ")) == {"number": number}
            (package / f"gate-{number + 1}").touch()  # only now may the next one be made
        assert "".join(pieces) == ""
    assert server.predict({"count": 0}).status_code == 200
    lines = server.predict({"count": 2, "json": False}).text
    assert events(lines) == ["data: line 0\ndata: more", "data: line 1\ndata: more"]


@pytest.mark.covers("INF-X1")
def test_a_caller_that_leaves_ends_the_hook(serve, tmp_path):
    server = serve(COUNTER).wait_ready()
    package = tmp_path / "package"
    body = json.dumps({"count": 10**9}).encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as sock:
        head = f"POST {PREDICT} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        sock.sendall(head.encode() + body)
        assert sock.recv(1000).startswith(b"HTTP/1.1 200")
        wait_for((package / "yielded").exists, "the hook yields")
    wait_for((package / "closed").exists, "the hook is closed", server.output)
    assert events(server.predict({"count": 1}).text) == ['data: {"number": 0}']


@pytest.mark.covers("INF-X1")
def test_a_stream_that_fails_says_so_at_its_end(serve):
    server = serve(COUNTER).wait_ready()
    text = server.predict({"count": 3, "fail_at": 1}).text
    assert events(text) == ['data: {"number": 0}', "event: error\ndata: inference internal error"]
    assert server.predict({"count": 3, "fail_at": 0}).status_code == 500


@pytest.mark.covers("INF-X1")
def test_a_worker_of_mosec_sends_its_events(serve):
    server = serve(
        """
        import tiinfer
        from mosec import SSEWorker

        class Spell(SSEWorker):
            def forward(self, data):
                for letter in data["word"]:
                    self.send_stream_event(letter)

        tiinfer.append_worker(Spell)
        """
    ).wait_ready()
    answer = server.predict({"word": "abc"})
    assert answer.headers["content-type"] == "text/event-stream"
    assert events(answer.text) == ["data: a", "data: b", "data: c"]


def test_a_slow_reader_holds_the_hook_up_and_gets_everything(serve):
    server = serve(
        """
        import tiinfer
        class Wide(tiinfer.Model):
            def predict(self, request):
                for number in range(200):
                    yield str(number) + "x" * 50_000
        """
    ).wait_ready()
    with httpx.stream("POST", f"http://127.0.0.1:{server.port}{PREDICT}", json={}, timeout=60, trust_env=False) as answer:  # fmt: skip
        first = next(lines := answer.iter_lines())
        assert server.http.get("/healthz").status_code == 200
        numbers = [first, *(line for line in lines if line)]
    assert [line[6:].rstrip("x") for line in numbers] == [str(n) for n in range(200)]
