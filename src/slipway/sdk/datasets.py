from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from slipway.sdk.errors import SlipwayError
from slipway.sdk.http import Http
from slipway.sdk.types import (
    AnalysisList,
    AnalysisView,
    DatasetView,
    SamplePage,
    SavedView,
    SavedViewList,
    VersionList,
    VersionView,
)
from slipway.sdk.waiting import wait_until


class Datasets:
    def __init__(self, http: Http) -> None:
        self._http = http

    def create(self, name: str, kind: str, address: str, **form: Any) -> DatasetView:
        """Register what lies at a storage address; see `wait`. Kinds: llm, image_classification, object_detection, table, other, ..."""
        return self._http.post(
            DatasetView, "/datasets", {"name": name, "kind": kind, "address": address, **form}
        )

    def get(self, dataset_id: str) -> DatasetView:
        return self._http.get(DatasetView, f"/datasets/{dataset_id}")

    def list(self, **filters: Any) -> Iterator[DatasetView]:
        return self._http.pages(DatasetView, "/datasets", **filters)

    def wait(
        self,
        dataset_id: str,
        *,
        timeout_s: float | None = None,
        progress: Callable[[DatasetView], None] | None = None,
    ) -> DatasetView:
        """Until the import has ended; raises with the reason if it failed."""
        done = wait_until(
            lambda: self.get(dataset_id),
            ("available", "failed", "Available", "Failed"),
            timeout_s=timeout_s,
            progress=progress,
        )
        if done.state.lower() == "failed":
            raise SlipwayError(done.reason or "The import failed.", code="import_failed")
        return done

    def samples(
        self, dataset_id: str, version: int, *, offset: int = 0, limit: int = 20, **filters: Any
    ) -> SamplePage:
        return self._http.get(
            SamplePage,
            f"/datasets/{dataset_id}/versions/{version}/samples",
            offset=offset,
            limit=limit,
            **filters,
        )

    def versions(self, dataset_id: str) -> Sequence[VersionView]:
        return self._http.get(VersionList, f"/datasets/{dataset_id}/versions").items

    def publish(self, dataset_id: str, description: str = "") -> VersionView:
        """Freeze what is at the dataset's address now as its next version."""
        return self._http.post(
            VersionView, f"/datasets/{dataset_id}/versions", {"description": description}
        )

    def restore(self, dataset_id: str, version: int) -> VersionView:
        """A new version with the content of an older one."""
        return self._http.post(
            VersionView, f"/datasets/{dataset_id}/versions/{version}/restore", {}
        )

    def analyse(
        self, dataset_id: str, version: int, kind: str, *, wait: bool = False, **form: Any
    ) -> AnalysisView:
        """Kinds: index (before `search`), text, quality. An index that is there stays."""
        base = f"/datasets/{dataset_id}/versions/{version}/analyses"

        def look() -> AnalysisView | None:
            found = self._http.get(AnalysisList, base).items
            return next((one for one in found if one.kind == kind), None)

        made = look() if kind == "index" else None
        if made is None or made.state == "failed":
            made = self._http.post(AnalysisView, f"{base}/{kind}", form)
        if not wait:
            return made
        done = wait_until(lambda: look() or made, ("done", "failed"), timeout_s=None, progress=None)
        if done.state == "failed":
            raise SlipwayError(done.reason or "The analysis failed.", code="analysis_failed")
        return done

    def search(
        self, dataset_id: str, version: int, query: str, *, order: str = "", offset: int = 0,
        limit: int = 20,
    ) -> SamplePage:  # fmt: skip
        """Samples that match, such as `lang = zh and len(answer) > 200`; see `analyse`."""
        return self._http.get(
            SamplePage, f"/datasets/{dataset_id}/versions/{version}/search",
            q=query, order=order, offset=offset, limit=limit,
        )  # fmt: skip

    def views(self, dataset_id: str, version: int) -> Sequence[SavedView]:
        return self._http.get(
            SavedViewList, f"/datasets/{dataset_id}/versions/{version}/views"
        ).items

    def create_view(self, dataset_id: str, version: int, name: str, **form: Any) -> SavedView:
        """A saved search (`query`), a random subset (`sample_count`, `seed`), or both."""
        return self._http.post(
            SavedView, f"/datasets/{dataset_id}/versions/{version}/views", {"name": name, **form}
        )

    def split(
        self, dataset_id: str, version: int, parts: Mapping[str, float], **form: Any
    ) -> Sequence[SavedView]:
        """Parts by name and share; `stratify`, `group`, `seed`, `query` are possible beside them."""
        body = {"parts": [{"name": n, "ratio": r} for n, r in parts.items()], **form}
        made = self._http.post(
            SavedViewList, f"/datasets/{dataset_id}/versions/{version}/splits", body
        )
        return made.items

    def delete(
        self, dataset_id: str, *, confirm: bool = False, delete_output: bool = False
    ) -> None:
        self._http.delete(
            f"/datasets/{dataset_id}", confirm=confirm or None,
            delete_output=delete_output or None,
        )  # fmt: skip
