"""What the engine is told once, by the platform's settings."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RayOptions:
    """`lost_after_s`: how long a machine that Ray calls dead may come back with its instances."""

    address: str
    home: Path
    node_root: str = "~/.slipway-node"
    lost_after_s: float = 120.0

    @property
    def adopt_within_s(self) -> float:
        """When a machine's warden gives up waiting: well before the platform does (see warden.py)."""
        return self.lost_after_s / 3

    @property
    def marker(self) -> Path:
        """Names this platform; a machine that can read it here shares the platform's storage."""
        return self.home / "platform-id"

    def platform_id(self) -> str:
        """Made at first use. Several platforms may use one Ray cluster."""
        if not self.marker.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            draft = self.marker.with_name("platform-id.new")
            draft.write_text(secrets.token_hex(6))
            draft.rename(self.marker)
        return self.marker.read_text().strip()
