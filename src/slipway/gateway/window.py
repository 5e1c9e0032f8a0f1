"""A stream that is looked at before the caller sees it: events wait until their text has passed.

Texts are looked at in windows of so many characters, each with the end of the one before, so that
a word across the border is seen. A call that asked for JSON is looked at once, at its end.
"""

from collections import defaultdict
from collections.abc import Coroutine
from typing import Any, Protocol

import orjson

from slipway.gateway.audit import Auditor, Kind
from slipway.gateway.errors import NOT_JSON, Refused
from slipway.gateway.policy import AuditPolicy
from slipway.gateway.texts import choice_texts, contents, events

OVERLAP_CHARS = 64
_DONE = b"data: [DONE]"


class Owner(Protocol):
    """Whose stream it is."""

    def window_release(self, data: bytes, *, last: bool) -> None: ...

    def window_refused(self, refusal: Refused) -> None: ...

    def window_wait(self, work: Coroutine[Any, Any, None]) -> None: ...


class Window:
    def __init__(
        self, owner: Owner, auditor: Auditor, policy: AuditPolicy | None, *, json_wanted: bool
    ) -> None:
        self._owner, self._auditor, self._policy = owner, auditor, policy
        self._json_wanted = json_wanted
        self._whole: dict[int, list[str]] = defaultdict(list)  # kept for JSON only
        self._fresh: dict[int, list[str]] = defaultdict(list)
        self._tails: dict[int, str] = {}
        self._fresh_chars = 0
        self._held: list[bytes] = []
        self._ended = False
        self._waiting = False
        self._over = False

    def feed(self, data: bytes) -> None:
        """Whole lines of the stream. May call the owner back at once."""
        if self._policy is not None:
            # Line by line: how much one read happened to bring must not make a window larger.
            for line in data.splitlines(keepends=True):
                if self._over:
                    return
                self._take(line)
                if not self._waiting and self._fresh_chars >= self._policy.window_chars:
                    self._look()
        elif not self._over:
            # Only its end matters; the closing mark waits for that.
            self._take(data)
            whole = b"".join(self._held)
            cut = whole.find(_DONE)
            self._held = [] if cut < 0 else [whole[cut:]]
            if released := whole if cut < 0 else whole[:cut]:
                self._owner.window_release(released, last=False)

    def end(self, data: bytes) -> None:
        self.feed(data)
        if self._over:
            return
        self._ended = True
        if not self._waiting:
            self._look()

    def _take(self, data: bytes) -> None:
        if data:
            self._held.append(data)
        for event in events(data):
            for index, text in choice_texts(event):
                self._fresh[index].append(text)
                self._fresh_chars += len(text)
            if self._json_wanted:
                for index, text in contents(event):
                    self._whole[index].append(text)

    def _look(self) -> None:
        held, self._held = b"".join(self._held), []
        last, policy = self._ended, self._policy
        try:
            if last and self._json_wanted:
                require_json(["".join(parts) for parts in self._whole.values()])
            text = self._cut()
            done = policy is None or not text or self._auditor.at_once(policy, Kind.ANSWER, text)
        except Refused as refusal:
            self._refuse(refusal)
            return
        if done:
            self._over = last
            self._owner.window_release(held, last=last)
        elif policy is not None:
            self._waiting = True
            self._owner.window_wait(self._wait(policy, text, held, last))

    async def _wait(self, policy: AuditPolicy, text: str, held: bytes, last: bool) -> None:
        try:
            await self._auditor.check(policy, Kind.ANSWER, text)
        except Refused as refusal:
            self._refuse(refusal)
            return
        self._waiting = False
        self._over = last
        self._owner.window_release(held, last=last)
        if not last and (self._ended or self._fresh_chars >= policy.window_chars):
            self._look()

    def _refuse(self, refusal: Refused) -> None:
        self._over = True
        self._owner.window_refused(refusal)

    def _cut(self) -> str:
        """The text that has come since the last look, each choice with the end of what was before."""
        texts = []
        for index, parts in self._fresh.items():
            text = self._tails.get(index, "") + "".join(parts)
            self._tails[index] = text[-OVERLAP_CHARS:]
            texts.append(text)
        self._fresh.clear()
        self._fresh_chars = 0
        return "\n".join(texts)


def require_json(texts: list[str]) -> None:
    """Raises Refused unless each text is JSON: the promise of `json_object`."""
    for text in texts:
        try:
            orjson.loads(text)
        except orjson.JSONDecodeError as broken:
            raise Refused(
                NOT_JSON, "The model's answer is not the JSON that was asked for. Try again."
            ) from broken
