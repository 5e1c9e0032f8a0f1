"""Which checkpoint a new attempt may go on from (X4): the newest complete one, never half of one."""

import os
import re
from pathlib import Path

from slipway.runtime.recipes.checkpoints import is_complete

MARK = ".complete"  # a program with a format of its own writes this file last
_NAME = re.compile(r"checkpoint-(\d+)")


def newest_complete(folder: str) -> str | None:
    """Path below `folder` of the complete checkpoint with the highest step; None: there is none."""
    found: list[tuple[int, float, str]] = []
    for parent, names, _files in os.walk(folder):
        for name in list(names):
            if match := _NAME.fullmatch(name):
                names.remove(name)
                path = Path(parent, name)
                found.append((int(match[1]), path.stat().st_mtime, str(path)))
    for _step, _time, name in sorted(found, reverse=True):
        if os.path.exists(f"{name}/{MARK}") or is_complete(Path(name)):
            return os.path.relpath(name, folder)
    return None
