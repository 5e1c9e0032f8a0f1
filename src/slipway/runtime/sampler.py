"""What an instance uses of the machine, read straight from /proc and its control group."""

import os
import time
from typing import Any

from slipway.runtime.gpu import GpuReader
from slipway.runtime.limits import Cgroup
from slipway.runtime.proctree import Process, family, read_bytes
from slipway.runtime.rdma import rdma_bytes
from slipway.runtime.spec import Limits

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Sampler:
    """Sums over all processes below `root`.

    Bytes read and written count from the start and never fall. Memory is the control group's
    figure where there is one: it is what the limit is held against, and counts a page that
    several processes share once.
    """

    def __init__(self, root: int, limits: Limits, gpus: tuple[int, ...], cgroup: Cgroup) -> None:
        self._root = root
        self._cores = limits.cpu_cores or os.cpu_count() or 1
        self._memory_limit = limits.memory_bytes or _machine_memory_bytes()
        self._cgroup = cgroup
        self._gpu_indexes = gpus
        self._gpus: GpuReader | None = None
        self._last = (time.monotonic(), 0.0)
        self._read_bytes = self._written_bytes = 0

    def sample(self) -> dict[str, Any]:
        tree = family(self._root)
        memory = self._cgroup.memory_bytes()
        if memory is None:
            memory = sum(process.rss_bytes for process in tree)
        self._count_io(tree)
        limit = self._memory_limit
        return {
            "t": round(time.time(), 3),
            "cpu_pct": self._cpu_pct(tree),
            "mem_bytes": memory,
            "mem_pct": round(100 * memory / limit, 2) if limit else None,
            "read_bytes": self._read_bytes,
            "write_bytes": self._written_bytes,
            "processes": sum(process.state != "Z" for process in tree),
            "gpus": self._read_gpus(),
        } | rdma_bytes()

    def _cpu_pct(self, tree: list[Process]) -> float:
        # What ended and was waited for is in its parent's count, or in our own children's.
        gone = os.times()
        used_s = sum(p.cpu_ticks for p in tree) / _TICKS_PER_S
        used_s += gone.children_user + gone.children_system
        now_s = time.monotonic()
        before_s, before_used_s = self._last
        self._last = (now_s, used_s)
        share = max(0.0, used_s - before_used_s) / max(1e-3, now_s - before_s)
        return round(100 * share / self._cores, 2)

    def _count_io(self, tree: list[Process]) -> None:
        counts = [_io_bytes(process.pid) for process in tree]
        self._read_bytes = max(self._read_bytes, sum(read for read, _ in counts))
        self._written_bytes = max(self._written_bytes, sum(written for _, written in counts))

    def _read_gpus(self) -> list[dict[str, Any]]:
        if not self._gpu_indexes:
            return []
        if self._gpus is None:
            self._gpus = GpuReader(self._gpu_indexes)
        return self._gpus.read()


def _io_bytes(pid: int) -> tuple[int, int]:
    """Bytes that the process really fetched from and sent to storage."""
    data = read_bytes(f"/proc/{pid}/io") or b""
    fields = dict(line.split(b": ") for line in data.splitlines())
    return int(fields.get(b"read_bytes", 0)), int(fields.get(b"write_bytes", 0))


def _machine_memory_bytes() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0
