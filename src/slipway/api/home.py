"""The home directory: made on first use, and held by one control plane at a time."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any

from slipway.base.errors import Conflict
from slipway.compute.engines.identity import boot_id, is_alive, start_ticks


class Home:
    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock: int | None = None

    def take(self) -> None:
        """Hold the home for this process; says who has it if somebody does."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Whoever made it: the database and everybody's data lie here.
        self.root.chmod(0o700)
        for name in ("run", "storage", "instances", "logs"):
            (self.root / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = os.open(
            self.root / "run" / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            running = running_platform(self.root) or {}
            raise Conflict(
                f"Slipway already runs on {self.root} (process {running.get('pid', '?')}, "
                f"{running.get('url', 'address unknown')}). Use another --home, or 'slipway down' first.",
                code="already_running",
            ) from None

    def announce(self, url: str, gateway_url: str, s3_url: str) -> None:
        facts = {
            "pid": os.getpid(),
            "start_ticks": start_ticks(os.getpid()),
            "url": url,
            "gateway_url": gateway_url,
            "s3_url": s3_url,
        }
        temporary = self.root / "run" / "up.json.new"
        temporary.write_text(json.dumps(facts))
        temporary.rename(self.root / "run" / "up.json")

    def leave(self) -> None:
        (self.root / "run" / "up.json").unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def running_platform(root: Path) -> dict[str, Any] | None:
    """What `announce` wrote, if that process is alive."""
    try:
        facts: dict[str, Any] = json.loads((root / "run" / "up.json").read_bytes())
    except (OSError, ValueError):
        return None
    return facts if is_alive(facts["pid"], facts["start_ticks"], boot_id()) else None
