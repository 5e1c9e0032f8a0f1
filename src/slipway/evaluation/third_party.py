"""The test call to a third party's address before an evaluation is saved (EVA-16)."""

from __future__ import annotations

import httpx

from slipway.base.errors import Invalid

_TIMEOUT_S = 30.0
_SHOWN = 200


async def check_answers(name: str, base_url: str, model: str, key: str | None) -> None:
    """Ask for one token. Raises Invalid with what came back instead of an answer."""
    base = base_url.rstrip("/")
    url = base + ("/chat/completions" if base.endswith("/v1") else "/v1/chat/completions")
    body = {"model": model, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_S) as client:
            answer = await client.post(url, json=body, headers=headers)
        message = answer.json()["choices"][0]["message"] if answer.status_code == 200 else None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _unusable(name, f"it cannot be reached ({type(error).__name__}).") from error
    except (ValueError, LookupError, TypeError) as error:
        raise _unusable(name, "what it answers is not a chat completion.") from error
    if message is None:
        raise _unusable(name, f"it says {answer.status_code}: {answer.text[:_SHOWN]}")


def _unusable(name: str, why: str) -> Invalid:
    return Invalid(
        f"The address of {name} did not pass the test call: {why}",
        field="models",
        code="third_party_failed",
    )
