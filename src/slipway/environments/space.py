"""Room for environments on this machine (RES-38)."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from slipway.base.errors import StorageFull
from slipway.base.settings import Settings


@dataclass(frozen=True, slots=True)
class Space:
    free_bytes: int
    min_free_bytes: int  # below it nothing is built

    @property
    def reason(self) -> str | None:
        if self.free_bytes >= self.min_free_bytes:
            return None
        return (
            f"Only {_gib(self.free_bytes)} GiB are free for environments; a build needs "
            f"{_gib(self.min_free_bytes)} GiB. Free some space, or delete environments that nobody "
            "uses."
        )


def read_space(settings: Settings) -> Space:
    """Blocking."""
    place = settings.root / "environments"
    return Space(_free(place), settings.environment_min_free_bytes)


def check_space(settings: Settings) -> None:
    if reason := read_space(settings).reason:
        raise StorageFull(reason, code="no_environment_space")


def _free(place: Path) -> int:
    while not place.exists():
        place = place.parent
    return shutil.disk_usage(place).free


def _gib(size_bytes: int) -> str:
    return f"{size_bytes / 2**30:.1f}"
