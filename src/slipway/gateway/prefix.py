"""Which replica has seen the beginning of a prompt: its KV cache saves the work for that part.

A prompt is cut into blocks, each named by a hash of itself and all before it. The table remembers
which replica answered a block last. It is a hint: what is forgotten costs time, never correctness.
"""

from collections import OrderedDict
from dataclasses import dataclass

BLOCK_BYTES = 256
MAX_BLOCKS = 64  # of one prompt: what is looked at costs time on the hot path
MAX_REMEMBERED = 200_000
# A replica this much busier than the least busy one is not worth the saved work.
SLACK = 4


@dataclass(slots=True)
class PrefixNumbers:
    """Blocks that were asked about, and those that went where they were known."""

    blocks: int = 0
    hits: int = 0


class PrefixTable:
    """Block -> the replica that saw it last, oldest forgotten first."""

    def __init__(self, size: int = MAX_REMEMBERED) -> None:
        self._seen: OrderedDict[int, str] = OrderedDict()
        self._size = size

    def longest(self, blocks: list[int]) -> dict[str, int]:
        """How many blocks from the start each replica is known to have seen."""
        found: dict[str, int] = {}
        for count, block in enumerate(blocks, 1):
            replica = self._seen.get(block)
            if replica is None:
                break
            found[replica] = count
        return found

    def note(self, blocks: list[int], replica: str) -> None:
        for block in blocks:
            self._seen[block] = replica
            self._seen.move_to_end(block)
        while len(self._seen) > self._size:
            self._seen.popitem(last=False)


def blocks_of(scope: str, prompt: bytes) -> list[int]:
    """Names of a prompt's whole blocks. scope keeps models apart."""
    names: list[int] = []
    name = hash(scope)
    for start in range(
        0, min(len(prompt), MAX_BLOCKS * BLOCK_BYTES) - BLOCK_BYTES + 1, BLOCK_BYTES
    ):
        name = hash((name, prompt[start : start + BLOCK_BYTES]))
        names.append(name)
    return names
