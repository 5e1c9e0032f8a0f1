"""The public data beside the repository, where it is there."""

from pathlib import Path

import pytest

from slipway.runtime.evaluate.config import Format, parse
from slipway.runtime.evaluate.items import load_set
from slipway.runtime.recipes.data_files import read_files
from slipway.runtime.recipes.samples import Conversation, PlainText

DATA = Path(__file__).parents[3] / "shared" / "data"


def existing(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the optional data {path} is not here")
    return path


@pytest.mark.covers("TRN-28")
@pytest.mark.parametrize("name", ["alpaca_zh_demo.json", "alpaca_en_demo.json"])
def test_alpaca_instructions(name: str) -> None:
    path = existing(f"llm/{name}")
    samples = read_files([path], path.parent)
    assert len(samples) > 500
    assert all(isinstance(sample, Conversation) for sample in samples)


@pytest.mark.parametrize("name", ["c4_demo.jsonl", "wiki_demo.txt"])
def test_plain_text(name: str) -> None:
    path = existing(f"llm/{name}")
    samples = read_files([path], path.parent)
    assert len(samples) > 20
    assert all(isinstance(sample, PlainText) for sample in samples)


@pytest.mark.covers("EVA-26")
def test_every_gsm8k_problem_has_a_number() -> None:
    path = existing("gsm8k/test.jsonl")
    raw = {
        "models": [{"name": "m", "base_url": "http://x"}],
        "sets": [{"name": "gsm8k", "files": [str(path)]}],
    }
    loaded = load_set(parse(raw).sets[0])
    assert (len(loaded.items), loaded.format) == (1319, Format.GSM8K)

    from slipway.runtime.evaluate.scoring import last_number

    assert all(last_number(item.reference) is not None for item in loaded.items)
