"""Lengths and words of every text field, over all records (DAT-34)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from slipway.data.analysis.words import WordCount, estimated_tokens
from slipway.data.manifest import Manifest
from slipway.data.progress import Ticker
from slipway.data.statistics import Lengths

ESTIMATE = "estimate"
TOP_WORDS = 100
_PAGE = 1000
_MAX_FIELDS = 20


def text_statistics(manifest: Manifest, tokenizer: Path | None, ticker: Ticker) -> dict[str, Any]:
    """`tokenizer`: a `tokenizer.json`; None: token counts are estimated."""
    count_tokens = _counter(tokenizer)
    names = [
        field["name"]
        for field in manifest.summary.statistics.get("fields", ())
        if field["length"] is not None
    ][:_MAX_FIELDS]
    fields = {name: _Field() for name in names}
    total = manifest.summary.sample_count
    ticker.begin(1.0, total)
    for start in range(0, total, _PAGE):
        stop = min(start + _PAGE, total)
        records = [orjson.loads(raw.data) for raw in manifest.read(range(start, stop))]
        for name, field in fields.items():
            field.add([text_of(r[name]) for r in records if name in r], count_tokens)
        ticker.advance(stop - start)
    return {
        "tokenizer": tokenizer.parent.name if tokenizer else ESTIMATE,
        "fields": [{"name": name} | field.to_json() for name, field in fields.items()],
    }


def text_of(value: Any) -> str:
    """All text in a JSON value, keys left out."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(filter(None, map(text_of, value)))
    if isinstance(value, dict):
        return "\n".join(filter(None, map(text_of, value.values())))
    return ""


class _Field:
    def __init__(self) -> None:
        self._chars, self._tokens, self._words = Lengths(), Lengths(), WordCount()
        self._count = 0

    def add(self, texts: list[str], count_tokens: Callable[[list[str]], list[int]]) -> None:
        self._count += len(texts)
        for text in texts:
            self._chars.add(len(text))
        for tokens in count_tokens(texts):
            self._tokens.add(tokens)
        self._words.add(texts)

    def to_json(self) -> dict[str, Any]:
        return {
            "count": self._count,
            "chars": self._chars.to_json(),
            "tokens": self._tokens.to_json(),
            "words": self._words.top(TOP_WORDS, stop_words=False),
            "all_words": self._words.top(TOP_WORDS, stop_words=True),
        }


def _counter(tokenizer: Path | None) -> Callable[[list[str]], list[int]]:
    if tokenizer is None:
        return lambda texts: [estimated_tokens(text) for text in texts]
    from tokenizers import Tokenizer

    loaded = Tokenizer.from_file(str(tokenizer))

    def count(texts: list[str]) -> list[int]:
        return [len(e.ids) for e in loaded.encode_batch(texts, add_special_tokens=False)]

    return count
