"""A line of JSON with some members set: the rest of it stays byte for byte."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.labelling.inplace.lines import set_in_line

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=6)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
OBJECTS = st.dictionaries(st.text(max_size=4), VALUES, max_size=5)


@pytest.mark.parametrize(
    "line, new, wanted",
    [
        (b'{"a":1.50,"b":"x"}\r\n', {"a": 1.5, "b": "y"}, b'{"a":1.50,"b":"y"}\r\n'),
        (b'{"n": 1e5, "q": "a"}', {"n": 1e5, "q": "a", "v": "keep"}, b'{"n": 1e5, "q": "a", "v": "keep"}'),
        (b'  { "q" : "a" }  \n', {"q": "b"}, b'  { "q" : "b" }  \n'),
        (b'{"big":123456789012345678901,"q":""}\n', {"big": 1.2345678901234568e20, "q": "x"},
         b'{"big":123456789012345678901,"q":"x"}\n'),
        (b'{"q":"\\u4e2d"}\n', {"q": "\u6587"}, b'{"q":"\\u6587"}\n'),
        (b'{}\n', {"v": ["a", "b"]}, b'{"v": ["a", "b"]}\n'),
        (b'{"a":1,"a":2}\n', {"a": 3}, b'{"a":1,"a":3}\n'),
    ],
)  # fmt: skip
def test_only_what_changed_is_written_anew(line: bytes, new: dict[str, Any], wanted: bytes) -> None:
    assert set_in_line(line, orjson.loads(line), new) == wanted


@given(
    OBJECTS, OBJECTS, st.sampled_from([(",", ":"), (", ", ": "), (" ,  ", " :\t")]), st.booleans()
)
def test_the_line_says_the_new_object_in_the_old_order(
    old: dict[str, Any], more: dict[str, Any], style: tuple[str, str], escaped: bool
) -> None:
    line = json.dumps(old, separators=style, ensure_ascii=escaped).encode() + b"\n"
    before = orjson.loads(line)
    new = before | more
    made = set_in_line(line, before, new)
    assert made.endswith(b"\n") and b"\n" not in made[:-1]
    assert list(orjson.loads(made)) == list(new)
    assert orjson.loads(made) == orjson.loads(orjson.dumps(new))
