"""Asking one question of an OpenAI-compatible service."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from slipway.runtime.evaluate.config import Model

_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 8.0
_WITHOUT_SAMPLING = ("temperature", "top_p", "top_k", "repetition_penalty")
_SHOWN_ERROR = 300

Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """`error` says why there is no text; then `text` is empty."""

    text: str
    error: str | None = None
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _TemporaryError(Exception):
    """A failure that another try may heal: time-out, network, an overloaded service."""


class ChatClient:
    """Holds the connections to one model. Use as an async context manager."""

    def __init__(self, model: Model, seed: int | None) -> None:
        self._model = model
        self._fixed = request_parameters(model.params)
        if seed is not None:
            self._fixed.setdefault("seed", seed)
        headers = {"Authorization": f"Bearer {model.api_key}"} if model.api_key else {}
        self._http = httpx.AsyncClient(
            headers=headers,
            timeout=model.timeout_s,
            limits=httpx.Limits(
                max_connections=model.concurrency, max_keepalive_connections=model.concurrency
            ),
            # The addresses are the platform's own or given in full; a proxy would be a surprise.
            trust_env=False,
        )

    async def __aenter__(self) -> "ChatClient":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def ask(self, messages: list[Message]) -> Answer:
        """One answer. Never raises for a failing service: the failure is the answer."""
        body = {"model": self._model.model, "messages": messages, **self._fixed}
        for attempt in range(self._model.retries + 1):
            try:
                return await self._try(body)
            except _TemporaryError as failure:
                reason = str(failure)
            if attempt < self._model.retries:
                await asyncio.sleep(min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2**attempt))
        return Answer("", error=reason)

    async def _try(self, body: Mapping[str, Any]) -> Answer:
        try:
            response = await self._http.post(_chat_url(self._model.base_url), json=body)
        except httpx.TimeoutException as error:
            raise _TemporaryError(f"no answer within {self._model.timeout_s:g} s") from error
        except httpx.TransportError as error:
            raise _TemporaryError(f"the service cannot be reached: {error}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Answer("", error=f"the request cannot be sent: {error}")
        if response.status_code == 429 or response.status_code >= 500:
            raise _TemporaryError(_status_text(response))
        if response.status_code != 200:
            return Answer("", error=_status_text(response))
        return _read(response)


def request_parameters(params: Mapping[str, Any]) -> dict[str, Any]:
    """`do_sample` is not an OpenAI parameter: false means greedy, whatever else is set."""
    rest = {key: value for key, value in params.items() if key != "do_sample"}
    if params.get("do_sample") is False:
        rest = {key: value for key, value in rest.items() if key not in _WITHOUT_SAMPLING}
        rest["temperature"] = 0
    return rest


def _chat_url(base_url: str) -> str:
    """The base may be given with or without `/v1`, as both are common."""
    end = "/chat/completions" if base_url.endswith("/v1") else "/v1/chat/completions"
    return base_url + end


def _read(response: httpx.Response) -> Answer:
    try:
        content = response.json()
        choice = content["choices"][0]
        text = choice["message"]["content"] or ""
        usage = content.get("usage") or {}
    except (ValueError, LookupError, TypeError, AttributeError):
        return Answer("", error=f"not a chat completion: {response.text[:_SHOWN_ERROR]}")
    return Answer(
        text=str(text),
        finish_reason=choice.get("finish_reason"),
        prompt_tokens=usage.get("prompt_tokens"),
        completion_tokens=usage.get("completion_tokens"),
    )


def _status_text(response: httpx.Response) -> str:
    return f"status {response.status_code}: {response.text[:_SHOWN_ERROR]}"
