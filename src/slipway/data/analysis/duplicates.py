"""Copies and near copies among texts: 64 MinHash values over runs of four words, in 8 bands of 8.

Two texts are near copies where a band agrees, which for texts that share 85 % of their runs happens
nine times in ten, and for those that share half, one in thirty. A text keeps 72 bytes.
"""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WORDS = re.compile(r"[\u3400-\u9fff]|\w+")
_BANDS, _ROWS, _SEED = 8, 8, 42
_LEAST_WORDS = 8  # of shorter texts a single word decides too much
MAX_GROUPS, MAX_SHOWN = 50, 10


@dataclass(frozen=True, slots=True)
class Copies:
    """`count`: samples that repeat an earlier one. `groups`: the largest, with their first members."""

    count: int
    group_count: int
    groups: tuple[tuple[int, ...], ...]


class TextPrints:
    """Fingerprints of texts, in the order they come."""

    def __init__(self) -> None:
        self._exact = array("Q")
        self._bands = array("Q")
        self._short: list[int] = []

    def __len__(self) -> int:
        return len(self._exact)

    def add(self, texts: Sequence[str]) -> None:
        import numpy as np
        from rensa import RMinHash

        for text in texts:
            digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
            self._exact.append(int.from_bytes(digest, "little"))
        runs = []
        for number, text in enumerate(texts, len(self._exact) - len(texts)):
            words = _WORDS.findall(text.lower())
            if len(words) < _LEAST_WORDS:
                self._short.append(number)
            runs.append(
                list(map("".join, zip(words, words[1:], words[2:], words[3:], strict=False)))
                or [text]
            )
        rows = RMinHash.digest_matrix_from_token_sets(runs, _BANDS * _ROWS, _SEED).to_rows()
        signature = np.array(rows, dtype=np.uint64).reshape(len(texts), _BANDS, _ROWS)
        weights = np.array(
            [pow(0x9E3779B97F4A7C15, n + 1, 1 << 64) for n in range(_ROWS)], np.uint64
        )
        with np.errstate(over="ignore"):
            keys = (signature * weights).sum(axis=2, dtype=np.uint64)
        self._bands.frombytes(keys.tobytes())

    def exact_copies(self) -> Copies:
        return _grouped(len(self), [self._exact_keys()], frozenset())

    def near_copies(self) -> Copies:
        """Beyond the exact ones: of those, one stands for all."""
        import numpy as np

        _, first = np.unique(self._exact_keys(), return_index=True)
        once = np.zeros(len(self), dtype=bool)
        once[first] = True
        left_out = frozenset(self._short) | frozenset(np.flatnonzero(~once).tolist())
        keys = self._band_keys()
        return _grouped(len(self), [keys[:, band] for band in range(_BANDS)], left_out)

    def shared_with(self, other: TextPrints) -> tuple[list[int], list[int]]:
        """Numbers of the texts that are in `other` exactly, and of those that nearly are."""
        import numpy as np

        exact = np.isin(self._exact_keys(), other._exact_keys())
        near = np.zeros(len(self), dtype=bool)
        ours, theirs = self._band_keys(), other._band_keys()
        for band in range(_BANDS):
            near |= np.isin(ours[:, band], theirs[:, band])
        near[self._short] = False
        near &= ~exact
        return np.flatnonzero(exact).tolist(), np.flatnonzero(near).tolist()

    def _exact_keys(self) -> NDArray[np.uint64]:
        import numpy as np

        return (
            np.frombuffer(self._exact, dtype=np.uint64) if self._exact else np.zeros(0, np.uint64)
        )

    def _band_keys(self) -> NDArray[np.uint64]:
        import numpy as np

        if not self._bands:
            return np.zeros((0, _BANDS), np.uint64)
        return np.frombuffer(self._bands, dtype=np.uint64).reshape(-1, _BANDS)


def _grouped(count: int, keys: Sequence[NDArray[np.uint64]], left_out: frozenset[int]) -> Copies:
    """Samples that share a key, directly or through others."""
    import numpy as np

    above = np.arange(count)
    for band in keys:
        order = np.argsort(band, kind="stable")
        same = np.flatnonzero(band[order[1:]] == band[order[:-1]])
        for at in same.tolist():
            one, other = int(order[at]), int(order[at + 1])
            if one not in left_out and other not in left_out:
                _join(above, one, other)
    members: dict[int, list[int]] = {}
    for number in np.flatnonzero(above != np.arange(count)).tolist():
        members.setdefault(_root(above, number), []).append(number)
    largest = sorted(members, key=lambda root: (-len(members[root]), root))[:MAX_GROUPS]
    groups = tuple(tuple([root, *members[root]][:MAX_SHOWN]) for root in largest)
    return Copies(sum(map(len, members.values())), len(members), groups)


def _root(above: NDArray[np.int64], number: int) -> int:
    while above[number] != number:
        above[number] = above[above[number]]
        number = int(above[number])
    return number


def _join(above: NDArray[np.int64], one: int, other: int) -> None:
    first, second = sorted((_root(above, one), _root(above, other)))
    above[second] = first


def copies_of(hashes: Sequence[int]) -> Copies:
    """Of things that are known by one number each, such as pictures."""
    import numpy as np

    return _grouped(len(hashes), [np.array(hashes, dtype=np.uint64)], frozenset())
