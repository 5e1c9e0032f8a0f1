from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from slipway.sdk.errors import SlipwayError
from slipway.sdk.http import Http
from slipway.sdk.types import ModelVersionView, ModelView
from slipway.sdk.waiting import wait_until


class Models:
    """The model repository."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def import_model(self, source: str, format: str, **form: Any) -> ModelVersionView:  # noqa: A002
        """From a storage address: `name` for a new model, `model_id` for its next version."""
        return self._http.post(
            ModelVersionView, "/models", {"source": source, "format": format, **form}
        )

    def get(self, model_id: str) -> ModelView:
        return self._http.get(ModelView, f"/models/{model_id}")

    def list(self, **filters: Any) -> Iterator[ModelView]:
        return self._http.pages(ModelView, "/models", **filters)

    def versions(self, model_id: str) -> Iterator[ModelVersionView]:
        return self._http.pages(ModelVersionView, f"/models/{model_id}/versions")

    def version(self, version_id: str) -> ModelVersionView:
        return self._http.get(ModelVersionView, f"/models/versions/{version_id}")

    def wait(
        self,
        version_id: str,
        *,
        timeout_s: float | None = None,
        progress: Callable[[ModelVersionView], None] | None = None,
    ) -> ModelVersionView:
        """Until the import has ended; raises with the reason if it failed."""
        done = wait_until(
            lambda: self.version(version_id),
            ("Succeeded", "Failed"),
            timeout_s=timeout_s,
            progress=progress,
        )
        if done.state == "Failed":
            raise SlipwayError(done.reason, code="import_failed")
        return done

    def download(self, version_id: str, archive: str | Path) -> None:
        """The whole version as a zip file."""
        self._http.download(f"/models/versions/{version_id}/download", Path(archive))

    def delete(self, model_id: str) -> None:
        self._http.delete(f"/models/{model_id}")

    def delete_version(self, version_id: str) -> None:
        self._http.delete(f"/models/versions/{version_id}")
