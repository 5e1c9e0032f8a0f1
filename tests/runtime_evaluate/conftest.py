"""A small service that answers chat completions, and the files of an evaluation against it."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

Reply = tuple[int, dict[str, Any]]


def completion(text: str) -> Reply:
    message = {"role": "assistant", "content": text}
    return 200, {
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": len(text.split())},
    }


@dataclass
class ChatService:
    """Answers with `reply(body)`; keeps what it was asked."""

    reply: Callable[[dict[str, Any]], Reply]
    url: str = ""
    delay_s: float = 0.0
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    most_at_once: int = 0
    _now: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def handle(self, body: dict[str, Any], key: str | None) -> Reply:
        with self._lock:
            self.asked.append(body)
            self.keys.append(key)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
        try:
            time.sleep(self.delay_s)
            return self.reply(body)
        finally:
            with self._lock:
                self._now -= 1


@pytest.fixture
def service() -> Iterator[ChatService]:
    """Echoes the last question until told otherwise."""
    chat = ChatService(lambda body: completion(body["messages"][-1]["content"]))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, content = 404, {"error": "no such path"}
            if self.path == "/v1/chat/completions":
                status, content = chat.handle(body, self.headers.get("Authorization"))
            payload = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            pass  # a client that was killed is part of the tests

    server = Server(("127.0.0.1", 0), Handler)
    chat.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield chat
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass(frozen=True)
class Evaluation:
    """The files of one evaluation."""

    root: Path

    @property
    def out(self) -> Path:
        return self.root / "out"

    @property
    def config_path(self) -> Path:
        return self.root / "config.json"

    def prepare(
        self,
        service: ChatService,
        rows: list[dict[str, Any]],
        model: dict[str, Any] | None = None,
        question_set: dict[str, Any] | None = None,
        **config: Any,
    ) -> None:
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (self.root / "set.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        content = {
            "models": [{"name": "m", "base_url": service.url, "model": "served"} | (model or {})],
            "sets": [{"name": "s", "files": ["set.jsonl"]} | (question_set or {})],
        }
        self.config_path.write_text(json.dumps(content | config))

    def read(self, name: str) -> Any:
        return json.loads((self.out / name).read_text())

    @property
    def arguments(self) -> list[str]:
        return ["--config", str(self.config_path), "--out", str(self.out)]

    @property
    def samples(self) -> list[dict[str, Any]]:
        lines = (self.out / "samples.jsonl").read_text().splitlines()
        return sorted((json.loads(line) for line in lines), key=lambda record: record["index"])


@pytest.fixture
def evaluation(tmp_path: Path) -> Evaluation:
    return Evaluation(tmp_path)
