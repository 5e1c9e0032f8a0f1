"""Which cards of a machine are joined by NVLink, from what the driver's tool prints (RES-X7)."""

from __future__ import annotations

import re

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_CARD = re.compile(r"GPU(\d+)")
_NVLINK = re.compile(r"NV\d+")


def islands_of(matrix: str) -> dict[int, int]:
    """The island of each card, from the text of `nvidia-smi topo -m`; islands are counted from 0.

    In an island each card has NVLink to every other, which on some machines (a cube mesh) is less
    than being reachable over several hops. Empty where no card has NVLink to another.
    Columns behind those of the cards (network cards, affinity) differ by driver and are not read;
    newer drivers underline the head and print cells of theirs without a gap.
    """
    linked: dict[int, set[int]] = {}
    columns: list[int] = []
    for line in _ESCAPES.sub("", matrix).splitlines():
        words = line.split()
        cards = [_CARD.fullmatch(word) for word in words]
        if not columns:
            columns = [int(card[1]) for card in cards if card]
        elif cards and cards[0]:
            cells = words[1 : 1 + len(columns)]
            linked[int(cards[0][1])] = {
                other
                for other, cell in zip(columns, cells, strict=False)
                if _NVLINK.fullmatch(cell)
            }
    if not any(linked.values()):
        return {}
    islands: list[list[int]] = []
    for card in sorted(linked):
        for island in islands:
            if all(card in linked[other] and other in linked[card] for other in island):
                island.append(card)
                break
        else:
            islands.append([card])
    return {card: number for number, island in enumerate(islands) for card in island}
