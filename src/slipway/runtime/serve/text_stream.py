"""Turn a growing list of tokens into text pieces that never have to be taken back."""

from __future__ import annotations

from typing import Any

REPLACEMENT = "\ufffd"


class TextStream:
    """Decodes incrementally; holds back half characters and possible beginnings of a stop text."""

    def __init__(self, tokenizer: Any, stop: tuple[str, ...]) -> None:
        self._tokenizer = tokenizer
        self._stop = stop
        self._ids: list[int] = []
        # Text of _ids[_start:_read] has been taken over; decoding from _start gives the
        # tokenizer the context that it needs for spaces between words.
        self._start = 0
        self._read = 0
        self._before = ""  # _ids[_start:_read] as text
        self._held = ""
        self.stopped = False

    def add(self, token: int) -> str:
        """The text that is now certain; sets `stopped` when a stop text has been reached."""
        self._ids.append(token)
        return self._release(self._new_text(final=False), final=False)

    def finish(self) -> str:
        """What was held back, once no more tokens come."""
        if self.stopped:
            return ""
        return self._release(self._new_text(final=True), final=True)

    def _new_text(self, *, final: bool) -> str:
        after = self._decode(self._ids[self._start :])
        if not final and (len(after) <= len(self._before) or after.endswith(REPLACEMENT)):
            return ""
        text = after[len(self._before) :]
        self._start, self._read = self._read, len(self._ids)
        self._before = self._decode(self._ids[self._start :])
        return text

    def _decode(self, ids: list[int]) -> str:
        if not ids:
            return ""
        return str(
            self._tokenizer.decode(
                ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
            )
        )

    def _release(self, text: str, *, final: bool) -> str:
        if not self._stop:
            return text
        text = self._held + text
        ends = [at for stop in self._stop if (at := text.find(stop)) >= 0]
        if ends:
            self.stopped = True
            self._held = ""
            return text[: min(ends)]
        keep = 0 if final else max(_overlap(text, stop) for stop in self._stop)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of `text` that is a beginning of `stop`."""
    for size in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:size]):
            return size
    return 0
