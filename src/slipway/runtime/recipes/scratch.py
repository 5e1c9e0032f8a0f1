"""A tokenizer and an untrained Llama-architecture model, made to measure for the data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from slipway.runtime.recipes.errors import HyperParameterError
from slipway.runtime.recipes.hyperparameters import normalise
from slipway.runtime.recipes.samples import Conversation, Sample

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

END_OF_TEXT = "<|endoftext|>"
TURN_START = "<|im_start|>"
TURN_END = "<|im_end|>"

# ChatML, with nothing in it that a small template engine would not know.
CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' -}}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\\n' -}}{%- endif -%}"
)


@dataclass(frozen=True, slots=True)
class ModelSize:
    """Llama's measures. `vocab_size` is the most tokens the tokenizer may have."""

    vocab_size: int = 2048
    hidden_size: int = 128
    intermediate_size: int = 384
    num_hidden_layers: int = 4
    num_attention_heads: int = 4
    num_key_value_heads: int = 4
    max_position_embeddings: int = 512


PRESETS: dict[str, ModelSize] = {
    "nano": ModelSize(512, 32, 64, 2, 2, 2, 256),
    "tiny": ModelSize(),
    "small": ModelSize(8192, 384, 1024, 8, 6, 6, 1024),
    "medium": ModelSize(16384, 768, 2048, 12, 12, 4, 2048),
}


def model_size(wish: Mapping[str, Any]) -> ModelSize:
    """`{"Size": "tiny", "HiddenSize": 96, ...}` -> measures; the preset is the base."""
    by_spelling = {normalise(f.name): f.name for f in fields(ModelSize)}
    preset, changes = "tiny", {}
    for written, value in wish.items():
        if normalise(written) == "size":
            preset = value
        elif (name := by_spelling.get(normalise(written))) is None:
            known = ", ".join(["Size", *by_spelling.values()])
            raise HyperParameterError(f"FromScratch: {written} is not known; known are {known}.")
        elif isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise HyperParameterError(f"FromScratch: {written} must be a whole number above 0.")
        else:
            changes[name] = value
    if preset not in PRESETS:
        raise HyperParameterError(
            f"FromScratch: {preset!r} is not a size; sizes are {', '.join(PRESETS)}."
        )
    return _checked(replace(PRESETS[preset], **changes))


def _checked(size: ModelSize) -> ModelSize:
    if size.hidden_size % size.num_attention_heads:
        raise HyperParameterError(
            "FromScratch: hidden_size must be a multiple of num_attention_heads."
        )
    if (size.hidden_size // size.num_attention_heads) % 2:
        raise HyperParameterError(
            "FromScratch: hidden_size / num_attention_heads must be even (rotary positions)."
        )
    if size.num_attention_heads % size.num_key_value_heads:
        raise HyperParameterError(
            "FromScratch: num_attention_heads must be a multiple of num_key_value_heads."
        )
    if size.vocab_size < 300:
        raise HyperParameterError(
            "FromScratch: vocab_size must be 300 or more: 256 bytes and the special tokens."
        )
    return size


def texts_of(samples: Iterable[Sample]) -> Iterable[str]:
    for sample in samples:
        if isinstance(sample, Conversation):
            yield from (message.content for message in sample.messages)
        else:
            yield sample.content


def train_tokenizer(samples: Iterable[Sample], vocab_size: int) -> str:
    """A byte-level BPE trained on the samples, as the JSON text of the tokenizers library."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        # Digits one by one, as numbers would otherwise fill a small vocabulary.
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=2,
        special_tokens=[END_OF_TEXT, TURN_START, TURN_END],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts_of(samples), trainer)
    return str(tokenizer.to_str())


def wrap_tokenizer(tokenizer_json: str, max_length: int) -> "PreTrainedTokenizerFast":
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=Tokenizer.from_str(tokenizer_json),
        eos_token=TURN_END,
        pad_token=END_OF_TEXT,
        model_max_length=max_length,
        clean_up_tokenization_spaces=False,
        chat_template=CHAT_TEMPLATE,
    )


def new_model(size: ModelSize, tokenizer: "PreTrainedTokenizerFast") -> "LlamaForCausalLM":
    """Random weights; seed torch before if they are to be repeatable."""
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

    measures = {f.name: getattr(size, f.name) for f in fields(size)} | {
        "vocab_size": len(tokenizer)
    }
    model = LlamaForCausalLM(
        LlamaConfig(
            **measures,
            tie_word_embeddings=True,
            # The usual 0.02 suits wide models; a narrow one starts far too quiet with it.
            initializer_range=min(0.1, size.hidden_size**-0.5),
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        eos_token_id=[tokenizer.eos_token_id, tokenizer.pad_token_id],
        pad_token_id=tokenizer.pad_token_id,
        do_sample=False,
    )
    return model
