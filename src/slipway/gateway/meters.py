"""Numbers that every gateway process of one machine shares: a page of 64-bit words for each name.

The pages are a file below the platform's home, mapped by each process. A lock of that file orders
the processes, and the kernel takes it away from one that dies. The file outlives them all, so what
a day or a month has used survives restarts. One process alone needs no lock.

Each process holds its own part of what calls in flight have reserved; a process that starts clears
the part of its dead predecessor.
"""

import contextlib
import fcntl
import mmap
import os
from array import array
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from types import TracebackType

PAGE_WORDS = 512
PAGE_BYTES = 8 * PAGE_WORDS
MAX_PROCESSES = 16

# Words of a page. A calendar counter is (period, total), a sliding window (last slice, total,
# slices...), a held amount one word for each process.
NAME, USED_AT = 0, 2
MINUTE_TOKENS, DAY_TOKENS, MONTH_TOKENS, DAY_COST, MONTH_COST, EVER_TOKENS = 4, 6, 8, 10, 12, 14
HELD_TOKENS, HELD_CALLS, HELD_COST = 16, 32, 48
REQUESTS, TOKENS, IMAGES, SECOND = 64, 192, 320, 448
# A window's slices, and one more: a slice counts until its youngest possible entry is out.
MINUTE_SLICES, SECOND_SLICES = 120, 20
_WINDOWS = ((REQUESTS, MINUTE_SLICES), (TOKENS, MINUTE_SLICES), (IMAGES, MINUTE_SLICES),
            (SECOND, SECOND_SLICES))  # fmt: skip
_HELD = (HELD_TOKENS, HELD_CALLS, HELD_COST)

# Words of the first page, which is the file's own.
_MAGIC, _COUNT, _BUSY = 0, 1, 2
_LAYOUT = 0x5317_0001
_FIRST_PAGES = 64
_ZEROS = memoryview(array("q", bytes(8 * (MINUTE_SLICES + 1))))


class Meters:
    """`with meters:` is one process's turn; `words` may be touched inside it only."""

    def __init__(self, file: Path | None = None, *, process: int = 0, processes: int = 1) -> None:
        if not 0 <= process < processes <= MAX_PROCESSES:
            raise ValueError(f"process {process} of {processes}: at most {MAX_PROCESSES}")
        self.process = process
        self.processes = processes
        self._pages: dict[str, int] = {}
        self._known: dict[bytes, int] = {}  # by digest of the name
        self._seen = 0  # pages of which the digest is in `_known`
        self._fd = -1 if file is None else os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        self._alone = processes == 1
        with self._opening():
            self._map()
            if self.words[_MAGIC] != _LAYOUT:
                self.words[:PAGE_WORDS] = memoryview(array("q", bytes(PAGE_BYTES)))
                self.words[_MAGIC] = _LAYOUT
            self._repair()
            self._release_dead()

    def close(self) -> None:
        self.words.release()
        self._map_of_file.close()
        if self._fd >= 0:
            os.close(self._fd)

    def __enter__(self) -> None:
        if not self._alone:
            fcntl.flock(self._fd, fcntl.LOCK_EX)
            if self.words[_BUSY]:
                self._repair()
        self.words[_BUSY] = 1

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:  # fmt: skip
        self.words[_BUSY] = 0
        if not self._alone:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def page(self, name: str, now: float) -> int:
        """Where the page of a name begins, in words; made on first use."""
        at = self._pages.get(name)
        return self._find(name, now) if at is None else at

    def flush(self) -> None:
        """To the disk, for the case that the machine dies. Blocks."""
        if self._fd >= 0:
            self._map_of_file.flush()

    def _find(self, name: str, now: float) -> int:
        digest = blake2b(name.encode(), digest_size=16).digest()
        self._read_names()
        number = self._known.get(digest)
        if number is None:
            number = self._new_page(digest, now)
        at = self._pages[name] = number * PAGE_WORDS
        self.words[at + USED_AT] = int(now)
        return at

    def _read_names(self) -> None:
        """Takes notice of pages that other processes made."""
        count = self.words[_COUNT]
        if (count + 1) * PAGE_WORDS > len(self.words):
            self._map()
        for number in range(self._seen + 1, count + 1):
            self._known[self._digest(number)] = number
        self._seen = count

    def _new_page(self, digest: bytes, now: float) -> int:
        number = self.words[_COUNT] + 1
        if (number + 1) * PAGE_WORDS > len(self.words):
            self._grow()
        at = number * PAGE_WORDS
        self.words[at : at + PAGE_WORDS] = memoryview(array("q", bytes(PAGE_BYTES)))
        self.words[at : at + 2] = memoryview(digest).cast("q")
        self.words[_COUNT] = self._seen = number
        self._known[digest] = number
        return number

    def _digest(self, number: int) -> bytes:
        return self.words[number * PAGE_WORDS : number * PAGE_WORDS + 2].tobytes()

    # -- the file

    @contextlib.contextmanager
    def _opening(self) -> Iterator[None]:
        if self._fd < 0:
            yield
            return
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        try:
            if os.fstat(self._fd).st_size % PAGE_BYTES or not os.fstat(self._fd).st_size:
                os.ftruncate(self._fd, 0)
                os.ftruncate(self._fd, _FIRST_PAGES * PAGE_BYTES)
            yield
        finally:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def _map(self) -> None:
        size = _FIRST_PAGES * PAGE_BYTES if self._fd < 0 else os.fstat(self._fd).st_size
        self._map_of_file = mmap.mmap(self._fd, size)
        self.words = memoryview(self._map_of_file).cast("q")

    def _grow(self) -> None:
        if self._fd >= 0:
            os.ftruncate(self._fd, 2 * len(self.words) * 8)
            self._map()
            return
        old = self.words
        self._map_of_file = mmap.mmap(-1, 2 * len(old) * 8)
        self.words = memoryview(self._map_of_file).cast("q")
        self.words[: len(old)] = old

    def _repair(self) -> None:
        """Somebody died in the middle of a change: sums follow from their parts."""
        words = self.words
        for number in range(1, words[_COUNT] + 1):
            for window, slices in _WINDOWS:
                at = number * PAGE_WORDS + window
                words[at + 1] = sum(words[at + 2 : at + 3 + slices])
        words[_BUSY] = 0

    def _release_dead(self) -> None:
        """What our predecessors held: ours, and that of processes that are no more wanted."""
        mine = [self.process]
        if self.process == 0:
            mine += range(self.processes, MAX_PROCESSES)
        for number in range(1, self.words[_COUNT] + 1):
            for held in _HELD:
                for process in mine:
                    self.words[number * PAGE_WORDS + held + process] = 0


def slide(words: memoryview, at: int, slices: int, current: int) -> int:
    """The sum of a sliding window once it stands at the slice `current`."""
    last = words[at]
    gap = current - last
    if gap == 0:
        return words[at + 1]
    if gap > slices or gap < -slices:  # long ago, or the clock was set back
        words[at + 2 : at + 3 + slices] = _ZEROS[: slices + 1]
        words[at], words[at + 1] = current, 0
        return 0
    total = words[at + 1]
    if gap > 0:
        for number in range(last + 1, current + 1):
            place = at + 2 + number % (slices + 1)
            total -= words[place]
            words[place] = 0
        words[at], words[at + 1] = current, total
    return total


def add_to_window(words: memoryview, at: int, slices: int, current: int, amount: int) -> None:
    """A moment too late for its slice counts into the last one: too long, never too short."""
    if words[at] != current:
        slide(words, at, slices, current)
        current = words[at]
    words[at + 2 + current % (slices + 1)] += amount
    words[at + 1] += amount


def slices_until(words: memoryview, at: int, slices: int, room: int) -> int:
    """The slice at which at most `room` is in use, if nothing is added. `slide` it first."""
    left, last = words[at + 1], words[at]
    for number in range(last - slices, last + 1):
        if left <= room:
            return number + slices  # that slice is out already
        left -= words[at + 2 + number % (slices + 1)]
    return last + slices + 1


def calendar(words: memoryview, at: int, period: int) -> int:
    """The sum of a calendar counter in `period`. One behind is a call that was held up."""
    stored = words[at]
    if period != stored and period != stored - 1:
        words[at], words[at + 1] = period, 0
        return 0
    return words[at + 1]


def add(words: memoryview, at: int, period: int, amount: int) -> None:
    """To a calendar counter."""
    if words[at] != period:
        calendar(words, at, period)
    words[at + 1] += amount
