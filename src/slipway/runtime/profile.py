"""A sampling profile of the Python programs of a running instance, without stopping them (TRN-X8).

    python -m slipway.runtime.profile --seconds 10

Runs in a shell of the instance, so it sees what the instance sees and may do what its user may do.
What it finds goes to stdout between two marks that no typed text holds, packed: a terminal is no
place for megabytes of JSON.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from slipway.runtime.proctree import holds_variable, processes, read_bytes

START, END = "\x02", "\x03"
MAX_PROCESSES = 8
_SLACK_S = 20.0
_NOT_ALLOWED = ("permission denied", "operation not permitted", "ptrace")


def profile(seconds: int, rate: int, *, idle: bool) -> dict[str, Any]:
    """{"ok": true, "processes": [{"pid", "command", "speedscope"}]} or {"ok": false, "reason"}."""
    spy = _py_spy()
    if spy is None:
        return _no(
            "The profiler py-spy is not installed there. Install it with: pip install py-spy."
        )
    pids = _programs()
    if not pids:
        return _no("No Python program runs in the instance now.")
    with tempfile.TemporaryDirectory() as folder:
        options = ["--duration", str(seconds), "--rate", str(rate), "--format", "speedscope"]
        options += ["--idle"] if idle else []
        started = [
            subprocess.Popen(
                [spy, "record", "--pid", str(pid), *options, "--output", f"{folder}/{pid}"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            )
            for pid in pids
        ]  # fmt: skip
        said = [_wait(one, seconds + _SLACK_S) for one in started]
        found = [_read(Path(folder, str(pid)), pid) for pid in pids]
    seen = [one for one in found if one is not None]
    return {"ok": True, "processes": seen} if seen else _no(_why(" ".join(said)))


def _no(reason: str) -> dict[str, Any]:
    return {"ok": False, "reason": reason}


def _why(said: str) -> str:
    if any(words in said.lower() for words in _NOT_ALLOWED):
        return (
            "This machine does not let one program look into another (ptrace). An operator may allow it: "
            "kernel.yama.ptrace_scope=0, or the capability SYS_PTRACE where the platform runs in a container."
        )
    return f"The profiler found nothing: {said.strip()[:300] or 'the program has just ended'}."


def _wait(one: subprocess.Popen[str], timeout_s: float) -> str:
    try:
        return one.communicate(timeout=timeout_s)[1]
    except subprocess.TimeoutExpired:
        one.kill()
        return one.communicate()[1]


def _read(file: Path, pid: int) -> dict[str, Any] | None:
    try:
        speedscope = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return {"pid": pid, "command": _command(pid), "speedscope": speedscope}


def _programs() -> list[int]:
    """Python processes of the instance, the oldest first; not those of this look."""
    mine = f"SLIPWAY_METRICS_FILE={os.environ.get('SLIPWAY_METRICS_FILE', '')}"
    found = [
        p.pid
        for p in processes()
        if p.pid != os.getpid()
        and p.state not in "ZX"
        and _is_python(p.pid)
        and holds_variable(p.pid, mine)
    ]
    return sorted(found)[:MAX_PROCESSES]


def _is_python(pid: int) -> bool:
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe")).startswith("python")
    except OSError:
        return False


def _command(pid: int) -> str:
    words = (read_bytes(f"/proc/{pid}/cmdline") or b"").split(b"\0")
    return " ".join(word.decode("utf-8", "replace") for word in words if word)[:300]


def _py_spy() -> str | None:
    """Beside this Python, wherever its package lies, or on the path."""
    try:
        own = distribution("py-spy")
        for file in own.files or ():
            if file.name == "py-spy" and (path := Path(str(own.locate_file(file)))).exists():
                return str(path.resolve())
    except PackageNotFoundError:
        pass
    return shutil.which("py-spy")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--idle", action="store_true")
    asked = parser.parse_args()
    found = profile(asked.seconds, asked.rate, idle=asked.idle)
    packed = base64.b64encode(gzip.compress(json.dumps(found).encode())).decode()
    lines = [packed[at : at + 1000] for at in range(0, len(packed), 1000)]
    sys.stdout.write(START + "\n".join(lines) + "\n" + END)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
