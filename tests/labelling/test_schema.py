"""The schema language: templates, what they may do, and errors with their place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.base.errors import Invalid
from slipway.labelling.schema.answers import checked_answers, labelled_record, with_answers
from slipway.labelling.schema.document import document_for
from slipway.labelling.schema.errors import SchemaProblem

DIALOGUE = """desc: Multi-image dialogue
record_fields:
- name: Pictures
  key: img
  type: ImageListInput
  value:
    {{- range .Values.img }}
    - {{ . }}
    {{- end }}
- name: Dialogue
  key: target
  type: List
  value:
    {{- range .Values.target }}
    -
      - name: Question
        key: question
        type: TextInput
        value: "{{ .question }}"
      - name: Answer
        key: answer
        type: TextInput
        value: '{{ .answer }}' # as it was
        size: LongArticle
    {{- end }}
- name: Verdict
  key: verdict
  type: StringSelector
  choices:
  - keep
  - drop
"""
FIELD = 'record_fields:\n- name: N\n  key: k\n  type: TextInput\n  value: "{}"\n'
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)


def shown(action: str, record: dict[str, Any]) -> Any:
    return document_for(FIELD.format(action), record).components[0].value


def test_the_sample_of_the_manual() -> None:
    record = {
        "img": ["a.jpg", "b.jpg"],
        "target": [{"question": "Same angle?", "answer": "No: the second\nis from above."}],
    }
    pictures, dialogue, verdict = document_for(DIALOGUE, record).components
    assert pictures.value == ("a.jpg", "b.jpg")
    assert [[part.value for part in item] for item in dialogue.value] == [
        ["Same angle?", "No: the second\nis from above."]
    ]
    assert verdict.choices == ("keep", "drop") and verdict.value == ""
    empty = document_for(DIALOGUE, {}).components
    assert empty[0].value == () and empty[1].value == ()
    assert [part.key for part in empty[1].form] == ["question", "answer"]  # for a new item


@settings(deadline=None)
@given(TEXT, TEXT)
def test_a_record_is_data_and_never_yaml(one: str, other: str) -> None:
    record = {"img": [one], "target": [{"question": other, "answer": one}]}
    pictures, dialogue, _ = document_for(DIALOGUE, record).components
    assert pictures.value == (one,)
    assert [part.value for part in dialogue.value[0]] == [other, one]


@pytest.mark.parametrize(
    ("action", "wanted"),
    [
        ("{{ .Values.a.b }}", "x"), ("{{ index .Values.list 1 }}", "2"), ("{{ .Values.no }}", ""),
        ("{{ index .Values `odd-key` }}", "y"), ("{{ .Values.none }}", ""), ("{{ .Values.n }}", "1.5"),
        ("{{ .Values.yes }}", "true"), ("{{ .Values.a }}", '{"b":"x"}'), ("{{ len .Values.list }}", "3"),
        ("{{ if eq .Values.n 1.5 }}a{{ else }}b{{ end }}", "a"),
        ("{{ if not .Values.yes }}a{{ else if .Values.n }}c{{ else }}b{{ end }}", "c"),
        ("{{ with .Values.a }}{{ .b }}{{ end }}", "x"), ("{{/* said */}}z", "z"),
        ("{{ range $i, $x := .Values.list }}{{ $i }}{{ $x }};{{ end }}", "01;12;23;"),
        ("{{ range .Values.list }}{{ $.Values.a.b }}{{ end }}", "xxx"),
        ("{{ if and .Values.yes (or .Values.no .Values.n) }}ok{{ end }}", "ok"),
        ("a {{- .Values.a.b -}} b", "axb"),
    ],
)  # fmt: skip
def test_actions(action: str, wanted: str) -> None:
    record = {
        "a": {"b": "x"}, "list": [1, 2, 3], "odd-key": "y", "none": None, "n": 1.5, "yes": True,
    }  # fmt: skip
    assert shown(action, record) == wanted


@pytest.mark.parametrize(
    ("schema", "line", "column", "words"),
    [
        ("desc: x\nrecord_fields:\n- name: {{ foo }}\n", 3, 12, "'foo' is not known"),
        ("desc: x\nrecord_fields: {{ .a\n", 2, 16, "}} is missing"),
        ("desc: x\n{{ range .Values.a }}\n", 2, 1, "has no {{ end }}"),
        ("desc: x\n{{ end }}\n", 2, 1, "without a beginning"),
        (DIALOGUE.replace("type: List", "type: Lst"), 12, 9, "'Lst' is not known"),
        (DIALOGUE.replace("  key: img\n", ""), 3, 3, "has no key"),
        (DIALOGUE.replace("key: img", "key: 1img"), 4, 8, "does not begin with a digit"),
        (DIALOGUE.replace("key: verdict", "key: img"), 26, 3, "is there twice"),
        (DIALOGUE.replace("- keep", "- [keep"), 32, 1, "not valid YAML"),
        (DIALOGUE.replace("desc:", "descr:"), 1, 1, "'descr' is not known"),
        ("a: &x 1\nrecord_fields: *x\n", 1, 4, "Anchors"),
    ],
)
def test_errors_say_where(schema: str, line: int, column: int, words: str) -> None:
    with pytest.raises(SchemaProblem, match=r".") as caught:
        document_for(schema, {"target": [{}]})
    assert words in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_schema_that_never_ends_is_stopped() -> None:
    nested = "{{ range $.Values.l }}" * 6 + "x" + "{{ end }}" * 6
    with pytest.raises(SchemaProblem, match=r"1 second|1 MB"):
        shown(nested, {"l": list(range(40))})
    with pytest.raises(SchemaProblem, match="1 MB"):
        shown("{{ range .Values.l }}{{ $.Values.t }}{{ end }}", {"l": [0] * 99, "t": "x" * 20_000})


def test_answers_go_into_the_record_and_the_rest_stays() -> None:
    record = {
        "id": 7, "img": ["a.jpg"], "score": 3,
        "target": [{"question": "1", "answer": "2", "by": "eve"}, {"question": "3", "answer": "4"}],
    }  # fmt: skip
    schema = (
        DIALOGUE
        + '- name: Score\n  key: score\n  type: TextInput\n  value: "{{ .Values.score }}"\n'
    )
    document = document_for(schema, record)
    answers = checked_answers(
        document.components,
        {
            "target": [
                {"": 1, "question": "3", "answer": "four"}, {"question": "new", "answer": ""},
                {"": 0, "question": "1", "answer": "2"},
            ],
            "verdict": "keep", "score": "3",
        },
    )  # fmt: skip
    assert labelled_record(record, document, answers) == {
        "id": 7, "img": ["a.jpg"], "score": 3,  # untouched: still a number
        "target": [
            {"question": "3", "answer": "four"}, {"question": "new", "answer": ""},
            {"question": "1", "answer": "2", "by": "eve"},
        ],
        "verdict": "keep",
    }  # fmt: skip
    again = with_answers(document, answers).components
    assert again[2].value == "keep" and again[1].value[0][1].value == "2"  # as in the record
    assert labelled_record(record, document, {}) == record  # nothing answered, nothing changed


@pytest.mark.parametrize(
    "answers",
    [
        {"verdict": "maybe"},
        {"nothing": 1},
        {"img": "a"},
        {"target": [{"x": 1}]},
        {"verdict": 3},
        [1],
    ],
)
def test_answers_that_do_not_fit_are_refused(answers: Any) -> None:
    with pytest.raises(Invalid):
        checked_answers(document_for(DIALOGUE, {}).components, answers)
