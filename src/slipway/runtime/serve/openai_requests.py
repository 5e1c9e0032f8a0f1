"""Read the bodies of OpenAI requests: what is asked for, or a refusal in OpenAI's form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from slipway.runtime.serve.checkpoint import Checkpoint
from slipway.runtime.serve.sampling import SamplingParams

# OpenAI's default for /v1/completions.
COMPLETION_MAX_TOKENS = 16
MAX_STOPS = 4
MAX_LOGPROBS = 20
MAX_PROMPTS = 128

Body = dict[str, Any]


class RequestError(Exception):
    """A request that is refused, as OpenAI words it."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        param: str | None = None,
        code: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = {"message": message, "type": kind, "param": param, "code": code}


@dataclass(frozen=True)
class Generation:
    """A checked request: prompts, how to sample, how to answer."""

    prompts: list[list[int]]
    params: SamplingParams
    stream: bool
    stream_usage: bool
    echo: bool = False


def read_chat(body: Body, checkpoint: Checkpoint) -> Generation:
    """`/v1/chat/completions`"""
    _refuse_unsupported(body, ("tools", "functions", "audio", "prediction"))
    logprobs = None
    if _flag(body, "logprobs"):
        logprobs = _integer(body, "top_logprobs", 0, 0, MAX_LOGPROBS)
    prompt = _render(body, checkpoint)
    limit = _max_tokens(body, "max_completion_tokens") or _max_tokens(body, "max_tokens")
    return _generation(body, checkpoint, [prompt], limit, logprobs, echo=False)


def read_completion(body: Body, checkpoint: Checkpoint) -> Generation:
    """`/v1/completions`; a prompt is text or token ids, or a list of either."""
    _refuse_unsupported(body, ("suffix",))
    if _integer(body, "best_of", 1, 1, 128) != 1:
        raise RequestError("Only best_of = 1 is supported.", param="best_of")
    prompts = [_prompt_ids(item, checkpoint) for item in _prompts(body)]
    logprobs = None
    if body.get("logprobs") is not None:
        logprobs = _integer(body, "logprobs", 0, 0, MAX_LOGPROBS)
    echo = _flag(body, "echo")
    limit = _integer(body, "max_tokens", COMPLETION_MAX_TOKENS, 0 if echo else 1, None)
    return _generation(body, checkpoint, prompts, limit, logprobs, echo=echo)


def _generation(
    body: Body,
    checkpoint: Checkpoint,
    prompts: list[list[int]],
    limit: int | None,
    logprobs: int | None,
    *,
    echo: bool,
) -> Generation:
    if _integer(body, "n", 1, 1, 128) != 1:
        raise RequestError("Only n = 1 is supported. Send the request again instead.", param="n")
    room = min(checkpoint.max_len - len(prompt) for prompt in prompts)
    if room < 1:
        longest = max(map(len, prompts))
        raise RequestError(
            f"The prompt has {longest} tokens; with the answer the model takes at most "
            f"{checkpoint.max_len}.",
            param="messages" if "messages" in body else "prompt",
            code="context_length_exceeded",
        )
    stream = _flag(body, "stream")
    return Generation(
        prompts=prompts,
        params=_params(body, checkpoint, room if limit is None else min(limit, room), logprobs),
        stream=stream,
        stream_usage=_stream_usage(body, stream),
        echo=echo,
    )


def _params(
    body: Body, checkpoint: Checkpoint, max_tokens: int, logprobs: int | None
) -> SamplingParams:
    seed = body.get("seed")
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
        raise RequestError("seed must be an integer.", param="seed")
    return SamplingParams(
        max_tokens=max_tokens,
        temperature=_number(body, "temperature", checkpoint.temperature, 0, 2),
        top_p=_number(body, "top_p", checkpoint.top_p, 0, 1),
        top_k=max(0, _integer(body, "top_k", checkpoint.top_k, -1, None)),
        seed=seed,
        stop=_stop(body),
        presence_penalty=_number(body, "presence_penalty", 0, -2, 2),
        frequency_penalty=_number(body, "frequency_penalty", 0, -2, 2),
        repetition_penalty=_number(body, "repetition_penalty", 1, 0.01, 10),
        logit_bias=_logit_bias(body, checkpoint),
        ignore_eos=_flag(body, "ignore_eos"),
        logprobs=logprobs,
    )


# ---- prompts ----


def _render(body: Body, checkpoint: Checkpoint) -> list[int]:
    """Messages through the tokenizer's chat template, to token ids."""
    messages = [_message(item, at) for at, item in enumerate(_messages(body))]
    tokenizer = checkpoint.tokenizer
    if not tokenizer.chat_template:
        raise RequestError(
            "This model has no chat template, so it takes /v1/completions only.",
            param="messages",
        )
    extra = body.get("chat_template_kwargs") or {}
    if not isinstance(extra, dict):
        raise RequestError("chat_template_kwargs must be an object.", param="chat_template_kwargs")
    try:
        text = tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True, **extra
        )
    except Exception as error:
        raise RequestError(
            f"The model's chat template refuses these messages: {error}", param="messages"
        ) from error
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def _messages(body: Body) -> list[Any]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise RequestError("messages must be a list with at least one message.", param="messages")
    return messages


def _message(item: Any, at: int) -> dict[str, Any]:
    where = f"messages[{at}]"
    if not isinstance(item, dict) or not isinstance(item.get("role"), str):
        raise RequestError(f"{where} must be an object with a role.", param=where)
    return {**item, "content": _content(item.get("content"), where)}


def _content(content: Any, where: str) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        raise RequestError(f"{where}.content must be text.", param=f"{where}.content")
    texts = []
    for part in content:
        if not isinstance(part, dict) or not isinstance(part.get("text"), str):
            raise RequestError(
                "This model takes text only.", param=f"{where}.content", code="unsupported_content"
            )
        texts.append(part["text"])
    return "".join(texts)


def _prompts(body: Body) -> list[Any]:
    prompt = body.get("prompt")
    if isinstance(prompt, str):
        return [prompt]
    if not isinstance(prompt, list) or not prompt:
        raise RequestError("prompt must be text, token ids, or a list of them.", param="prompt")
    if all(_is_id(item) for item in prompt):
        return [prompt]
    if len(prompt) > MAX_PROMPTS:
        raise RequestError(f"At most {MAX_PROMPTS} prompts in one request.", param="prompt")
    return prompt


def _prompt_ids(prompt: Any, checkpoint: Checkpoint) -> list[int]:
    if isinstance(prompt, str):
        ids = list(checkpoint.tokenizer(prompt)["input_ids"])
        start = checkpoint.tokenizer.bos_token_id
        prompt = ids if ids or start is None else [start]
    if not isinstance(prompt, list) or not prompt or not all(_is_id(item) for item in prompt):
        raise RequestError("A prompt must be text or token ids, and not empty.", param="prompt")
    vocabulary = checkpoint.model.get_input_embeddings().num_embeddings
    if max(prompt) >= vocabulary:
        raise RequestError(f"Token ids are below {vocabulary} in this model.", param="prompt")
    return prompt


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


# ---- fields ----


def _refuse_unsupported(body: Body, names: tuple[str, ...]) -> None:
    for name in names:
        if body.get(name):
            raise RequestError(f"{name} is not supported by this engine.", param=name)
    wanted = body.get("response_format")
    if isinstance(wanted, dict) and wanted.get("type") not in (None, "text"):
        raise RequestError("Only text answers are supported.", param="response_format")


def _stream_usage(body: Body, stream: bool) -> bool:
    options = body.get("stream_options")
    if options is None:
        return False
    if not isinstance(options, dict):
        raise RequestError("stream_options must be an object.", param="stream_options")
    if not stream:
        raise RequestError("stream_options needs stream = true.", param="stream_options")
    return _flag(options, "include_usage")


def _max_tokens(body: Body, name: str) -> int | None:
    return None if body.get(name) is None else _integer(body, name, 1, 1, None)


def _stop(body: Body) -> tuple[str, ...]:
    stop = body.get("stop")
    if stop is None:
        return ()
    stops = [stop] if isinstance(stop, str) else stop
    if not isinstance(stops, list) or not all(isinstance(item, str) and item for item in stops):
        raise RequestError("stop must be text or a list of texts, none empty.", param="stop")
    if len(stops) > MAX_STOPS:
        raise RequestError(f"At most {MAX_STOPS} stop texts are possible.", param="stop")
    return tuple(stops)


def _logit_bias(body: Body, checkpoint: Checkpoint) -> dict[int, float]:
    bias = body.get("logit_bias") or {}
    vocabulary = checkpoint.model.get_input_embeddings().num_embeddings
    try:
        pairs = {int(token): float(value) for token, value in bias.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise RequestError("logit_bias maps token ids to numbers.", param="logit_bias") from error
    if any(
        not 0 <= token < vocabulary or not -100 <= value <= 100 for token, value in pairs.items()
    ):
        raise RequestError(
            "logit_bias: ids of the vocabulary and numbers from -100 to 100.", param="logit_bias"
        )
    return pairs


def _flag(body: Body, name: str) -> bool:
    value = body.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise RequestError(f"{name} must be true or false.", param=name)


def _number(body: Body, name: str, default: float, least: float, most: float) -> float:
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise RequestError(f"{name} must be a number from {least} to {most}.", param=name)
    return float(value)


def _integer(body: Body, name: str, default: int, least: int, most: int | None) -> int:
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise RequestError(f"{name} must be an integer of at least {least}.", param=name)
    if most is not None and value > most:
        raise RequestError(f"{name} must be at most {most}.", param=name)
    return value
