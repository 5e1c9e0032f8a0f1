"""Reading usage out of answers, however the network cuts them."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.gateway.sse import MAX_LINE_BYTES, JsonMeter, StreamMeter, Usage

from .upstreams import chat_chunk, chat_events, event

words = st.lists(st.text(max_size=12), max_size=8).map(tuple)


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    bounds = sorted({0, len(data), *(c % (len(data) + 1) for c in cuts)})
    return [data[a:b] for a, b in pairwise(bounds)]


def through(meter, pieces) -> bytes:
    return b"".join([*(meter.feed(piece) for piece in pieces), meter.end()])


@given(words, st.booleans(), st.lists(st.integers(0, 5000), max_size=30))
def test_bytes_pass_untouched_and_usage_is_read_from_any_chunking(words, include, cuts):
    stream = b"".join(chat_events(include, words))
    meter = StreamMeter(drop_usage=False)
    assert through(meter, cut(stream, cuts)) == stream
    assert meter.usage == (Usage(9, 120, 129) if include else None)
    assert meter.failed is None


@given(words, st.lists(st.integers(0, 5000), max_size=30))
def test_dropping_usage_leaves_what_the_server_sends_without_it(words, cuts):
    meter = StreamMeter(drop_usage=True)
    with_usage = b"".join(chat_events(True, words))
    assert through(meter, cut(with_usage, cuts)) == b"".join(chat_events(False, words))
    assert meter.usage == Usage(9, 120, 129)


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=10))
def test_any_bytes_pass_untouched(data, cuts):
    assert through(StreamMeter(drop_usage=False), cut(data, cuts)) == data


@given(st.lists(st.integers(0, 5000), max_size=30))
def test_line_ends_of_both_kinds_are_kept(cuts):
    stream = b"".join(chat_events(True)).replace(b"\n", b"\r\n")
    meter = StreamMeter(drop_usage=True)
    expected = b"".join(chat_events(False)).replace(b"\n", b"\r\n")
    assert through(meter, cut(stream, cuts)) == expected


def test_a_text_that_speaks_of_usage_is_not_touched():
    tricky = event(chat_chunk({"content": 'say ,"usage":null and {"usage": {"a": 1}}'}))
    meter = StreamMeter(drop_usage=True)
    assert through(meter, [tricky]) == tricky
    assert meter.usage is None


def test_usage_in_the_last_content_chunk_is_read_and_the_chunk_kept():
    usage = {"prompt_tokens": 4, "completion_tokens": 2, "total_tokens": 6}
    last = event(chat_chunk({}, "stop", usage=usage))
    meter = StreamMeter(drop_usage=True)
    assert through(meter, [last]) == last
    assert meter.usage == Usage(4, 2, 6)


def test_an_error_event_marks_the_call_as_failed():
    meter = StreamMeter(drop_usage=False)
    through(meter, [event({"error": {"code": "600004", "message": "no"}})])
    assert meter.failed == "600004"


def test_comments_and_keep_alives_pass():
    stream = b": ping\n\nevent: x\nid: 7\ndata: {}\n\n"
    assert through(StreamMeter(drop_usage=True), [stream]) == stream


def test_a_giant_line_is_passed_on_without_being_held():
    meter = StreamMeter(drop_usage=True)
    giant = b'data: {"x":"' + b"a" * (MAX_LINE_BYTES + 10)
    assert meter.feed(giant) == giant
    assert meter.feed(b"aaa") == b"aaa"
    rest = b'"}\n\n' + b"".join(chat_events(True))
    assert meter.feed(rest) == b'"}\n\n' + b"".join(chat_events(False))
    assert meter.usage == Usage(9, 120, 129)


def test_without_usage_tokens_are_text_bytes_by_four():
    meter = StreamMeter(drop_usage=False)
    text = "four by four, " * 4
    through(meter, [event(chat_chunk({"content": text})), b"data: [DONE]\n\n"])
    assert meter.completion_tokens() == len(text) // 4


@pytest.mark.covers("GWY-59")
@given(st.lists(st.integers(0, 500), max_size=10))
def test_usage_of_a_json_answer_is_read(cuts):
    usage = {"prompt_tokens": 9, "completion_tokens": 12, "total_tokens": 21}
    body = json.dumps({"choices": [], "usage": usage, "id": "x"}).encode()
    meter = JsonMeter()
    assert through(meter, cut(body, cuts)) == body
    assert meter.usage == Usage(9, 12, 21)


def test_total_is_the_sum_where_the_answer_leaves_it_out():
    meter = JsonMeter()
    through(meter, [b'{"usage": {"prompt_tokens": 3, "completion_tokens": 4}}'])
    assert meter.usage == Usage(3, 4, 7)


def test_usage_of_a_big_answer_is_read_from_its_end():
    usage = {"prompt_tokens": 3, "details": {"cached": 1}, "total_tokens": 3}
    body = json.dumps({"data": [0.123456] * 60_000, "usage": usage}).encode()
    meter = JsonMeter()
    assert through(meter, cut(body, [100_000, 200_000, 300_000])) == body
    assert meter.usage == Usage(3, 0, 3)


@given(st.binary(max_size=200))
def test_an_answer_that_is_no_json_says_nothing(data):
    meter = JsonMeter()
    assert through(meter, [data]) == data
    assert meter.completion_tokens() >= 0
