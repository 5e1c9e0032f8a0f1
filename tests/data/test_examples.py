"""The sample files of every kind and format import without a finding (LAB-63)."""

from __future__ import annotations

from pathlib import Path

import pytest

from slipway.data.examples import example_zip
from slipway.data.types import IMAGE_KINDS, LABEL_FORMATS, DatasetKind, LabelFormat
from tests.assets.house import House
from tests.data.conftest import Importer

CASES = [(kind, one) for kind in sorted(IMAGE_KINDS) for one in LABEL_FORMATS[kind]]


@pytest.mark.covers("LAB-63")
@pytest.mark.parametrize(("kind", "label_format"), CASES)
def test_an_example_imports(
    run_import: Importer, tmp_path: Path, kind: DatasetKind, label_format: LabelFormat
) -> None:
    archive = tmp_path / "example.zip"
    archive.write_bytes(example_zip(kind, label_format))
    summary = run_import(archive, kind, label_format).summary
    assert summary.warnings == () and summary.sample_count == 2
    assert summary.ignored_count == 0
    if label_format is not LabelFormat.NONE:
        assert summary.labelled_count == 2
        found = {"text"} if kind is DatasetKind.OCR else {"circle", "square"}
        assert {label.name for label in summary.labels} == found


@pytest.mark.covers("LAB-63")
async def test_examples_are_downloaded(house: House) -> None:
    answer = await house.a.get("/datasets/examples/image_segmentation/voc")
    assert answer.status_code == 200 and answer.content[:2] == b"PK"
    assert "image_segmentation-voc.zip" in answer.headers["content-disposition"]
    assert (await house.a.get("/datasets/examples/table/voc")).status_code == 400
