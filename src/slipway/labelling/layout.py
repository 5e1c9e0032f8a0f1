"""How the records of a new task lie: which came with labels, and whose the others are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

Span = tuple[str, int, int]  # owner ('' is anybody), first, last


def gaps(count: int, labelled: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of each run of numbers below `count` that are not in `labelled` (ascending)."""
    start = 0
    for number in labelled:
        if number > start:
            yield start, number - 1
        start = number + 1
    if start < count:
        yield start, count - 1


def shared_out(runs: Sequence[tuple[int, int]], owners: Sequence[str]) -> list[Span]:
    """The runs cut into parts of (nearly) equal size, one an owner, in order."""
    total = sum(last - first + 1 for first, last in runs)
    ends = [total * (at + 1) // len(owners) for at in range(len(owners))]
    spans: list[Span] = []
    owner, seen = 0, 0
    for first, last in runs:
        while first <= last:
            while seen >= ends[owner]:
                owner += 1
            taken = min(last - first + 1, ends[owner] - seen)
            spans.append((owners[owner], first, first + taken - 1))
            first, seen = first + taken, seen + taken
    return spans
