import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.runtime.recipes.formats import (
    AlpacaColumns,
    MessageTags,
    RecordError,
    read_alpaca,
    read_messages,
    read_record,
)
from slipway.runtime.recipes.samples import Message, PlainText, Role, conversation

pytestmark = pytest.mark.covers("TRN-28")

words = st.text(min_size=1).filter(lambda text: text.strip())
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.none() | words, st.lists(st.tuples(words, words), min_size=1, max_size=4))
def test_the_platform_format_keeps_every_text(system, pairs) -> None:
    turns = [{"prompt": prompt, "response": response} for prompt, response in pairs]
    record = {"conversation": turns} | ({"system": system} if system else {})
    assert read_record(record) == conversation(system, pairs)


@given(words, words, st.none() | st.just("") | words)
def test_alpaca_joins_instruction_and_input(instruction, output, query) -> None:
    record = {"instruction": instruction, "output": output, "input": query}
    expected = f"{instruction}\n{query}" if query else instruction
    assert read_record(record) == conversation(None, [(expected, output)])


def test_alpaca_history_comes_first() -> None:
    record = {"instruction": "C", "output": "c", "history": [["A", "a"], ["B", "b"]], "system": "S"}
    assert read_record(record) == conversation("S", [("A", "a"), ("B", "b"), ("C", "c")])


def test_alpaca_columns_may_have_other_names() -> None:
    columns = AlpacaColumns(prompt="q", query=None, response="a", system=None, history=None)
    record = {"q": "Q", "a": "A", "input": "not listed, so not read"}
    assert read_alpaca(record, columns) == conversation(None, [("Q", "A")])


def test_sharegpt_and_openai_messages() -> None:
    expected = conversation("S", [("Q", "A")])
    sharegpt = {
        "conversations": [{"from": "human", "value": "Q"}, {"from": "gpt", "value": "A"}],
        "system": "S",
    }
    openai = {
        "messages": [
            {"role": "system", "content": "S"},
            {"role": "user", "content": "Q"},
            {"role": "assistant", "content": "A"},
        ]
    }
    assert read_record(sharegpt) == expected
    assert read_record(openai) == expected


def test_tags_may_have_other_names() -> None:
    tags = MessageTags(messages="talk", role="r", content="c", user=("U",), assistant=("B",))
    record = {"talk": [{"r": "U", "c": "Q"}, {"r": "B", "c": "A"}]}
    assert read_messages(record, tags).messages == (
        Message(Role.USER, "Q"),
        Message(Role.ASSISTANT, "A"),
    )


def test_plain_text_and_question_with_answer() -> None:
    assert read_record({"text": "words"}) == PlainText("words")
    assert read_record({"question": "Q", "answer": "A"}) == conversation(None, [("Q", "A")])
    assert read_record({"prompt": "Q", "response": "A"}) == conversation(None, [("Q", "A")])


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ([], "must be a JSON object"),
        ({}, "none of the keys"),
        ({"conversation": []}, "at least one entry"),
        ({"conversation": "Q"}, "must be a list"),
        ({"conversation": [{"prompt": "Q"}]}, "turn 1 of `conversation`: `response` is missing"),
        ({"conversation": [{"prompt": 1, "response": "A"}]}, "`prompt` must be text"),
        ({"conversation": [{"prompt": "Q", "response": " "}]}, "`response` is empty"),
        ({"conversation": ["Q"]}, "turn 1 of `conversation` must be an object"),
        ({"system": 1, "conversation": [{"prompt": "Q", "response": "A"}]}, "`system` must be"),
        ({"conversations": [{"from": "gpt", "value": "A"}]}, "must end with an answer"),
        (
            {"conversations": [{"from": "gpt", "value": "A"}, {"from": "human", "value": "Q"}]},
            "the user first",
        ),
        ({"conversations": [{"from": "tool", "value": "A"}]}, "the role `tool` is not supported"),
        ({"instruction": "Q", "output": "A", "history": ["Q"]}, "`history` must be a list of"),
    ],
)
def test_a_fault_is_named(record, reason: str) -> None:
    with pytest.raises(RecordError, match=reason.replace("[", r"\[")):
        read_record(record)


@given(json_values)
def test_any_json_is_read_or_refused_in_words(record) -> None:
    try:
        read_record(record)
    except RecordError as fault:
        assert str(fault)


@given(st.sampled_from(["conversation", "conversations", "messages", "instruction"]), json_values)
def test_any_value_under_a_known_key_is_read_or_refused(key: str, value) -> None:
    try:
        read_record({key: value, "output": value})
    except RecordError as fault:
        assert str(fault)
