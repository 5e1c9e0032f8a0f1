"""The benchmark's table, in the columns and units that nccl-tests made familiar (TRN-16)."""

from typing import NamedTuple


class Timing(NamedTuple):
    seconds: float
    wrong: int


def header() -> str:
    sides = f"{'out-of-place':^34}{'in-place':^34}"
    names = f"{'size':>12} {'count':>12} {'type':>8} {'redop':>7} {'root':>5}"
    figures = f"{'time':>10} {'algbw':>7} {'busbw':>7} {'#wrong':>7}"
    units = f"{'(us)':>10} {'(GB/s)':>7} {'(GB/s)':>7} {'':>7}"
    lead = f"{'(B)':>12} {'(elements)':>12} {'':>8} {'':>7} {'':>5}"
    return f"#{'':48}{sides}\n#{names[1:]} {figures} {figures}\n#{lead[1:]} {units} {units}"


def row(size_bytes: int, count: int, world: int, out_of_place: Timing, in_place: Timing) -> str:
    start = f"{size_bytes:>12} {count:>12} {'float':>8} {'sum':>7} {-1:>5}"
    return f"{start} {_side(size_bytes, world, out_of_place)} {_side(size_bytes, world, in_place)}"


def bandwidths(size_bytes: int, world: int, seconds: float) -> tuple[float, float]:
    """Algorithm and bus bandwidth of an all-reduce, in GB/s.

    The bus factor 2 (n - 1) / n makes figures of different group sizes comparable with the
    hardware's (nccl-tests, PERFORMANCE.md).
    """
    algorithm = size_bytes / seconds / 1e9
    return algorithm, algorithm * 2 * (world - 1) / world


def _side(size_bytes: int, world: int, timing: Timing) -> str:
    algorithm, bus = bandwidths(size_bytes, world, timing.seconds)
    return f"{timing.seconds * 1e6:>10.1f} {algorithm:>7.2f} {bus:>7.2f} {timing.wrong:>7}"
