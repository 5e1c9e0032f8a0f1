"""Scores against answers worked out by hand."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.runtime.evaluate.config import Format, MetricName, TokenizerName
from slipway.runtime.evaluate.scoring import Scorer, last_number
from slipway.runtime.evaluate.tokenizing import Tokenizer, choose

ALL = tuple(MetricName)


def scorer(
    tokenizer: TokenizerName = TokenizerName.WORD, answer_format: Format = Format.QA
) -> Scorer:
    return Scorer(ALL, Tokenizer(tokenizer), answer_format)


@pytest.mark.covers("FIN-33")
@pytest.mark.parametrize(
    ("output", "reference", "expected"),
    [
        ("Lima", "Lima", 1.0),
        (" Lima\n", "Lima", 1.0),
        ("lima", "Lima", 0.0),
        ("Lima.", "Lima", 0.0),
        ("", "Lima", 0.0),
        ("利马", "利马 ", 1.0),
    ],
)
def test_accuracy_is_equality_after_trimming(output: str, reference: str, expected: float) -> None:
    assert scorer().score(output, reference)["accuracy"] == expected


@pytest.mark.covers("FIN-34", "FIN-35", "FIN-36", "EVA-26")
def test_rouge_is_recall() -> None:
    """Reference of 6 words; the output has 5 of them, 3 of the 5 bigrams, 5 in order."""
    scores = scorer().score("The cat lay on the mat today and slept", "the cat sat on the mat")
    assert scores["rouge1"] == pytest.approx(5 / 6)
    assert scores["rouge2"] == pytest.approx(3 / 5)
    assert scores["rougeL"] == pytest.approx(5 / 6)
    # F1 would be lower for this long answer: 5 of 9 words are right.
    assert scorer().score("a b c d e f g h", "a b")["rouge1"] == 1.0


@pytest.mark.covers("FIN-36")
def test_rouge_l_wants_the_order_kept() -> None:
    scores = scorer().score("mat the on sat cat the", "the cat sat on the mat")
    assert scores["rouge1"] == 1.0
    assert scores["rougeL"] == pytest.approx(3 / 6)  # "the on the"


@pytest.mark.covers("FIN-37")
def test_bleu_of_a_worked_example() -> None:
    """5 of 6 words, 3 of 5 pairs, 2 of 4 triples, 1 of 3 quadruples; no brevity penalty."""
    value = scorer().score("the cat sat on a mat", "the cat sat on the mat")["bleu4"]
    assert value == pytest.approx(geometric_mean(5 / 6, 3 / 5, 2 / 4, 1 / 3))


@pytest.mark.covers("FIN-37")
def test_an_order_without_a_match_is_smoothed() -> None:
    """No quadruple of 3 fits: the first such order counts as half a match."""
    value = scorer().score("the cat sat in the mat", "the cat sat on the mat")["bleu4"]
    assert value == pytest.approx(geometric_mean(5 / 6, 3 / 5, 1 / 4, 0.5 / 3))


def geometric_mean(*precisions: float) -> float:
    return 100 * math.exp(sum(math.log(p) for p in precisions) / len(precisions))


@pytest.mark.covers("FIN-37")
def test_bleu_punishes_brevity_and_is_a_hundred_at_best() -> None:
    reference = "one two three four five six seven eight"
    assert scorer().score(reference, reference)["bleu4"] == pytest.approx(100.0)
    half = scorer().score("one two three four", reference)["bleu4"]
    assert half == pytest.approx(100 * math.exp(1 - 8 / 4))


@pytest.mark.covers("FIN-37")
def test_the_bleu_of_a_set_is_counted_over_the_set() -> None:
    """Clipped n-grams are added up first, which is not the mean of the single scores."""
    outputs, references = ["a b c d e", "x"], ["a b c d e", "p q r s t"]
    records = [scorer().score(o, r) for o, r in zip(outputs, references, strict=True)]
    total = scorer().total(outputs, references, records)["bleu4"]
    precisions = [5 / 6, 4 / 4, 3 / 3, 2 / 2]
    expected = math.exp(1 - 10 / 6) * geometric_mean(*precisions)
    assert total == pytest.approx(expected)


@pytest.mark.covers("FIN-38")
def test_chinese_is_cut_by_character_or_word() -> None:
    text = "我爱北京，GPT-4 很好！"
    assert Tokenizer(TokenizerName.CHAR).tokenize(text) == [
        *"我爱北京",
        "gpt",
        "4",
        *"很好",
    ]
    assert Tokenizer(TokenizerName.JIEBA).tokenize("我爱北京天安门！") == [
        "我",
        "爱",
        "北京",
        "天安门",
    ]
    assert scorer(TokenizerName.CHAR).score("北京很美", "我爱北京")["rouge1"] == 0.5


@pytest.mark.covers("FIN-38")
def test_auto_looks_at_the_references() -> None:
    assert choose(TokenizerName.AUTO, ["plain", "words"]).name is TokenizerName.WORD
    assert choose(TokenizerName.AUTO, ["plain", "汉字"]).name is TokenizerName.CHAR
    assert choose(TokenizerName.JIEBA, ["plain"]).name is TokenizerName.JIEBA


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("so 5 + 3 = 8.\n#### 8", "8"),
        ("The answer is $1,234.50.", "1234.5"),
        ("#### 72\nI hope that helps 100%", "72"),
        ("It was -7 degrees", "-7"),
        ("2 then 3", "3"),
        ("#### 18.00", "18"),
        ("none at all", None),
        ("#### none", None),
    ],
)
def test_the_number_that_counts(text: str, number: str | None) -> None:
    found = last_number(text)
    assert (None if found is None else float(found)) == (None if number is None else float(number))


@pytest.mark.covers("EVA-26")
def test_gsm8k_compares_numbers_and_shows_the_one_it_took() -> None:
    gsm8k = scorer(answer_format=Format.GSM8K)
    reference = "48/2 = <<48/2=24>>24 clips.\n#### 72"
    assert gsm8k.score("First 48, then 24, so 72.0 in all", reference)["accuracy"] == 1.0
    assert gsm8k.score("#### 73", reference)["accuracy"] == 0.0
    assert gsm8k.score("", reference)["accuracy"] == 0.0
    assert gsm8k.extracted("so 1,072 clips") == "1072"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(["word", "char"]))
def test_scores_stay_in_their_ranges(output: str, reference: str, name: str) -> None:
    scores = scorer(TokenizerName(name)).score(output, reference)
    assert all(0.0 <= scores[key] <= 1.0 for key in ("accuracy", "rouge1", "rouge2", "rougeL"))
    assert 0.0 <= scores["bleu4"] <= 100.0 + 1e-9


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=4, max_size=12))
def test_the_reference_itself_scores_best(words: list[str]) -> None:
    text = " ".join(words)
    scores = scorer().score(text, text)
    assert scores == pytest.approx(
        {"accuracy": 1, "rouge1": 1, "rouge2": 1, "rougeL": 1, "bleu4": 100}
    )


def test_standard_errors_of_the_means() -> None:
    records = [{"accuracy": value} for value in (1.0, 0.0, 1.0, 1.0)]
    only = Scorer((MetricName.ACCURACY,), Tokenizer(TokenizerName.WORD), Format.QA)
    assert only.standard_errors(records) == pytest.approx({"accuracy": math.sqrt(0.25 / 4)})
    assert only.standard_errors(records[:1]) == {}
