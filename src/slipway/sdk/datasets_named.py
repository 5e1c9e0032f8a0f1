"""Datasets by the function names of the vendor's SDK, for scripts that were written for it.

Paths are `<bucket>/<path>/`. Each function is a few lines over `Datasets`; the answers are ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from slipway.sdk.datasets import Datasets
from slipway.sdk.errors import SlipwayError
from slipway.sdk.types import DatasetView, SamplePage

_KINDS = {
    "ANNOTATION_TYPE_CLASSIFICATION": "image_classification",
    "ANNOTATION_TYPE_DETECTION": "object_detection",
    "ANNOTATION_TYPE_SEGMENTATION": "image_segmentation",
    "ANNOTATION_TYPE_TRACKING": "object_tracking",
    "ANNOTATION_TYPE_OCR": "ocr",
}
_FORMATS = {
    "ANNOTATION_FORMAT_TI": "ti", "ANNOTATION_FORMAT_PASCAL": "voc",
    "ANNOTATION_FORMAT_COCO": "coco", "ANNOTATION_FORMAT_FILE": "folder",
}  # fmt: skip
_TYPES = {
    "TYPE_INT": "int", "TYPE_STRING": "string", "TYPE_BOOL": "bool", "TYPE_FLOAT": "float",
}  # fmt: skip
_STATUSES = {
    "STATUS_ALL": "all",
    "STATUS_ANNOTATED": "labelled",
    "STATUS_NON_ANNOTATED": "unlabelled",
}
_ORDERS = {"createtime": "created_at", "updatetime": "updated_at", "name": "name"}


class NamedDatasets(Datasets):
    """`client.datasets`: ours, and the vendor's names beside them."""

    def create_image_dataset(
        self,
        dataset_name: str,
        storage_data_path: str,
        storage_label_path: str,
        dataset_tags: Mapping[str, str] | None = None,
        with_annotation: bool = False,
        annotation_type: str = "ANNOTATION_TYPE_CLASSIFICATION",
        annotation_format: str | None = None,
    ) -> DatasetView:
        """`annotation_format` is read where `with_annotation` is set."""
        kind = _known(_KINDS, annotation_type, "annotation_type")
        label_format = "none"
        if with_annotation:
            label_format = _known(_FORMATS, annotation_format or "", "annotation_format")
        return self.create(
            dataset_name, kind, storage_data_path, output_address=storage_label_path,
            label_format=label_format, tags=dict(dataset_tags or {}),
        )  # fmt: skip

    def create_table_dataset(
        self,
        dataset_name: str,
        storage_data_path: str,
        storage_label_path: str,
        dataset_tags: Mapping[str, str] | None = None,
        is_schema_existed: bool = True,
        schema_info_dict: Mapping[str, str] | None = None,
    ) -> DatasetView:
        """`schema_info_dict`: column name -> TYPE_INT, TYPE_STRING, TYPE_BOOL or TYPE_FLOAT."""
        columns = [
            {"name": name, "type": _known(_TYPES, kind, "schema_info_dict")}
            for name, kind in (schema_info_dict or {}).items()
        ]
        return self.create(
            dataset_name, "table", storage_data_path, output_address=storage_label_path,
            tags=dict(dataset_tags or {}),
            table={"has_header": is_schema_existed, "columns": columns},
        )  # fmt: skip

    def create_text_dataset(
        self,
        dataset_name: str,
        storage_data_path: str,
        storage_label_path: str,
        dataset_tags: Mapping[str, str] | None = None,
        with_annotation: bool = False,
    ) -> DatasetView:
        return self.create(
            dataset_name, "text", storage_data_path, output_address=storage_label_path,
            label_format="ti" if with_annotation else "none", tags=dict(dataset_tags or {}),
        )  # fmt: skip

    def create_other_dataset(
        self,
        dataset_name: str,
        storage_data_path: str,
        storage_label_path: str,
        dataset_tags: Mapping[str, str] | None = None,
    ) -> DatasetView:
        return self.create(
            dataset_name, "other", storage_data_path, output_address=storage_label_path,
            tags=dict(dataset_tags or {}),
        )  # fmt: skip

    def create_llm_dataset(
        self,
        dataset_name: str,
        storage_data_path: str,
        dataset_labels: Sequence[str] = (),
        dataset_tags: Mapping[str, str] | None = None,
        multimodal: bool = False,
    ) -> DatasetView:
        return self.create(
            dataset_name, "mllm" if multimodal else "llm", storage_data_path,
            labels=list(dataset_labels), tags=dict(dataset_tags or {}),
        )  # fmt: skip

    def describe_datasets(
        self,
        dataset_ids: Sequence[str] | None = None,
        filters: Mapping[str, Any] | None = None,
        tag_filters: Mapping[str, str] | None = None,
        order: str = "Desc",
        order_field: str = "CreateTime",
        offset: int = 0,
        limit: int = 20,
    ) -> list[DatasetView]:
        """`filters`: what the list takes, such as search, state or kind."""
        column = _known(_ORDERS, order_field.lower(), "order_field")
        if order not in ("Asc", "Desc"):
            raise SlipwayError(f"order is Asc or Desc, not {order!r}.", code="invalid")
        found: Iterator[DatasetView] = self.list(
            order=column if order == "Asc" else f"-{column}",
            tag=[f"{key}:{value}" for key, value in (tag_filters or {}).items()] or None,
            **(filters or {}),
        )
        if dataset_ids is not None:
            wanted = set(dataset_ids)
            found = (dataset for dataset in found if dataset.id in wanted)
        return list(islice(found, offset, offset + limit))

    def delete_dataset(self, dataset_id: str, delete_label_enable: bool = False) -> None:
        """`delete_label_enable`: also what was written to the output path."""
        self.delete(dataset_id, confirm=True, delete_output=delete_label_enable)

    def describe_dataset_detail_structured(
        self, dataset_id: str, offset: int = 0, limit: int = 10
    ) -> SamplePage:
        """Rows of a table, or records, of the newest version."""
        return self.samples(dataset_id, self._newest(dataset_id), offset=offset, limit=limit)

    def describe_dataset_detail_unstructured(
        self,
        dataset_id: str,
        offset: int = 0,
        limit: int = 10,
        label_list: Sequence[str] = (),
        annotation_status: str = "STATUS_ALL",
    ) -> SamplePage:
        """Images of the newest version. Of several labels an image needs one."""
        status = _known(_STATUSES, annotation_status, "annotation_status")
        version = self._newest(dataset_id)
        if len(label_list) < 2:
            label = label_list[0] if label_list else None
            return self.samples(
                dataset_id, version, offset=offset, limit=limit, label=label, status=status
            )
        words = ", ".join(f'"{_escaped(label)}"' for label in label_list)
        self.analyse(dataset_id, version, "index", wait=True)
        return self.search(dataset_id, version, f"labels in ({words})", offset=offset, limit=limit)

    def _newest(self, dataset_id: str) -> int:
        found = self.get(dataset_id)
        if found.latest_version is None:
            raise SlipwayError(
                f"The dataset {found.name} is {found.state}.", code="dataset_not_available"
            )
        return found.latest_version


def _known(names: Mapping[str, str], given: str, what: str) -> str:
    if given not in names:
        raise SlipwayError(f"{what} is one of {', '.join(names)}; got {given!r}.", code="invalid")
    return names[given]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
