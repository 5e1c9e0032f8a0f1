"""The sample schemas of the manual on its sample records, and the schema that is made from data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from slipway.labelling.schema.answers import checked_answers, labelled_record
from slipway.labelling.schema.document import document_for
from tests.assets.house import House
from tests.data.conftest import write_lines
from tests.labelling.conftest import make_dataset

SAMPLES = Path(__file__).with_name("samples")
TALK = {
    "img": ["images/a.jpg", "images/b.jpg"],
    "target": [
        {"question": "Same angle?", "answer": "No, the second is from above."},
        {"question": "Same object?", "answer": "Yes."},
    ],
}
COMPARED = {
    "Images": "images/0001.jpg", "Query": "What is on the plate?", "gtmodel": "Two eggs and toast.",
    "model1": "Eggs.", "model2": "Toast and eggs.", "model3": "A sandwich.",
}  # fmt: skip
ASKED = {"question": "How long?", "answer": "Two years.", "tag": "after-sales"}


@pytest.mark.covers("LAB-05")
@pytest.mark.parametrize(
    ("name", "record", "keys", "answers", "labelled"),
    [
        (
            "images-dialogue", TALK, ["img", "target"],
            {"img": ["images/b.jpg"], "target": [{"": 1, "question": "Same?", "answer": "Yes."}]},
            {"img": ["images/b.jpg"], "target": [{"question": "Same?", "answer": "Yes."}]},
        ),
        (
            "models-compared", COMPARED,
            ["Images", "Query", "sn_v1_0_6_0_10b_8k_beta_0624", "correct_model", "kzx2npurd5",
             "FT_qw15_sft_0626_v100_800", "V4_FT_qw15_sft_0726_temp_old_500"],
            {"correct_model": "模型2"},
            {**COMPARED, "sn_v1_0_6_0_10b_8k_beta_0624": "Two eggs and toast.",
             "correct_model": "模型2", "kzx2npurd5": "Eggs.",
             "FT_qw15_sft_0626_v100_800": "Toast and eggs.",
             "V4_FT_qw15_sft_0726_temp_old_500": "A sandwich."},
        ),
        (
            "good-answers", ASKED, ["question", "answer", "tag", "correct"],
            {"answer": "Two years from purchase.", "tag": "after-sales", "correct": "正确"},
            {**ASKED, "answer": "Two years from purchase.", "correct": "正确"},
        ),
    ],
)  # fmt: skip
def test_the_samples_of_the_manual(
    name: str, record: dict[str, Any], keys: list[str], answers: dict[str, Any], labelled: Any
) -> None:
    document = document_for((SAMPLES / f"{name}.yaml").read_text(), record)
    assert [component.key for component in document.components] == keys
    checked = checked_answers(document.components, answers)
    assert labelled_record(record, document, checked) == labelled


@pytest.mark.covers("DAT-31")
async def test_a_schema_is_made_from_the_data(house: House, bucket: Path, loops: None) -> None:
    records = [
        {
            "short": "x" * 40, "medium": "y" * 400, "long": "z" * 401, "lines": "a\nb",
            "picture": "https://host/a.PNG?size=1", "pictures": ["a.jpg", "b.jpeg"], "n": 3,
            "turns": [{"q": "a", "a": "b" * 50}], "odd key": "c",
        }
        for _ in range(12)
    ]  # fmt: skip
    records[0]["short"] = "x" * 4000  # one in ten may be longer
    write_lines(bucket / "made" / "a.jsonl", *records)
    dataset = await make_dataset(house, "made", kind="mllm")
    draft = (await house.a.get(f"/labelling/schema/draft?dataset_id={dataset['id']}")).json()
    document = document_for(draft["text"], records[1])
    found = {component.name: component for component in document.components}
    sizes = {name: found[name].size for name in ("short", "medium", "long", "lines")}
    assert sizes == {
        "short": "SingleLine", "medium": "MultiLine", "long": "LongArticle", "lines": "MultiLine",
    }  # fmt: skip
    types = {
        name: str(found[name].type) for name in ("picture", "pictures", "n", "turns", "odd key")
    }
    assert types == {
        "picture": "ImageViewer", "pictures": "ImageListInput", "n": "NumberInput", "turns": "List",
        "odd key": "TextInput",
    }  # fmt: skip
    assert [part.size for part in found["turns"].form] == ["SingleLine", "MultiLine"]
    assert found["short"].help and found["odd key"].value == "c"
