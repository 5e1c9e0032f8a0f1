import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.runtime.recipes.errors import DataError, HyperParameterError, RecipeError
from slipway.runtime.recipes.samples import PlainText, conversation
from slipway.runtime.recipes.scratch import model_size, train_tokenizer, wrap_tokenizer
from slipway.runtime.recipes.tokens import (
    IGNORED,
    PLAIN_TEMPLATE,
    encode,
    pack,
    template_name,
)

SAMPLES = [
    conversation("Be kind.", [("What is 1 plus 2?", "It is 3."), ("And 4?", "Seven, 七.")]),
    conversation(None, [("Where is it?", "Here.")]),
]


@pytest.fixture(scope="module")
def tokenizer():
    return wrap_tokenizer(train_tokenizer(SAMPLES, 300), 256)


def learned(tokenizer, row) -> str:
    return tokenizer.decode([token for token in row["labels"] if token != IGNORED])


@pytest.mark.covers("TRN-28")
def test_only_the_answers_carry_loss(tokenizer) -> None:
    first, second = encode(SAMPLES, tokenizer, 256, pretrain=False).rows
    assert learned(tokenizer, first) == "It is 3.<|im_end|>\nSeven, 七.<|im_end|>\n"
    assert learned(tokenizer, second) == "Here.<|im_end|>\n"
    assert tokenizer.decode(second["input_ids"]) == (
        "<|im_start|>user\nWhere is it?<|im_end|>\n<|im_start|>assistant\nHere.<|im_end|>\n"
    )


def test_a_model_that_was_never_taught_to_chat_gets_a_plain_template(tokenizer) -> None:
    plain = wrap_tokenizer(tokenizer.backend_tokenizer.to_str(), 256)
    plain.chat_template = PLAIN_TEMPLATE
    (row,) = encode(SAMPLES[1:], plain, 256, pretrain=False).rows
    assert learned(plain, row) == " Here.<|im_end|>\n"
    assert template_name(plain, "llama") == "plain"
    assert template_name(tokenizer, "llama") == "chatml"


def test_a_template_that_hides_old_answers_trains_on_the_last_one(tokenizer) -> None:
    hiding = wrap_tokenizer(tokenizer.backend_tokenizer.to_str(), 256)
    hiding.chat_template = (
        "{%- for m in messages -%}"
        "{%- if m['role'] != 'assistant' -%}{{- m['role'] + ':' + m['content'] + ';' -}}"
        "{%- elif loop.last -%}{{- 'bot:' + m['content'] + '.' -}}"
        "{%- else -%}{{- 'bot:(hidden).' -}}{%- endif -%}"
        "{%- endfor -%}{%- if add_generation_prompt -%}{{- 'bot:' -}}{%- endif -%}"
    )
    (row,) = encode(SAMPLES[:1], hiding, 256, pretrain=False).rows
    assert learned(hiding, row) == "Seven, 七.."


@pytest.mark.covers("TRN-30")
def test_long_samples_are_cut_and_those_without_an_answer_left_out(tokenizer) -> None:
    prompt = conversation(None, [("word " * 200, "Never seen.")])
    encoded = encode([*SAMPLES, prompt], tokenizer, 100, pretrain=False)
    assert len(encoded.rows) == 2
    assert (encoded.cut, encoded.dropped) == (1, 1)
    with pytest.raises(RecipeError, match="Raise MaxSequenceLength"):
        encode([prompt], tokenizer, 16, pretrain=False)


def test_plain_text_is_refused_for_questions_and_answers(tokenizer) -> None:
    with pytest.raises(DataError, match=r'1 of 3 samples are plain text.*"Stage": "pretrain"'):
        encode([*SAMPLES, PlainText("text")], tokenizer, 256, pretrain=False)


def test_pretraining_learns_every_token_in_full_blocks(tokenizer) -> None:
    samples = [PlainText("one two"), PlainText("three"), SAMPLES[1]]
    rows = encode(samples, tokenizer, 8, pretrain=True).rows
    assert all(row["input_ids"] == row["labels"] for row in rows)
    assert all(len(row["input_ids"]) == 8 for row in rows[:-1])
    text = tokenizer.decode([token for row in rows for token in row["input_ids"]])
    assert text.startswith("one two<|endoftext|>three<|endoftext|><|im_start|>user\nWhere")


@given(st.lists(st.lists(st.integers(0, 9), max_size=20)), st.integers(2, 16))
def test_packing_loses_at_most_one_token(texts, length: int) -> None:
    stream = [token for text in texts for token in text]
    packed = [token for row in pack(texts, length) for token in row["input_ids"]]
    assert packed == stream[: len(packed)]
    assert len(stream) - len(packed) <= 1


@settings(max_examples=30)
@given(st.text(min_size=1).filter(lambda text: text.strip()))
def test_any_answer_survives_the_tokenizer(tokenizer, answer: str) -> None:
    (row,) = encode([conversation(None, [("Q", answer)])], tokenizer, 4096, pretrain=False).rows
    assert learned(tokenizer, row) == answer + "<|im_end|>\n"


def test_sizes_are_presets_with_changes() -> None:
    size = model_size({"Size": "nano", "HiddenSize": 64, "num_hidden_layers": 3})
    assert (size.hidden_size, size.num_hidden_layers, size.vocab_size) == (64, 3, 512)


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"Size": "huge"}, "sizes are nano, tiny, small, medium"),
        ({"Layers": 2}, "Layers is not known"),
        ({"HiddenSize": "64"}, "HiddenSize must be a whole number"),
        ({"HiddenSize": 130}, "multiple of num_attention_heads"),
        ({"HiddenSize": 12}, "must be even"),
        ({"NumKeyValueHeads": 3}, "multiple of num_key_value_heads"),
        ({"VocabSize": 100}, "vocab_size must be 300 or more"),
    ],
)
def test_impossible_sizes_are_refused(wish, reason: str) -> None:
    with pytest.raises(HyperParameterError, match=reason):
        model_size(wish)
