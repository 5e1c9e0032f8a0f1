import json
from pathlib import Path
from typing import Any

import pytest

from slipway.runtime.evaluate.__main__ import main
from slipway.runtime.evaluate.config import MetricName, load, parse
from slipway.runtime.evaluate.errors import ConfigError, EvaluationError
from slipway.runtime.evaluate.items import load_set

MODEL = {"name": "m", "base_url": "http://x/v1/"}


def config(tmp_path: Path, **changes: Any) -> dict[str, Any]:
    (tmp_path / "s.jsonl").write_text('{"prompt": "Q", "response": "A"}\n')
    return {"models": [MODEL], "sets": [{"name": "s", "files": ["s.jsonl"]}]} | changes


@pytest.mark.covers("EVA-19")
def test_defaults(tmp_path: Path) -> None:
    parsed = parse(config(tmp_path), tmp_path)
    (model,) = parsed.models
    assert (model.concurrency, model.retries, model.model) == (24, 0, "m")
    assert model.base_url == "http://x/v1"
    assert parsed.metrics == tuple(MetricName)
    assert parsed.seed is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"models": []}, "models: must be a list with at least one entry"),
        ({"models": [{"name": "m"}]}, "models[0].base_url: must be text"),
        ({"models": [MODEL | {"concurrency": 0}]}, "models[0].concurrency: must be a number of 1"),
        ({"models": [MODEL | {"params": []}]}, "models[0].params: must be a JSON object"),
        ({"models": [MODEL | {"url": "x"}]}, "models[0].url: is not known; known are"),
        ({"models": [MODEL, MODEL]}, "models: the name 'm' is used twice"),
        ({"sets": [{"name": "s", "files": []}]}, "sets[0].files: name at least one file"),
        ({"sets": [{"name": "s", "files": ["none"]}]}, "none does not exist"),
        (
            {"sets": [{"name": "s", "files": ["s.jsonl"], "format": "xml"}]},
            "sets[0].format: 'xml' is not one of auto, conversation, qa, gsm8k",
        ),
        (
            {"sets": [{"name": "s", "files": ["s.jsonl"], "template": "?"}]},
            "sets[0].template: must hold {prompt}",
        ),
        ({"metrics": ["f1"]}, "metrics: 'f1' is not one of accuracy, rouge1"),
        ({"tokenizer": "bpe"}, "tokenizer: 'bpe' is not one of auto, char, jieba, word"),
        ({"seed": 1.5}, "seed: must be a number"),
        ({"speed": 1}, "configuration.speed: is not known"),
    ],
)
def test_a_wrong_configuration_is_refused_by_place(
    tmp_path: Path, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        parse(config(tmp_path, **changes), tmp_path)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("text", [None, "{", "[]"])
def test_a_file_that_cannot_be_read_ends_with_a_sentence(tmp_path: Path, capsys, text) -> None:
    path = tmp_path / "config.json"
    if text:
        path.write_text(text)
    assert main(["--config", str(path), "--out", str(tmp_path / "out")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("s.jsonl", '{"prompt": "Q", "response": "A"}\n{"prompt": "Q"}', "s.jsonl, line 2: "),
        ("s.jsonl", '{"text": "plain"}', "plain text, which has nothing to ask"),
        ("s.csv", "prompt,response\nQ,A\n,B\n", "s.csv, row 2: `prompt` is empty"),
        ("s.csv", "prompt\nQ\n", "s.csv, row 1: `response` is missing"),
        ("s.csv", "prompt,response\n", "s.csv: holds no row"),
    ],
)
def test_a_bad_line_refuses_the_file(tmp_path: Path, name, content: str, sentence: str) -> None:
    (tmp_path / "config.json").write_text(
        json.dumps({"models": [MODEL], "sets": [{"name": "s", "files": [name]}]})
    )
    (tmp_path / name).write_text(content)
    with pytest.raises(EvaluationError) as refused:
        load_set(load(tmp_path / "config.json").sets[0])
    assert sentence in str(refused.value)


def test_csv_with_or_without_system_and_with_either_answer_column(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("system,prompt,response\nS,Q,A\n,R,B\n", encoding="utf-8-sig")
    (tmp_path / "b.csv").write_text("prompt,answer\nT,C\n")
    raw = {"models": [MODEL], "sets": [{"name": "s", "files": ["a.csv", "b.csv"]}]}
    items = load_set(parse(raw, tmp_path).sets[0]).items
    assert [(i.index, i.system, i.turns[0].prompt, i.reference) for i in items] == [
        (0, "S", "Q", "A"),
        (1, None, "R", "B"),
        (2, None, "T", "C"),
    ]
