"""A shell inside a running instance, over the platform's WebSocket (see ARCHITECTURE.md, HTTP conventions)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from slipway.sdk.errors import Conflict, NotFound, SlipwayError, Unavailable, error_of
from slipway.sdk.http import Http

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

# Large pastes and fast programs: a message has no useful limit of its own here.
_MOST_BYTES = 1 << 24


class Shell:
    """A terminal. Iterate over what is written; `write` and `resize` may come from another thread.

    Once the iteration has ended, `exit_code` is how the shell ended (None where nobody knows) and
    `reason` says why.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.exit_code: int | None = None
        self.reason = ""

    @classmethod
    def open(cls, http: Http, path: str, columns: int = 80, rows: int = 24) -> Shell:
        """Raises what the platform refuses, as every call does."""
        from websockets.exceptions import InvalidHandshake, InvalidStatus
        from websockets.sync.client import connect

        address = f"{http.url.replace('http', 'ws', 1)}/api/v1{path}"
        size = urlencode({"columns": columns, "rows": rows})
        try:
            socket = connect(
                f"{address}?{size}", additional_headers=http.headers, max_size=_MOST_BYTES
            )
        except InvalidStatus as error:
            raise error_of(error.response.status_code, _json(error.response.body)) from error
        except (OSError, TimeoutError, InvalidHandshake) as error:
            raise Unavailable(
                f"No shell from {http.url}: {error}. Is the platform running ('slipway status')?",
                code="unreachable",
            ) from error
        return cls(socket)

    def __iter__(self) -> Iterator[bytes]:
        from websockets.exceptions import ConnectionClosed

        with contextlib.suppress(ConnectionClosed):
            while True:
                message = self._socket.recv()
                if isinstance(message, bytes):
                    yield message
                elif self._ended(json.loads(message)):
                    return
        raise Unavailable("The connection to the shell is lost.", code="connection_lost")

    def write(self, typed: bytes) -> None:
        self._send(typed)

    def resize(self, columns: int, rows: int) -> None:
        self._send(json.dumps({"columns": columns, "rows": rows}))

    def close(self) -> None:
        """Ends the shell with all that was started in it."""
        self._socket.close()

    def __enter__(self) -> Shell:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _send(self, message: str | bytes) -> None:
        from websockets.exceptions import ConnectionClosed

        with contextlib.suppress(ConnectionClosed):  # it has ended, which the iteration tells
            self._socket.send(message)

    def _ended(self, said: dict[str, Any]) -> bool:
        if said["state"] == "refused":
            raise SlipwayError(said["message"], code=said["code"])
        if said["state"] == "closed":
            self.exit_code, self.reason = said.get("exit_code"), said["reason"]
        return bool(said["state"] == "closed")


def chosen(running: Mapping[str, int], wanted: str | None) -> str:
    """The id of the instance that a person means. `running`: a number for each id that runs."""
    for instance, number in sorted(running.items(), key=lambda item: item[1]):
        if wanted in (None, instance, str(number)):
            return instance
    if wanted is None or not running:
        raise Conflict("No instance runs here now.", code="not_running")
    known = ", ".join(f"{number} ({instance})" for instance, number in running.items())
    raise NotFound(f"No instance {wanted} runs here. There are: {known}.", code="not_found")


def _json(body: bytes | bytearray | None) -> Any:
    try:
        return json.loads(body or b"")
    except ValueError:
        return None
