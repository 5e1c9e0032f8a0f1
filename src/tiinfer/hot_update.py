"""Loading a new sub-version of a model when it appears, off by default.

TI_HOT_UPDATE=1: the model directory (or its `model/`) holds directories named by numbers, such as
time stamps, the newest of which `load` reads. When a newer one has come whole, the model is loaded
again beside the old one. TI_HOT_UPDATE_KEEP=N removes all but the newest N afterwards.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from tiinfer import settings

logger = logging.getLogger("tiinfer")

LOOK_EVERY_S = 2.0
Signature = tuple[tuple[str, int, int], ...]


class HotUpdate:
    def __init__(self, reload: Callable[[], None]) -> None:
        self._reload = reload
        self._on = os.environ.get("TI_HOT_UPDATE", "").lower() in ("1", "true", "yes", "on")
        keep = os.environ.get("TI_HOT_UPDATE_KEEP", "")
        self._keep = int(keep) if keep.isdigit() else 0

    async def run(self) -> None:
        if not self._on:
            return
        served = await asyncio.to_thread(newest)
        logger.info("hot update: watching %s, newest is %s", settings.TI_MODEL_DIR, served)
        seen: Signature = ()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            found = await asyncio.to_thread(newest)
            if found is None or found == served:
                continue
            content = await asyncio.to_thread(signature, found)
            if content != seen or not content:
                seen = content  # still being written: look again
                continue
            logger.info("hot update: %s is new", found)
            served = found
            self._reload()

    async def clean(self) -> None:
        """After the newest has been loaded."""
        if self._on and self._keep:
            await asyncio.to_thread(remove_old, self._keep)


def versions() -> list[Path]:
    """Oldest first."""
    top = Path(settings.TI_MODEL_DIR)
    found = [
        path
        for folder in (top, top / "model")
        if folder.is_dir()
        for path in folder.iterdir()
        if path.name.isdigit() and path.is_dir()
    ]
    return sorted(found, key=lambda path: int(path.name))


def newest() -> Path | None:
    return next(reversed(versions()), None)


def signature(directory: Path) -> Signature:
    """Changes while files are still being written."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    return tuple((str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in files)


def remove_old(keep: int) -> None:
    for path in versions()[:-keep]:
        try:
            shutil.rmtree(path)
        except OSError as error:
            logger.warning("hot update: %s could not be removed (%s)", path, error)
