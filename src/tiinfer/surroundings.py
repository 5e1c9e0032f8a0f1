"""What a process asks the kernel for."""

from __future__ import annotations

import ctypes
import signal

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)  # loaded here: between fork and exec only simple calls are safe


def end_with_parent() -> None:
    """Ask the kernel to kill this process when its parent is gone, even by SIGKILL."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
