from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from slipway.sdk.convert import build
from slipway.sdk.errors import SlipwayError
from slipway.sdk.http import Http
from slipway.sdk.types import (
    DatasetSchemaView,
    LabelAnswerList,
    LabelAnswerView,
    LabelNextView,
    LabelQualityView,
    LabelRecordList,
    LabelRecordView,
    LabelSchemaText,
    LabelTaskView,
    LabelTrackList,
    LabelWorkList,
    LabelWorkView,
    OcrReadingList,
    OcrReadingView,
)
from slipway.sdk.waiting import wait_until


class Labelling:
    """Labelling tasks and their records."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def create(self, name: str, dataset_id: str, **form: Any) -> LabelTaskView:
        """A task over a version of a dataset; see `wait`. `labels` may be names or {name, colour}."""
        labels = [{"name": one} if isinstance(one, str) else one for one in form.pop("labels", ())]
        body = {"name": name, "dataset_id": dataset_id, "labels": labels, **form}
        return self._http.post(LabelTaskView, "/labelling/tasks", body)

    def get(self, task_id: str) -> LabelTaskView:
        return self._http.get(LabelTaskView, f"/labelling/tasks/{task_id}")

    def list(self, **filters: Any) -> Iterator[LabelTaskView]:
        return self._http.pages(LabelTaskView, "/labelling/tasks", **filters)

    def wait(self, task_id: str, *, timeout_s: float | None = None) -> LabelTaskView:
        """Until its records are laid out."""
        done = wait_until(
            lambda: self.get(task_id), ("created", "failed"), timeout_s=timeout_s, progress=None
        )
        if done.state == "failed":
            raise SlipwayError(done.reason or "The task failed.", code="create_failed")
        return done

    def next(self, task_id: str, *, after: int = -1, review: bool = False) -> LabelNextView:
        """Opens the next record that waits for you; `record` is None where there is none."""
        body = {"after": after, "review": review}
        return self._http.post(LabelNextView, f"/labelling/tasks/{task_id}/next", body)

    def record(self, task_id: str, index: int) -> LabelRecordView:
        return self._http.get(LabelRecordView, f"/labelling/tasks/{task_id}/records/{index}")

    def records(self, task_id: str, **filters: Any) -> LabelRecordList:
        """A page: `shown`, `after`, `limit`."""
        return self._http.get(LabelRecordList, f"/labelling/tasks/{task_id}/records", **filters)

    def save(
        self, task_id: str, index: int, value: dict[str, Any], *, revision: int, **form: Any
    ) -> LabelRecordView:
        """Labels of one record, over the revision that was seen; refused if there is a newer one."""
        body = {"revision": revision, "value": value, **form}
        found = self._http.put(f"/labelling/tasks/{task_id}/records/{index}", body)
        return build(LabelRecordView, found)

    def read_texts(
        self, task_id: str, index: int, points: Sequence[float] | None = None
    ) -> Sequence[OcrReadingView]:
        """Texts of an OCR task's image, or of one outline (flat x, y) in it; nothing is saved."""
        body = {"points": None if points is None else [*points]}
        path = f"/labelling/tasks/{task_id}/records/{index}/texts"
        return self._http.post(OcrReadingList, path, body).items

    def review(
        self, task_id: str, index: int, *, approve: bool, revision: int, comment: str = ""
    ) -> LabelRecordView:
        body = {"approve": approve, "comment": comment, "revision": revision}
        path = f"/labelling/tasks/{task_id}/records/{index}/review"
        return self._http.post(LabelRecordView, path, body)

    def publish(
        self, task_id: str, *, label_format: str | None = None, description: str = ""
    ) -> LabelTaskView:
        """The labels become a new version of the dataset; `publication` says which."""
        body = {"label_format": label_format, "description": description}
        return self._http.post(LabelTaskView, f"/labelling/tasks/{task_id}/publish", body)

    def work(self, task_id: str) -> Sequence[LabelWorkView]:
        """What each person has done."""
        return self._http.get(LabelWorkList, f"/labelling/tasks/{task_id}/shares").items

    def tracks(self, task_id: str, at: int = 0) -> LabelTrackList:
        """The tracks of the sequence that a frame lies in."""
        return self._http.get(LabelTrackList, f"/labelling/tasks/{task_id}/tracks", at=at)

    def change_track(
        self, task_id: str, action: str, track_id: int, *, at: int, **form: Any
    ) -> LabelTrackList:
        """`interpolate`, `relabel` (label), `delete`, `split` (from frame `at` on), `merge` (into)."""
        body = {"action": action, "track_id": track_id, "at": at, **form}
        return self._http.post(LabelTrackList, f"/labelling/tasks/{task_id}/tracks", body)

    def change(self, task_id: str, **form: Any) -> LabelTaskView:
        """What is left out stays; `renames` says which labels are called otherwise now."""
        return self._http.patch(LabelTaskView, f"/labelling/tasks/{task_id}", form)

    def draft_schema(self, dataset_id: str) -> str:
        """A schema made from the data, to begin with."""
        return self._http.get(
            LabelSchemaText, "/labelling/schema/draft", dataset_id=dataset_id
        ).text

    def schema(self, dataset_id: str) -> DatasetSchemaView:
        """The schema of a dataset, and how its records fit it."""
        return self._http.get(DatasetSchemaView, f"/labelling/schemas/{dataset_id}")

    def set_schema(self, dataset_id: str, text: str) -> DatasetSchemaView:
        """Refused with line and column where it is wrong; then all records are looked at."""
        found = self._http.put(f"/labelling/schemas/{dataset_id}", {"text": text})
        return build(DatasetSchemaView, found)

    def start(self, dataset_id: str, *, mode: str = "in_place") -> LabelTaskView:
        """A task over the newest version of text records, by the dataset's schema; see `wait`.
        With mode "safe" the dataset's own files stay untouched."""
        body = {"dataset_id": dataset_id, "mode": mode}
        return self._http.post(LabelTaskView, "/labelling/start", body)

    def write_files(self, task_id: str, *, over: bool = False) -> LabelTaskView:
        """All labels into the dataset's own files, now and from now on."""
        path = f"/labelling/tasks/{task_id}/files/write"
        return self._http.post(LabelTaskView, path, {"over": over})

    def restore_files(self, task_id: str) -> LabelTaskView:
        """The files as they were before the first label; the labels stay in the task."""
        return self._http.post(LabelTaskView, f"/labelling/tasks/{task_id}/files/restore")

    def quality(self, task_id: str) -> LabelQualityView:
        """Agreement of people, control questions, what is disputed."""
        return self._http.get(LabelQualityView, f"/labelling/tasks/{task_id}/quality")

    def answers(self, task_id: str, index: int) -> Sequence[LabelAnswerView]:
        """What each person said of a record."""
        path = f"/labelling/tasks/{task_id}/records/{index}/answers"
        return self._http.get(LabelAnswerList, path).items

    def delete(self, task_id: str) -> None:
        self._http.delete(f"/labelling/tasks/{task_id}")
