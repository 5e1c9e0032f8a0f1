"""Samples -> token ids and labels. Only the assistant's answers carry loss (label != -100)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from slipway.runtime.recipes.errors import DataError, Problem, RecipeError
from slipway.runtime.recipes.samples import Conversation, PlainText, Role, Sample

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

IGNORED = -100

# For base models that were never taught to chat: no special token that they do not have already.
PLAIN_TEMPLATE = (
    "{%- for message in messages -%}"
    "{%- if message['role'] == 'assistant' -%}"
    "{{- 'Assistant: ' + message['content'] + eos_token + '\\n' -}}"
    "{%- else -%}"
    "{{- message['role'] | capitalize + ': ' + message['content'] + '\\n' -}}"
    "{%- endif -%}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- 'Assistant:' -}}{%- endif -%}"
)


@dataclass(frozen=True, slots=True)
class Encoded:
    """`rows` are {"input_ids", "labels"}; the counts are for the log."""

    rows: tuple[dict[str, list[int]], ...]
    cut: int  # samples longer than the maximum
    dropped: int  # samples that had no answer left after the cut


def encode(
    samples: Sequence[Sample],
    tokenizer: "PreTrainedTokenizerBase",
    max_length: int,
    *,
    pretrain: bool,
) -> Encoded:
    """Tokenise all samples; longer ones are cut at the end, to `max_length` tokens."""
    if pretrain:
        rows = pack([_whole_text(sample, tokenizer) for sample in samples], max_length)
        return Encoded(tuple(rows), cut=0, dropped=0)
    _refuse_plain_text(samples)
    encoded = [_answers_only(s, tokenizer) for s in samples if isinstance(s, Conversation)]
    shortened = [
        {"input_ids": ids[:max_length], "labels": labels[:max_length]} for ids, labels in encoded
    ]
    kept = [row for row in shortened if any(label != IGNORED for label in row["labels"])]
    if not kept:
        raise RecipeError(
            f"No sample has an answer within its first {max_length} tokens. "
            "Raise MaxSequenceLength."
        )
    cut = sum(len(ids) > max_length for ids, _ in encoded)
    return Encoded(tuple(kept), cut, dropped=len(shortened) - len(kept))


def pack(texts: Sequence[list[int]], length: int) -> list[dict[str, list[int]]]:
    """Join texts and cut the stream into blocks, so that no step is spent on padding."""
    stream = [token for text in texts for token in text]
    blocks = [stream[start : start + length] for start in range(0, len(stream), length)]
    return [{"input_ids": block, "labels": list(block)} for block in blocks if len(block) > 1]


def template_name(tokenizer: "PreTrainedTokenizerBase", model_type: str) -> str:
    """The name shown on a checkpoint's card."""
    template = str(tokenizer.chat_template or "")
    if template == PLAIN_TEMPLATE:
        return "plain"
    return "chatml" if "<|im_start|>" in template else model_type


def _whole_text(sample: Sample, tokenizer: "PreTrainedTokenizerBase") -> list[int]:
    if isinstance(sample, Conversation):
        return _ids(tokenizer, _render(tokenizer, sample.as_dicts()))
    # The pad token parts texts where it is also the end of a text, as in our own tokenizers.
    end = tokenizer.pad_token_id if tokenizer.pad_token == "<|endoftext|>" else None
    return [*_ids(tokenizer, sample.content), tokenizer.eos_token_id if end is None else end]


def _answers_only(
    sample: Conversation, tokenizer: "PreTrainedTokenizerBase"
) -> tuple[list[int], list[int]]:
    messages = sample.as_dicts()
    text = _render(tokenizer, messages)
    encoding = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids: list[int] = encoding["input_ids"]
    spans = _answer_spans(tokenizer, messages, text)
    labels = [
        token if any(start <= offset[0] < end for start, end in spans) else IGNORED
        for token, offset in zip(ids, encoding["offset_mapping"], strict=True)
    ]
    return ids, labels


def _answer_spans(
    tokenizer: "PreTrainedTokenizerBase", messages: list[dict[str, str]], text: str
) -> list[tuple[int, int]]:
    """Where the answers lie in the rendered text, each with what the template puts after it.

    An answer begins where the prompt for it ends. Templates that drop parts of older answers
    (hidden reasoning) only show the last one in place, so only that one is trained on.
    """
    spans = []
    for index, message in enumerate(messages):
        if message["role"] != Role.ASSISTANT:
            continue
        prompt = _render(tokenizer, messages[:index], add_generation_prompt=True)
        through = _render(tokenizer, messages[: index + 1])
        # Generation prompts may end in a space that the template leaves out before an answer.
        start = len(prompt) if through.startswith(prompt) else _shared(prompt, through)
        if text.startswith(through) and start:
            spans.append((start, len(through)))
    if not spans:
        raise RecipeError("The chat template of this model does not show where an answer begins.")
    return spans


def _shared(prompt: str, through: str) -> int:
    stripped = prompt.rstrip()
    return len(stripped) if through.startswith(stripped) else 0


def _render(
    tokenizer: "PreTrainedTokenizerBase",
    messages: list[dict[str, str]],
    *,
    add_generation_prompt: bool = False,
) -> str:
    return str(
        tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=add_generation_prompt
        )
    )


def _ids(tokenizer: "PreTrainedTokenizerBase", text: str) -> list[int]:
    ids: Any = tokenizer(text, add_special_tokens=False)["input_ids"]
    return list(ids)


def _refuse_plain_text(samples: Sequence[Sample]) -> None:
    count = sum(isinstance(sample, PlainText) for sample in samples)
    if count:
        reason = (
            f"{count} of {len(samples)} samples are plain text without question and answer. "
            'Train on them with "Stage": "pretrain".'
        )
        raise DataError([Problem("data", "", reason)])
