"""What the graphics cards of an instance do, asked from the NVIDIA driver's own library.

The library comes with the driver, as nvidia-smi does, so nothing has to be installed, and a
question costs microseconds instead of a process.
"""

import ctypes
from typing import Any

_OK = 0


class _Utilisation(ctypes.Structure):
    _fields_ = (("gpu", ctypes.c_uint), ("memory", ctypes.c_uint))


class _Memory(ctypes.Structure):
    _fields_ = (
        ("total", ctypes.c_ulonglong),
        ("free", ctypes.c_ulonglong),
        ("used", ctypes.c_ulonglong),
    )


class GpuReader:
    """Reads the cards with the given driver indexes; reads nothing where there is no driver."""

    def __init__(self, indexes: tuple[int, ...]) -> None:
        self._handles: list[tuple[int, ctypes.c_void_p]] = []
        if not indexes:
            return
        try:
            self._library = ctypes.CDLL("libnvidia-ml.so.1")
        except OSError:
            return
        if self._library.nvmlInit_v2() != _OK:
            return
        for index in indexes:
            handle = ctypes.c_void_p()
            if self._library.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(handle)) == _OK:
                self._handles.append((index, handle))

    def total_bytes(self) -> int | None:
        """Memory of the first card."""
        memory = _Memory()
        for _, handle in self._handles:
            if self._library.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) == _OK:
                return int(memory.total)
        return None

    def read(self) -> list[dict[str, Any]]:
        return [self._read_one(index, handle) for index, handle in self._handles]

    def _read_one(self, index: int, handle: ctypes.c_void_p) -> dict[str, Any]:
        use, memory = _Utilisation(), _Memory()
        # A card that is split (MIG) tells its memory but not its use.
        has_use = self._library.nvmlDeviceGetUtilizationRates(handle, ctypes.byref(use)) == _OK
        has_memory = self._library.nvmlDeviceGetMemoryInfo(handle, ctypes.byref(memory)) == _OK
        known = has_memory and memory.total > 0
        return {
            "index": index,
            "util_pct": float(use.gpu) if has_use else None,
            "mem_bytes": memory.used if has_memory else None,
            "mem_pct": round(100 * memory.used / memory.total, 2) if known else None,
        }
