"""A package index as pip asks it (PEP 503), with or without a password."""

from __future__ import annotations

import base64
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Index:
    url: str
    wheels: Path
    asked: list[str] = field(default_factory=list)  # paths of every request
    password: str = ""  # of the user "reader"; empty: open to all
    hold: threading.Event = field(default_factory=threading.Event)  # cleared: answers wait

    def __post_init__(self) -> None:
        self.hold.set()


@contextlib.contextmanager
def open_index(wheels: Path) -> Iterator[Index]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            index.asked.append(self.path)
            index.hold.wait(30)
            if index.password and self.headers.get("Authorization") != _basic(index.password):
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="index"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            name = self.path.rstrip("/").rpartition("/")[2]
            found = wheels / name
            if name.endswith(".whl") and found.is_file():
                self._answer(found.read_bytes(), "application/octet-stream")
                return
            links = [
                f'<a href="/files/{w.name}">{w.name}</a>' for w in wheels.glob(f"{name}-*.whl")
            ]
            self._answer("".join(links).encode(), "text/html")

        def _answer(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    index = Index(f"http://127.0.0.1:{server.server_port}/simple", wheels)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield index
    finally:
        index.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"reader:{password}".encode()).decode()
