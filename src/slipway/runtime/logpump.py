"""From what a program prints to the lines of the instance's log.

A log line is `2026-01-02T03:04:05.123456Z C text`. Whole chunks are stamped at once, which is
what makes bulk output cheap; only chunks with progress bars are looked at line by line.
"""

import os
import time

from slipway.runtime.state import timestamp

LINE_LIMIT_BYTES = 64 * 1024
FRAME_INTERVAL_S = 1.0

# Control characters other than tab, newline and escape (colours) become a byte that is never
# valid UTF-8, and so end up as the replacement character with all other undecodable bytes.
_CONTROL = bytes(b for b in range(32) if b not in b"\t\n\r\x1b") + b"\x7f"
_CLEAN = bytes.maketrans(_CONTROL, b"\xff" * len(_CONTROL))


class LogFile:
    """The log on disk. What it cannot take now (disk full) it keeps and offers again."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
        self._waiting = b""
        self.trouble: str | None = None
        self.trouble_since = 0.0

    def write(self, data: bytes) -> None:
        self._waiting = self._waiting + data if self._waiting else data
        self.flush()

    def flush(self) -> None:
        """Try to write what waits; afterwards `trouble` says why some still does."""
        try:
            while self._waiting:
                written = os.write(self._fd, self._waiting)
                self._waiting = self._waiting[written:]
            self.trouble = None
        except OSError as error:
            if self.trouble is None:
                self.trouble_since = time.monotonic()
            self.trouble = error.strerror

    def note(self, text: str) -> None:
        """A line of the platform's own."""
        splitter = LineSplitter("P")
        self.write(splitter.feed(text.encode() + b"\n"))


class LineSplitter:
    """Turns the output of one program into log lines.

    A line that is drawn over and over with carriage returns (a progress bar) becomes a log line
    at most once a second while it changes, and once more in its final form.
    """

    def __init__(self, category: str) -> None:
        self._category = category
        self._rest = b""  # behind the last line end or carriage return
        self._frame: bytes | None = None  # newest complete drawing of the present line
        self._shown: bytes | None = None  # the drawing that was logged last
        self._shown_at = 0.0
        self._fed_at = 0.0

    def feed(self, data: bytes) -> bytes:
        """Log lines for what has become complete with `data`."""
        self._fed_at = time.monotonic()
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n")
        if self._frame is not None or b"\r" in data:
            return self._stamp(self._redrawn_lines(data))
        data = self._rest + data
        end = data.rfind(b"\n") + 1
        if len(data) - end > LINE_LIMIT_BYTES:
            # Leave some of it behind, so that its end is still recognised as such.
            end = len(data) - 1 - (len(data) - end - 1) % LINE_LIMIT_BYTES
            end -= _bytes_of_cut_character(data, end)
        self._rest = data[end:]
        return self._stamp(data[:end])

    def idle(self) -> bytes:
        """The present drawing of a progress bar that has been standing still for a second."""
        drawn = self._rest or self._frame
        if not drawn or not self.is_drawing:
            return b""
        if time.monotonic() - max(self._fed_at, self._shown_at) < FRAME_INTERVAL_S:
            return b""
        self._show(drawn)
        return self._stamp(drawn + b"\n")

    @property
    def is_drawing(self) -> bool:
        """Whether a progress bar shows something that is not in the log yet."""
        return self._frame is not None and (self._rest or self._frame) != self._shown

    def close(self) -> bytes:
        """What is left when the program has gone without ending its last line."""
        left = self._end_line() if self._rest or self._frame else None
        return b"" if left is None else self._stamp(left + b"\n")

    def _redrawn_lines(self, data: bytes) -> bytes:
        lines = (self._rest + data).split(b"\n")
        out = []
        for line in lines[:-1]:
            self._draw(line)
            ended = self._end_line()
            if ended is not None:
                out.append(ended)
        self._draw(lines[-1])
        if len(self._rest) > LINE_LIMIT_BYTES:
            out.append(self._rest)
            self._rest = b""
        if self._frame and self._frame != self._shown and self._may_show():
            self._show(self._frame)
            out.append(self._frame)
        return b"".join(line + b"\n" for line in out)

    def _draw(self, text: bytes) -> None:
        *frames, self._rest = text.split(b"\r")
        self._frame = next((frame for frame in reversed(frames) if frame), self._frame)

    def _end_line(self) -> bytes | None:
        """The final form of the present line; None if it was logged already."""
        final = self._rest or self._frame or b""
        repeated = self._shown is not None and final == self._shown
        self._rest, self._frame, self._shown = b"", None, None
        return None if repeated else final

    def _may_show(self) -> bool:
        return time.monotonic() - self._shown_at >= FRAME_INTERVAL_S

    def _show(self, frame: bytes) -> None:
        self._shown, self._shown_at = frame, time.monotonic()

    def _stamp(self, lines: bytes) -> bytes:
        """Put time and category before each line of `lines`, and make it readable text."""
        if not lines:
            return b""
        lines = lines.translate(_CLEAN)
        if not lines.endswith(b"\n"):
            lines += b"\n"  # a piece of an over-long line
        lines = _split_long_lines(lines)
        if not lines.isascii():
            lines = lines.decode("utf-8", "replace").encode()
        prefix = f"{timestamp()} {self._category} ".encode()
        return prefix + lines[:-1].replace(b"\n", b"\n" + prefix) + b"\n"


def _split_long_lines(lines: bytes) -> bytes:
    """Break lines longer than the limit. `lines` ends with a newline and is mostly left alone."""
    start, pieces = 0, []
    while len(lines) - start > LINE_LIMIT_BYTES + 1:
        end = lines.rfind(b"\n", start, start + LINE_LIMIT_BYTES + 1) + 1
        if end:
            pieces.append(lines[start:end])
        else:
            end = start + LINE_LIMIT_BYTES
            end -= _bytes_of_cut_character(lines, end)
            pieces.append(lines[start:end] + b"\n")
        start = end
    pieces.append(lines[start:])
    return b"".join(pieces)


def _bytes_of_cut_character(data: bytes, end: int) -> int:
    """How many bytes before `end` belong to a UTF-8 character that goes on behind it."""
    if end >= len(data) or data[end] & 0xC0 != 0x80:
        return 0
    for back in range(1, 4):
        if data[end - back] & 0xC0 == 0xC0:
            return back
    return 0
