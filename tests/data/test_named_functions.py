"""The vendor's function names against a real platform."""

from __future__ import annotations

from pathlib import Path

import pytest

from slipway.sdk.errors import SlipwayError
from slipway.sdk.local import LocalPlatform
from tests.data.conftest import voc, write_lines, write_picture


@pytest.mark.covers("DAT-44")
def test_scripts_of_the_vendors_sdk_find_their_functions(tmp_path: Path) -> None:
    write_picture(tmp_path / "dogs" / "a.png", 100, 80)
    write_picture(tmp_path / "dogs" / "b.png", 100, 80)
    (tmp_path / "dogs" / "a.xml").write_text(voc(("dog", 1, 1, 40, 40), ("cat", 2, 2, 9, 9)))
    (tmp_path / "t.csv").write_text("id,name\n1,ann\n")
    write_lines(tmp_path / "talk" / "a.jsonl", {"q": 1}, {"q": 2})
    write_lines(tmp_path / "texts" / "a.txt", {"content": "x", "labels": {"mood": "good"}})
    with LocalPlatform.fresh(tmp_path / "home") as platform:
        client = platform.client()
        bucket = client.storage.default_bucket()
        for name in ("dogs", "t.csv", "talk", "texts"):
            client.storage.upload(tmp_path / name, f"{bucket}/{name}")
        named, out = client.datasets, f"{bucket}/out/"
        dogs = named.create_image_dataset(
            "dogs", f"{bucket}/dogs/", out, {"team": "cv"}, with_annotation=True,
            annotation_type="ANNOTATION_TYPE_DETECTION", annotation_format="ANNOTATION_FORMAT_PASCAL",
        )  # fmt: skip
        schema = {"id": "TYPE_INT", "name": "TYPE_STRING"}
        table = named.create_table_dataset("table", f"{bucket}/t.csv", out, schema_info_dict=schema)
        text = named.create_text_dataset("texts", f"{bucket}/texts/", out, with_annotation=True)
        other = named.create_other_dataset("other", f"{bucket}/talk/", out)
        talk = named.create_llm_dataset("talk", f"{bucket}/talk/", ["qa"])
        for one in (dogs, table, text, other, talk):
            assert named.wait(one.id).state == "available"
        with pytest.raises(SlipwayError, match="annotation_type is one of"):
            named.create_image_dataset("x", f"{bucket}/dogs/", out, annotation_type="dogs")
        found = named.describe_datasets(order="Asc", order_field="Name", offset=1, limit=2)
        assert [one.name for one in found] == ["other", "table"]
        assert [one.id for one in named.describe_datasets([talk.id])] == [talk.id]
        assert [one.id for one in named.describe_datasets(tag_filters={"team": "cv"})] == [dogs.id]
        rows = named.describe_dataset_detail_structured(table.id)
        assert rows.items[0]["fields"] == {"id": "1", "name": "ann"}
        done = named.describe_dataset_detail_unstructured(
            dogs.id, annotation_status="STATUS_ANNOTATED"
        )
        assert [one["path"] for one in done.items] == ["a.png"]
        either = named.describe_dataset_detail_unstructured(dogs.id, label_list=["dog", "cow"])
        assert either.total == 1
        written = platform.home / "storage" / bucket / "out" / dogs.id / "v1"
        assert written.is_dir()
        named.delete_dataset(dogs.id, delete_label_enable=True)
        assert not written.exists()
