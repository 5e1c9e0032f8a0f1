"""Time as text, cheap enough to be asked for with every request."""

import time


class Stamp:
    """RFC 3339 texts with milliseconds; what two moments have in common is formatted once."""

    __slots__ = ("_millisecond", "_second", "_text", "_whole")

    def __init__(self) -> None:
        self._second = self._millisecond = -1
        self._text = self._whole = ""

    def text(self, now: float) -> str:
        millisecond = int(now * 1000)
        if millisecond != self._millisecond:
            self._millisecond = millisecond
            second, rest = divmod(millisecond, 1000)
            if second != self._second:
                self._second = second
                self._text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
            self._whole = f"{self._text}.{rest:03d}Z"
        return self._whole
