"""The one HTTP connection of a client: base address, credentials, errors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx

from slipway.sdk.convert import build
from slipway.sdk.errors import Unavailable, error_of

T = TypeVar("T")


class Http:
    def __init__(self, url: str, token: str | None, project: str | None, timeout_s: float) -> None:
        headers = {"User-Agent": "slipway-sdk"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if project:
            headers["X-Slipway-Project"] = project
        self.url = url.rstrip("/")
        self.headers = headers
        self._client = httpx.Client(
            base_url=f"{self.url}/api/v1",
            headers=headers,
            timeout=httpx.Timeout(timeout_s, connect=10),
        )

    def close(self) -> None:
        self._client.close()

    def request(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """Send and raise what the platform refuses. Reads are tried once more when the connection broke."""
        try:
            return self._checked(self._client.request(method, path, **kwargs))
        except (httpx.ConnectError, httpx.RemoteProtocolError, httpx.ReadError) as error:
            if method == "GET":
                try:
                    return self._checked(self._client.request(method, path, **kwargs))
                except httpx.TransportError:
                    pass
            raise self._unreachable(error) from error
        except httpx.TransportError as error:
            raise self._unreachable(error) from error

    def get(self, result: type[T], path: str, **params: Any) -> T:
        return build(result, self.request("GET", path, params=_given(params)).json())

    def post(self, result: type[T], path: str, body: Any = None, **params: Any) -> T:
        return build(result, self.request("POST", path, json=body, params=_given(params)).json())

    def patch(self, result: type[T], path: str, body: Any) -> T:
        return build(result, self.request("PATCH", path, json=body).json())

    def put(self, path: str, body: Any = None, **params: Any) -> Any:
        answer = self.request("PUT", path, json=body, params=_given(params))
        return answer.json() if answer.content else None

    def delete(self, path: str, **params: Any) -> None:
        self.request("DELETE", path, params=_given(params))

    def pages(self, result: type[T], path: str, **params: Any) -> Iterator[T]:
        """Every item of a list, page by page."""
        cursor: str | None = None
        while True:
            page = self.request(
                "GET", path, params=_given({"limit": 200, **params, "cursor": cursor})
            ).json()
            yield from (build(result, item) for item in page["items"])
            cursor = page.get("next_cursor")
            if not cursor:
                return

    def download(self, path: str, target: Path, **params: Any) -> None:
        """To a file, piece by piece; the file appears when it is whole."""
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.part")
        try:
            asked = self._client.stream("GET", path, params=_given(params))
            with asked as answer, temporary.open("wb") as file:
                if answer.is_error:
                    answer.read()
                self._checked(answer)
                for piece in answer.iter_bytes(1 << 20):
                    file.write(piece)
            temporary.rename(target)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        finally:
            temporary.unlink(missing_ok=True)

    def stream(self, path: str, **params: Any) -> Iterator[Any]:
        """The JSON of each server-sent message until the stream ends; goes on after a broken connection."""
        cursor: str | None = None
        while True:
            try:
                with self._client.stream(
                    "GET",
                    path,
                    params=_given({**params, "cursor": cursor}),
                    timeout=httpx.Timeout(10, read=None),
                ) as answer:
                    if answer.is_error:
                        answer.read()
                    self._checked(answer)
                    kind = "message"
                    for line in answer.iter_lines():
                        field, _, value = line.partition(": ")
                        if field == "id":
                            cursor = value
                        elif field == "event":
                            kind = value
                        elif field == "data" and kind == "end":
                            return
                        elif field == "data":
                            yield json.loads(value)
            except httpx.TransportError as error:
                if cursor is None:
                    raise self._unreachable(error) from error

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_error:
            try:
                body = answer.json()
            except ValueError:
                body = None
            raise error_of(answer.status_code, body)
        return answer

    def _unreachable(self, error: Exception) -> Unavailable:
        return Unavailable(
            f"No answer from {self.url}: {error}. Is the platform running ('slipway status')?",
            code="unreachable",
        )


def _given(params: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None and value != ()}
