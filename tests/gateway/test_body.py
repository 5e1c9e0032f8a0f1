"""The minimal reading of a call, and the splice that asks for usage."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.gateway.body import asking_for_usage, parse_call, require_fields
from slipway.gateway.errors import Refused

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)
bodies = st.dictionaries(st.text(max_size=8).filter(lambda k: k not in CLAIMED), json_values)
CLAIMED = {"stream", "stream_options", "n", "model"}


@given(bodies, st.sampled_from([None, {}, {"include_usage": False}, {"x": [1, {"y": "}"}]}]),
       st.booleans(), st.sampled_from([None, 1]))  # fmt: skip
def test_asking_for_usage_changes_nothing_else(payload, options, present, indent):
    if present:
        payload = {**payload, "stream_options": options, "zz": "}{:,"}
    payload = {"a": '"stream_options": {', **payload, "stream": True}
    body = json.dumps(payload, ensure_ascii=False, indent=indent).encode("utf-8", "replace")
    try:
        call = parse_call(body)
    except Refused:
        return  # lone surrogates
    spliced = json.loads(asking_for_usage(body, call))
    kept = (options or {}) if present else {}
    assert spliced.pop("stream_options") == {**kept, "include_usage": True}
    expected = json.loads(body)
    expected.pop("stream_options", None)
    assert spliced == expected


def test_a_body_without_options_keeps_every_byte():
    body = b'  { "model":"m",\n "stream" : true }'
    spliced = asking_for_usage(body, parse_call(body))
    assert spliced == body.replace(b"{", b'{"stream_options":{"include_usage":true},', 1)


@pytest.mark.covers("GWY-28", "GWY-81")
@pytest.mark.parametrize(
    ("body", "says", "param"),
    [
        (b"not json", "not valid JSON", None),
        (b"[1]", "JSON object", None),
        (b'{"model": "m", "stream": "yes"}', "`stream`", "stream"),
        (b'{"model": "m", "stream_options": 1}', "`stream_options`", "stream_options"),
        (b'{"model": "m", "n": 0}', "`n`", "n"),
        (b'{"model": "m", "n": true}', "`n`", "n"),
        (b'{"messages": [{}]}', "`model`", "model"),
        (b'{"model": 7, "messages": [{}]}', "`model`", "model"),
        (b'{"model": "m"}', "`messages`", "messages"),
        (b'{"model": "m", "messages": []}', "`messages`", "messages"),
    ],
)
def test_a_broken_call_is_refused_naming_the_field(body, says, param):
    with pytest.raises(Refused) as refused:
        require_fields(parse_call(body), "/v1/chat/completions")
    assert says in refused.value.message
    assert refused.value.param == param


@pytest.mark.parametrize(
    ("payload", "tokens"),
    [
        ({"messages": [{"role": "user", "content": "a" * 40}]}, 10),
        ({"messages": [{"content": [{"type": "text", "text": "a" * 41}]}]}, 11),
        ({"messages": [{"content": "你好"}]}, 2),
        ({"messages": [{"content": [{"image_url": {"url": "data:" + "x" * 9999}}]}]}, 1),
        ({"prompt": ["abcd", "efgh"]}, 2),
        ({"input": [1, 2, 3]}, 3),
        ({"input": [[1, 2], [3]]}, 3),
        ({"messages": "broken"}, 1),
        ({}, 1),
    ],
)
def test_a_prompt_is_estimated_by_its_text(payload, tokens):
    assert parse_call(json.dumps(payload, ensure_ascii=False).encode()).prompt_tokens() == tokens
