"""Words of Chinese and other text, and which of them say nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files

_RUNS = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[^\W_]+(?:['’-][^\W_]+)*")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_TOKENS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]|\w{1,6}|[^\w\s]")
_MOST_KEPT = 1_000_000


class WordCount:
    """Counts words in bounded memory: among millions of different ones the rare are forgotten."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, texts: Iterable[str]) -> None:
        # One call for many texts: crossing over for each would cost more than the work.
        self._counts.update(words_of("\n".join(texts)))
        if len(self._counts) > _MOST_KEPT:
            self._counts = Counter(dict(self._counts.most_common(_MOST_KEPT // 2)))

    def top(self, count: int, *, stop_words: bool) -> list[tuple[str, int]]:
        if stop_words:
            return self._counts.most_common(count)
        left_out = stop_word_list()
        found = ((w, n) for w, n in self._counts.most_common(count + 2000) if w not in left_out)
        return [pair for pair, _ in zip(found, range(count), strict=False)]


def words_of(text: str) -> list[str]:
    """Words in lower case; a run of Chinese is cut by dictionary."""
    import rjieba

    found: list[str] = []
    for run in _RUNS.findall(text.lower()):
        if _HAN.match(run):
            found += rjieba.cut(run)
        else:
            found.append(run)
    return found


def estimated_tokens(text: str) -> int:
    """About what a tokenizer of a language model makes of it: an ideograph, up to six letters or
    digits in a row, or a sign count one each."""
    return len(_TOKENS.findall(text))


@lru_cache(maxsize=1)
def stop_word_list() -> frozenset[str]:
    text = files("slipway.data.analysis").joinpath("stop_words.txt").read_text("utf-8")
    return frozenset(text.split())
