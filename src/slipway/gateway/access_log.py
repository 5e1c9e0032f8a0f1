"""One JSON line a request on standard output, written beside the event loop."""

import asyncio
import os

# A reader that stops reading costs lines, never requests.
MAX_WAITING_BYTES = 32 * 1024 * 1024


class AccessLog:
    """Collects lines and hands them to a thread, which may block on a slow reader."""

    def __init__(self, fd: int = 1) -> None:
        self.lost = 0
        self._fd = fd
        self._lines: list[bytes] = []
        self._bytes = 0
        self._writing: asyncio.Future[None] | None = None

    def add(self, record: bytes, more: bytes) -> None:
        """record: a JSON object; more: further fields of it and the closing brace."""
        if self._bytes > MAX_WAITING_BYTES:
            self.lost += 1
            return
        line = record[:-1] + more
        self._lines.append(line)
        self._bytes += len(line)

    def flush(self) -> None:
        """Starts writing what has come together, unless the last write still waits."""
        if not self._lines or (self._writing is not None and not self._writing.done()):
            return
        loop = asyncio.get_running_loop()
        self._writing = loop.run_in_executor(None, _write, self._fd, self._take())

    def close(self) -> None:
        """Writes the rest, here and now."""
        if self._lines:
            _write(self._fd, self._take())

    def _take(self) -> bytes:
        lines, self._lines, self._bytes = self._lines, [], 0
        return b"\n".join(lines) + b"\n"


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(fd, view) :]
    except OSError:
        return  # nobody reads any more
