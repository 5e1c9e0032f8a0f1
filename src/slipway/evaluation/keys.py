"""Keys on their way into an evaluation's instance: a file of their own, gone when it ends.

They are in no workload, configuration or log: those are kept and shown. The file is readable by
the platform's user only and lives below the platform's home, which other instances cannot see.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Collection
from pathlib import Path

FILE = "keys.json"
_FRESH_S = 3600.0


class KeyFolders:
    def __init__(self, home: Path, of: str = "evaluations") -> None:
        self._root = home / "run" / of

    def folder(self, evaluation_id: str) -> Path:
        return self._root / evaluation_id

    def put(self, evaluation_id: str, keys: dict[str, str]) -> None:
        """`keys`: model index -> key. Replaces what an earlier run left."""
        folder = self.folder(evaluation_id)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{FILE}"
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(keys, file)
        draft.replace(folder / FILE)

    def remove(self, evaluation_id: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self.folder(evaluation_id))

    def sweep(self, open_ids: Collection[str]) -> None:
        """Remove what a crash left. Fresh ones may belong to a creation under way."""
        if not self._root.is_dir():
            return
        for folder in self._root.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if folder.name not in open_ids and time.time() - folder.stat().st_mtime > _FRESH_S:
                    self.remove(folder.name)
