"""The API document of a service as data: what to call, with what, what comes back, in programs.

Its tables are the rules that the gateway holds calls to, so what it promises is what happens.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field

from slipway.serving import parameter_rules

Json = dict[str, Any]

PATHS = {
    "chat": "/v1/chat/completions",
    "completion": "/v1/completions",
    "embedding": "/v1/embeddings",
    "rerank": "/v1/rerank",
    "image": "/v1/images/generations",
    "transcription": "/v1/audio/transcriptions",
}
_KEY = "$SLIPWAY_KEY"


class ApiHeaderView(BaseModel):
    name: str
    value: str
    required: bool
    description: str


class ApiParameterView(BaseModel):
    name: str
    type: str
    required: bool
    range: str = Field(description="As mathematics writes it, or the values; '' where all goes.")
    default: Any
    description: str


class ApiFieldView(BaseModel):
    name: str
    type: str
    description: str


class ApiErrorView(BaseModel):
    status: int
    code: str
    type: str
    description: str


class ApiSampleView(BaseModel):
    language: str
    title: str
    text: str


class ApiFunctionView(BaseModel):
    function: str
    method: str
    path: str
    url: str
    notes: list[str]
    parameters: list[ApiParameterView]
    response: list[ApiFieldView]
    samples: list[ApiSampleView]


class ApiDocumentView(BaseModel):
    service_id: str
    name: str
    model: str
    aliases: list[str]
    base_url: str
    checked: bool = Field(description="False: ranges are for information; the model server judges.")
    headers: list[ApiHeaderView]
    functions: list[ApiFunctionView]
    errors: list[ApiErrorView]


def document(
    *,
    service_id: str,
    name: str,
    base_url: str,
    models: Sequence[str],
    rules: Mapping[str, Any] | None,
) -> ApiDocumentView:
    model = models[0] if models else ""
    resolved = parameter_rules.resolved(
        rules if rules is not None else {"chat": {"strict_turns": False}}
    )
    assert resolved is not None
    return ApiDocumentView(
        service_id=service_id, name=name, model=model, aliases=list(models[1:]), base_url=base_url,
        checked=rules is not None, headers=_HEADERS,
        functions=[_function(one, model, base_url, given) for one, given in resolved.items()],
        errors=_ERRORS,
    )  # fmt: skip


def _function(name: str, model: str, base_url: str, rules: Json) -> ApiFunctionView:
    path = PATHS[name]
    url = base_url + path.removeprefix("/v1")
    sent = {"model": model, **_EXAMPLES[name]}
    return ApiFunctionView(
        function=name, method="POST", path=path, url=url, notes=_notes(rules),
        parameters=[
            _parameter(one) for one in rules["parameters"] if one.get("supported") is not False
        ],
        response=_RESPONSES[name], samples=_samples(name, url, base_url, sent),
    )  # fmt: skip


def _parameter(rule: Json) -> ApiParameterView:
    return ApiParameterView(
        name=rule["name"], type=rule["type"], required=bool(rule.get("required")),
        range=range_text(rule), default=rule.get("default"),
        description=rule.get("description") or "",
    )  # fmt: skip


def range_text(rule: Json) -> str:
    """Such as (0, 2048], or the values one by one."""
    if rule.get("values"):
        return ", ".join(rule["values"])
    if rule.get("max_length"):
        return f"<= {rule['max_length']}"
    low, high = rule.get("min"), rule.get("max")
    if low is None and high is None:
        return ""
    left = "(" if rule.get("min_excluded") or low is None else "["
    right = ")" if rule.get("max_excluded") or high is None else "]"
    return f"{left}{'-∞' if low is None else low}, {'∞' if high is None else high}{right}"


def _notes(rules: Json) -> list[str]:
    """What no table says, as stable words that the console has sentences for."""
    found = []
    if rules.get("strict_turns"):
        found.append("strict_turns")
    for switch in ("vision", "tools"):
        if switch in rules:
            found.append(switch if rules[switch] else f"no_{switch}")
    if rules.get("size_order"):
        found.append("size_" + rules["size_order"].replace(" ", "_"))
    return found


def _samples(name: str, url: str, base_url: str, sent: Json) -> list[ApiSampleView]:
    if name == "transcription":
        model = sent["model"]
        return [
            ApiSampleView(
                language="sh", title="curl",
                text=f"curl '{url}' \\\n  -H \"Authorization: Bearer {_KEY}\" \\\n"
                f"  -F 'model={model}' -F 'file=@speech.wav'",
            ),
            ApiSampleView(
                language="python", title="openai",
                text=_client(base_url) + f"with open('speech.wav', 'rb') as file:\n"
                f"    answer = client.audio.transcriptions.create(model={model!r}, file=file)\n"
                "print(answer.text)",
            ),
        ]  # fmt: skip
    body = json.dumps(sent, ensure_ascii=False)
    return [
        ApiSampleView(
            language="sh", title="curl",
            text=f"curl '{url}' \\\n  -H \"Authorization: Bearer {_KEY}\" \\\n"
            f"  -H 'Content-Type: application/json' \\\n  -d '{body}'",
        ),
        ApiSampleView(
            language="python", title="requests",
            text="import os\n\nimport requests\n\nanswer = requests.post(\n"
            f"    {url!r},\n    headers={{'Authorization': 'Bearer ' + os.environ['SLIPWAY_KEY']}},\n"
            f"    json={sent!r},\n    timeout=60,\n)\nprint(answer.status_code, answer.json())",
        ),
        ApiSampleView(language="python", title="openai", text=_openai(name, base_url, sent)),
    ]  # fmt: skip


def _client(base_url: str) -> str:
    return (
        "import os\n\nfrom openai import OpenAI\n\n"
        f"client = OpenAI(base_url={base_url!r}, api_key=os.environ['SLIPWAY_KEY'])\n"
    )


def _openai(name: str, base_url: str, sent: Json) -> str:
    arguments = "".join(f"    {field}={value!r},\n" for field, value in sent.items())
    if name == "rerank":  # OpenAI's client has no word for it
        return _client(base_url) + f"print(client.post('/rerank', body={sent!r}, cast_to=object))"
    return (
        _client(base_url) + f"answer = client.{_CALLS[name]}(\n{arguments})\nprint({_SHOWN[name]})"
    )


_CALLS = {
    "chat": "chat.completions.create", "completion": "completions.create",
    "embedding": "embeddings.create", "image": "images.generate",
}  # fmt: skip
_SHOWN = {
    "chat": "answer.choices[0].message.content", "completion": "answer.choices[0].text",
    "embedding": "len(answer.data[0].embedding)", "image": "answer.data[0].revised_prompt",
}  # fmt: skip
_EXAMPLES: dict[str, Json] = {
    "chat": {"messages": [{"role": "user", "content": "Hello"}]},
    "completion": {"prompt": "Once upon a time", "max_tokens": 64},
    "embedding": {"input": "Hello"},
    "rerank": {"query": "apple", "documents": ["a fruit", "a company"]},
    "image": {"prompt": "a cat", "size": "512x512"},
    "transcription": {},
}
_HEADERS = [
    ApiHeaderView(name="Authorization", value=f"Bearer {_KEY}", required=True, description="Your key."),
    ApiHeaderView(
        name="Content-Type", value="application/json", required=True,
        description="A recording is sent as multipart/form-data.",
    ),
]  # fmt: skip


def _fields(*fields: tuple[str, str, str]) -> list[ApiFieldView]:
    return [ApiFieldView(name=name, type=kind, description=what) for name, kind, what in fields]


_USAGE = ("usage", "object", "prompt_tokens, completion_tokens and their sum, total_tokens.")
_RESPONSES = {
    "chat": _fields(
        ("id", "string", "Name of this answer."), ("object", "string", "chat.completion; in a stream chat.completion.chunk."),
        ("created", "integer", "Unix seconds."), ("model", "string", "The model that answered."),
        ("choices[].index", "integer", "From 0."), ("choices[].message", "object", "role and content; in a stream delta."),
        ("choices[].finish_reason", "string", "stop, length, content_filter or tool_calls."), _USAGE,
    ),
    "completion": _fields(("choices[].text", "string", "The text."), ("choices[].finish_reason", "string", "stop or length."), _USAGE),
    "embedding": _fields(("data[].embedding", "array", "Numbers."), ("data[].index", "integer", "Place of the text."), _USAGE),
    "rerank": _fields(("results[].index", "integer", "Place of the document."), ("results[].relevance_score", "number", "Higher fits better.")),
    "image": _fields(
        ("created", "integer", "Unix seconds."), ("data[].b64_json", "string", "The picture in base64."),
        ("data[].url", "string", "Its address, for 24 hours."), ("data[].revised_prompt", "string", "The prompt that was used."),
    ),
    "transcription": _fields(("text", "string", "What was said.")),
}  # fmt: skip


def _error(status: int, code: str, kind: str, what: str) -> ApiErrorView:
    return ApiErrorView(status=status, code=code, type=kind, description=what)


_ERRORS = [
    _error(400, "500002", "PARAM_ERROR", "A parameter is wrong; the message and `param` say which."),
    _error(401, "500004", "INCORRECT_API_KEY_PROVIDED", "The key is missing or wrong."),
    _error(500, "500001", "INVOKE_MODEL_ERROR", "The model failed. Tell an administrator."),
    _error(500, "500003", "SYSTEM_ERROR", "The gateway failed. Tell an administrator."),
    _error(400, "600001", "INVOKE_TEXT_AUDIT_ERROR", "The audit itself failed."),
    _error(400, "600002", "TEXT_AUDIT_NOT_PASS", "The text did not pass the audit."),
    _error(400, "600003", "TEXT_AUDIT_QUESTION_NOT_PASS", "The question did not pass the audit."),
    _error(400, "600004", "TEXT_AUDIT_ANSWER_NOT_PASSED", "The answer did not pass the audit."),
    _error(429, "600005", "RESOURCES_TIPS", "The free quota is used up."),
    _error(429, "700001", "AK_RPM_RATELIMITING", "The key's requests a minute are used up."),
    _error(429, "700002", "AK_TPM_RATELIMITING", "The key's tokens a minute are used up."),
    _error(429, "700003", "AK_BANNED", "The key is banned."),
    _error(429, "700004", "MODEL_RPM_RATELIMITING", "The model's requests are used up."),
    _error(429, "700005", "MODEL_TPM_RATELIMITING", "The model's tokens a minute are used up."),
    _error(429, "700006", "AK_IPM_RATELIMITING", "The key's pictures or recordings a minute are used up."),
    _error(429, "700007", "MODEL_IPM_RATELIMITING", "The model's pictures or recordings a minute are used up."),
]  # fmt: skip
