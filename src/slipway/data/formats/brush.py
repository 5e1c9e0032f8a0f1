"""Label Studio's run-length code of brushed regions: bits, over four equal channels a pixel.

Header: count of values (32 bits), bits of a value less one (5), four sizes of run lengths less one
(4 each). Then blocks: whether the values are equal (1), which size (2), how many less one, the values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slipway.data.formats.rle import RUN

_SIZES = (3, 4, 8, 16)
_CHANNELS = 4


def decode(code: Sequence[Any], pixels: int) -> bytes | None:
    """A byte 0 or 1 a pixel; None if the code is none of so many pixels."""
    try:
        bits = _Bits(bytes(code))
        count, word = bits.take(32), bits.take(5) + 1
        sizes = [bits.take(4) + 1 for _ in range(4)]
        if count != pixels * _CHANNELS:
            return None
        out = bytearray()
        while len(out) < count:
            equal, size = bits.take(1), sizes[bits.take(2)]
            length = bits.take(size) + 1
            if len(out) + length > count:
                return None
            if equal:
                out += (b"\x01" if bits.take(word) else b"\x00") * length
            else:
                out += bytes(bool(bits.take(word)) for _ in range(length))
    except (TypeError, ValueError):
        return None
    return bytes(out[_CHANNELS - 1 :: _CHANNELS])


def encode(pixels: bytes) -> list[int]:
    parts = [f"{len(pixels) * _CHANNELS:032b}", f"{7:05b}", *(f"{size - 1:04b}" for size in _SIZES)]
    for run in RUN.finditer(pixels):
        value = "11111111" if run.group()[0] else "00000000"
        left = len(run.group()) * _CHANNELS
        while left:
            length = min(left, 1 << _SIZES[-1])
            at = next(at for at, size in enumerate(_SIZES) if length <= 1 << size)
            parts.append(f"1{at:02b}{length - 1:0{_SIZES[at]}b}{value}")
            left -= length
    text = "".join(parts)
    text += "0" * (-len(text) % 8)
    return list(int(text, 2).to_bytes(len(text) // 8, "big"))


class _Bits:
    def __init__(self, data: bytes) -> None:
        self._text = bin(int.from_bytes(b"\x01" + data, "big"))[3:]
        self._at = 0

    def take(self, count: int) -> int:
        self._at += count
        return int(self._text[self._at - count : self._at], 2)
