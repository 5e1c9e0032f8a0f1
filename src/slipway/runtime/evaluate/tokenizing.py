"""Text -> tokens for ROUGE and BLEU. Which way was used is recorded with every result."""

import re
import warnings
from collections.abc import Iterable

from slipway.runtime.evaluate.config import TokenizerName

# Han with its extensions, kana, Hangul syllables: scripts that put no space between words.
_WIDE = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af\U00020000-\U0003ffff"
_WIDE_CHAR = re.compile(f"[{_WIDE}]")
_CHAR_OR_WORD = re.compile(rf"[{_WIDE}]|(?:(?![{_WIDE}])[^\W_])+")
_WORD = re.compile(r"[^\W_]+")


class Tokenizer:
    """Lower-cases, drops punctuation, and cuts. Has the method that rouge-score asks for."""

    def __init__(self, name: TokenizerName) -> None:
        self.name = name

    def tokenize(self, text: str) -> list[str]:
        text = text.lower()
        match self.name:
            case TokenizerName.CHAR:
                return _CHAR_OR_WORD.findall(text)
            case TokenizerName.JIEBA:
                return [token for token in _jieba_cut(text) if _WORD.search(token)]
            case _:
                return _WORD.findall(text)


def choose(name: TokenizerName, references: Iterable[str]) -> Tokenizer:
    """`auto`: by character where the references hold Chinese and the like, else by word."""
    if name is TokenizerName.AUTO:
        wide = any(_WIDE_CHAR.search(text) for text in references)
        name = TokenizerName.CHAR if wide else TokenizerName.WORD
    return Tokenizer(name)


def _jieba_cut(text: str) -> list[str]:
    with warnings.catch_warnings():
        # jieba's source has old escapes that newer Pythons warn of when compiling it.
        warnings.simplefilter("ignore")
        import jieba
    jieba.setLogLevel("ERROR")
    return list(jieba.cut(text))
