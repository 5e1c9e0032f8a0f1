"""The bytes between the front and a worker process: mosec's protocol, with a few more bits.

A frame is a flag and a number of tasks; each task is its id, its state and its payload. Towards a
worker the flag is 0, or CANCEL with the tasks that nobody waits for any more. From a worker it is
one of STATUSES, or STREAM_EVENT for a piece of a stream. One frame holds one outcome; a batch may
be answered in several.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

# Flag, number of tasks; then of each task its id, its state and the length of its payload.
FRAME = struct.Struct("!HH4sHI")
HEAD = struct.Struct("!HH")
TASK = struct.Struct("!4sHI")

# States of a task. The first two are mosec's: the payload is a request, becomes an answer.
INGRESS, EGRESS = 1, 2
V2 = 1 << 8  # the Open Inference Protocol: tensors instead of plain JSON
WARM_UP = 1 << 9  # an example before readiness, which may take as long as it needs

CANCEL = 1
OK, BAD_REQUEST, INVALID, FAILED, TIMED_OUT, STREAM_EVENT = 1, 2, 4, 8, 16, 32768
STATUSES = {OK: 200, BAD_REQUEST: 400, INVALID: 422, FAILED: 500, TIMED_OUT: 408}

Item = tuple[bytes, int, bytes]  # id, state, payload


def pack(flag: int, items: list[Item]) -> bytes:
    parts = [HEAD.pack(flag, len(items))]
    for task_id, state, payload in items:
        parts += (TASK.pack(task_id, state, len(payload)), payload)
    return b"".join(parts)


class Reader:
    """Cuts a stream of bytes into frames."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> Iterator[tuple[int, list[Item]]]:
        data = self._held + data if self._held else data
        at = 0
        while (found := self._frame(data, at)) is not None:
            at, flag, items = found
            yield flag, items
        self._held = data[at:]

    def _frame(self, data: bytes, at: int) -> tuple[int, int, list[Item]] | None:
        size = len(data)
        if size - at < 4:
            return None
        flag, count = HEAD.unpack_from(data, at)
        at += 4
        items = []
        for _ in range(count):
            if size - at < 10:
                return None
            task_id, state, length = TASK.unpack_from(data, at)
            at += 10
            if size - at < length:
                return None
            items.append((task_id, state, data[at : at + length]))
            at += length
        return at, flag, items
