from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from slipway.sdk.errors import SlipwayError
from slipway.sdk.http import Http
from slipway.sdk.types import DatasetView, SamplePage, VersionList, VersionView
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

    def delete(self, dataset_id: str, *, confirm: bool = False) -> None:
        self._http.delete(f"/datasets/{dataset_id}", confirm=confirm or None)
