"""Where a dataset keeps its files: `<home>/datasets/<dataset id>/`.

v1/             a finished version, never changed (see manifest.py)
.work-<token>/  an import under way; renamed to its version in one step
views/<id>/     a part of a version, built as one (see saved_views.py)
.cache/v1/      thumbnails, the search index, reports: what can be made again
"""

from __future__ import annotations

import shutil
from pathlib import Path

from slipway.base.ids import new_secret


class Shelf:
    def __init__(self, home: Path) -> None:
        self.root = home / "datasets"

    def dataset(self, dataset_id: str) -> Path:
        return self.root / dataset_id

    def version(self, dataset_id: str, number: int) -> Path:
        return self.dataset(dataset_id) / f"v{number}"

    def files(self, dataset_id: str, number: int) -> Path:
        """The data itself as it was imported: what a task sees."""
        return self.version(dataset_id, number) / "files"

    def cache(self, dataset_id: str, number: int) -> Path:
        return self.dataset(dataset_id) / ".cache" / f"v{number}"

    def view(self, dataset_id: str, view_id: str) -> Path:
        return self.dataset(dataset_id) / "views" / view_id

    def remove_view(self, dataset_id: str, view_id: str) -> None:
        doomed = self.dataset(dataset_id) / f".work-{new_secret('', 12)}"
        if self.view(dataset_id, view_id).exists():
            self.view(dataset_id, view_id).rename(doomed)
            shutil.rmtree(doomed)

    def new_work(self, dataset_id: str) -> Path:
        work = self.dataset(dataset_id) / f".work-{new_secret('', 12)}"
        work.mkdir(parents=True)
        return work

    def remove(self, dataset_id: str) -> None:
        """Out of sight in one step, then removed; may be done again after a crash."""
        doomed = self.root / f".gone-{new_secret('', 12)}"
        if self.dataset(dataset_id).exists():
            self.dataset(dataset_id).rename(doomed)
            shutil.rmtree(doomed)

    def sweep(self, known: set[str]) -> None:
        """Remove what a crash left: half-done imports and deletions, folders of no dataset."""
        if not self.root.is_dir():
            return
        for path in self.root.iterdir():
            if path.name not in known:
                shutil.rmtree(path, ignore_errors=True)
                continue
            for work in path.glob(".work-*"):
                shutil.rmtree(work, ignore_errors=True)
