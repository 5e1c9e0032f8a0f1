"""The decoding loop against transformers' own generation, alone and in company."""

import queue
import threading

import pytest
import torch

from slipway.runtime.serve.checkpoint import (
    Checkpoint,
    CheckpointError,
    find_base,
    find_model,
    load,
)
from slipway.runtime.serve.decoding import Decoder, Piece, QueueFull, Sequence
from slipway.runtime.serve.sampling import Sampler, SamplingParams
from slipway.runtime.serve.text_stream import TextStream

from .tiny_model import write_adapter, write_model

# peft 0.21 still uses a name that transformers 5.23 has deprecated.
PEFT_IS_BEHIND = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")
PROMPTS = ["hello", "the quick brown fox", "你好，", "lazy dog. hello world", "a", "x y z"]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory) -> Checkpoint:
    return load(write_model(tmp_path_factory.mktemp("model")))


@pytest.fixture
def decoder(checkpoint):
    decoder = Decoder(checkpoint, max_batch=4)
    decoder.start()
    yield decoder
    decoder.close()


class Caller:
    """Collects the pieces of one sequence."""

    def __init__(self, checkpoint: Checkpoint, prompt: str, **params):
        self.pieces: queue.Queue[Piece] = queue.Queue()
        ids = checkpoint.tokenizer(prompt)["input_ids"]
        params = SamplingParams(**{"max_tokens": 20, "temperature": 0.0, **params})
        self.sequence = Sequence(ids, params, self.pieces.put)

    def rest(self) -> list[Piece]:
        found = []
        while not found or found[-1].finish is None:
            found.append(self.pieces.get(timeout=30))
        return found

    def text(self) -> str:
        return "".join(piece.text for piece in self.rest())


def reference(checkpoint: Checkpoint, prompt: str, max_tokens: int = 20) -> str:
    ids = checkpoint.tokenizer(prompt, return_tensors="pt")["input_ids"]
    out = checkpoint.model.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=max_tokens, do_sample=False
    )
    return checkpoint.tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True)


def test_greedy_text_is_that_of_transformers_alone_and_in_a_batch(checkpoint, decoder):
    expected = [reference(checkpoint, prompt) for prompt in PROMPTS]
    alone = []
    for prompt in PROMPTS:
        caller = Caller(checkpoint, prompt)
        decoder.submit([caller.sequence])
        alone.append(caller.text())
    assert alone == expected
    # More prompts than places, of different lengths and ends: sequences join and leave.
    callers = [
        Caller(checkpoint, prompt, max_tokens=20 if at % 2 else 5)
        for at, prompt in enumerate(PROMPTS)
    ]
    decoder.submit([caller.sequence for caller in callers])
    together = [caller.text() for caller in callers]
    assert together[1::2] == expected[1::2]
    assert together[0::2] == [reference(checkpoint, prompt, 5) for prompt in PROMPTS[0::2]]


def test_a_seed_gives_the_same_text_whoever_else_is_there(checkpoint, decoder):
    def run(company: int) -> str:
        callers = [
            Caller(checkpoint, "hello", temperature=1.5, seed=7 if at == 0 else None)
            for at in range(company)
        ]
        decoder.submit([caller.sequence for caller in callers])
        texts = [caller.text() for caller in callers]
        return texts[0]

    assert run(1) == run(1) == run(4)


def test_a_cancelled_sequence_makes_room(checkpoint, decoder):
    endless = [Caller(checkpoint, "a", max_tokens=200, ignore_eos=True) for _ in range(4)]
    decoder.submit([caller.sequence for caller in endless])
    for caller in endless:
        caller.pieces.get(timeout=30)
        caller.sequence.cancelled = True
    last = Caller(checkpoint, "hello")
    decoder.submit([last.sequence])
    assert last.text() == reference(checkpoint, "hello")
    assert decoder.load_of() == (0, 0)


def test_too_many_waiting_requests_are_refused(checkpoint):
    decoder = Decoder(checkpoint, max_waiting=2)  # not started: nothing leaves the queue
    decoder.submit([Caller(checkpoint, "a").sequence, Caller(checkpoint, "b").sequence])
    with pytest.raises(QueueFull):
        decoder.submit([Caller(checkpoint, "c").sequence])


def test_one_request_that_fails_leaves_the_others_alone(checkpoint, decoder, capsys):
    bad = Caller(checkpoint, "hello")
    bad.sequence.prompt_ids = [10**6]  # outside the vocabulary
    good = Caller(checkpoint, "hello")
    decoder.submit([bad.sequence, good.sequence])
    assert good.text() == reference(checkpoint, "hello")
    assert [piece.finish for piece in bad.rest()] == ["error"]
    assert "IndexError" in capsys.readouterr().err


def test_stop_texts_end_the_answer_before_them(checkpoint, decoder):
    whole = reference(checkpoint, "the quick brown fox")
    stop = whole[6:9]
    caller = Caller(checkpoint, "the quick brown fox", stop=(stop, "never there"))
    decoder.submit([caller.sequence])
    pieces = caller.rest()
    assert "".join(piece.text for piece in pieces) == whole[: whole.index(stop)]
    assert pieces[-1].finish == "stop"


def test_the_end_token_ends_with_stop_and_the_limit_with_length(checkpoint, decoder):
    limited = Caller(checkpoint, "hello", max_tokens=3)
    ended = Caller(checkpoint, "hello", logit_bias={1: 100.0})
    ignored = Caller(checkpoint, "hello", logit_bias={1: 100.0}, ignore_eos=True, max_tokens=4)
    decoder.submit([limited.sequence, ended.sequence, ignored.sequence])
    assert [piece.finish for piece in limited.rest()] == [None, None, "length"]
    assert [(piece.text, piece.finish) for piece in ended.rest()] == [("", "stop")]
    assert len(ignored.rest()) == 4


def test_log_probabilities_are_those_of_the_model(checkpoint, decoder):
    caller = Caller(checkpoint, "hello", max_tokens=2, logprobs=3)
    caller.sequence.score_prompt = True
    decoder.submit([caller.sequence])
    prompt, first, _ = caller.rest()
    ids = torch.tensor([caller.sequence.prompt_ids])
    with torch.no_grad():
        logprobs = checkpoint.model(ids).logits[0].log_softmax(-1)
    assert prompt.prompt_logprobs[0] is None
    for at, score in enumerate(prompt.prompt_logprobs[1:]):
        token = caller.sequence.prompt_ids[at + 1]
        assert score.token_id == token
        assert score.logprob == pytest.approx(float(logprobs[at, token]), abs=1e-4)
    assert first.logprob.token_id == int(logprobs[-1].argmax())
    assert first.logprob.logprob == pytest.approx(float(logprobs[-1].max()), abs=1e-4)
    assert [value for _, value in first.logprob.top] == pytest.approx(
        logprobs[-1].topk(3).values.tolist(), abs=1e-4
    )


def draws(logits: list[float], count: int = 300, **params) -> set[int]:
    sampler = Sampler(SamplingParams(max_tokens=1, seed=1, **params), [])
    return {sampler.next(torch.tensor(logits))[0] for _ in range(count)}


def test_sampling_keeps_to_the_allowed_tokens():
    logits = [3.0, 2.0, 1.0, 0.0]  # 0.64, 0.24, 0.09, 0.03
    assert draws(logits) == {0, 1, 2, 3}
    assert draws(logits, temperature=0.0) == {0}
    assert draws(logits, temperature=0.01) == {0}
    assert draws(logits, top_k=2) == {0, 1}
    assert draws(logits, top_p=0.7) == {0, 1}
    assert draws(logits, top_p=0.0) == {0}
    assert draws(logits, top_k=3, top_p=0.7) == {0, 1}
    assert draws(logits, logit_bias={3: 100.0}) == {3}


def test_penalties_push_repeated_tokens_away():
    logits = torch.tensor([3.0, 2.9, 0.0])
    for name, value in [("presence_penalty", 1.0), ("frequency_penalty", 0.5)]:
        sampler = Sampler(SamplingParams(max_tokens=9, temperature=0.0, **{name: value}), [])
        assert [sampler.next(logits)[0] for _ in range(2)] == [0, 1]
    repeated = SamplingParams(max_tokens=9, temperature=0.0, repetition_penalty=2.0)
    assert Sampler(repeated, [0]).next(logits)[0] == 1  # the prompt counts here


@pytest.mark.parametrize("text", ["hello 世界 αβγ", "日本語", "a b  c", "emoji 👩‍🚀!", ""])
def test_streamed_text_is_the_whole_text_and_never_half_a_character(checkpoint, text):
    ids = checkpoint.tokenizer(text)["input_ids"]
    stream = TextStream(checkpoint.tokenizer, ())
    pieces = [stream.add(token) for token in ids]
    assert all("\ufffd" not in piece for piece in pieces)
    assert "".join([*pieces, stream.finish()]) == text


def test_a_stop_text_that_does_not_complete_is_given_out_at_the_end(checkpoint):
    stream = TextStream(checkpoint.tokenizer, ("worlds",))
    ids = checkpoint.tokenizer("hello world")["input_ids"]
    pieces = [stream.add(token) for token in ids]
    assert "world" not in "".join(pieces)
    assert "".join([*pieces, stream.finish()]) == "hello world"


# ---- directories ----


@PEFT_IS_BEHIND
def test_an_adapter_is_merged_into_its_base(checkpoint, tmp_path):
    base = write_model(tmp_path / "base")
    adapter = write_adapter(base, tmp_path / "adapter")
    merged = load(adapter)
    by_hand = load(adapter, base_dir=base)
    plain = load(base)
    ids = torch.tensor([[5, 6, 7]])
    from peft import PeftModel

    kept_apart = PeftModel.from_pretrained(load(base).model, adapter)
    with torch.no_grad():
        expected = kept_apart(ids).logits
        assert torch.allclose(merged.model(ids).logits, expected, atol=1e-4)
        assert torch.allclose(by_hand.model(ids).logits, expected, atol=1e-4)
        assert not torch.allclose(plain.model(ids).logits, expected, atol=1e-2)


def test_the_base_is_found_or_asked_for(tmp_path):
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    config = adapter / "adapter_config.json"
    config.write_text('{"base_model_name_or_path": "someone/model"}')
    with pytest.raises(CheckpointError, match="someone/model, which is not on this machine"):
        find_base(adapter, None)
    beside = tmp_path / "model"
    beside.mkdir()
    (beside / "config.json").write_text("{}")
    assert find_base(adapter, None) == beside
    config.write_text("{}")
    with pytest.raises(CheckpointError, match="names no base model"):
        find_base(adapter, None)
    config.write_text("[")
    with pytest.raises(CheckpointError, match="cannot be read"):
        find_base(adapter, None)


def test_a_model_one_level_down_is_found(tmp_path):
    with pytest.raises(CheckpointError, match="holds no language model"):
        find_model(tmp_path)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    assert find_model(tmp_path) == tmp_path / "model"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "config.json").write_text("{}")
    with pytest.raises(CheckpointError, match=r"several models \(model, other\)"):
        find_model(tmp_path)


def test_closing_ends_the_thread(checkpoint):
    before = threading.active_count()
    decoder = Decoder(checkpoint)
    decoder.start()
    decoder.close()
    assert threading.active_count() == before
