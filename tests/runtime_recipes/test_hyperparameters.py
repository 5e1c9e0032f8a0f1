import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.runtime.recipes.errors import HyperParameterError
from slipway.runtime.recipes.hyperparameters import KEYS, defaults, load, parse

pytestmark = pytest.mark.covers("TRN-30")


def test_defaults_are_those_of_the_table() -> None:
    assert defaults() == {
        "Epoch": 2,
        "BatchSize": 1,
        "LearningRate": 1e-5,
        "Step": 750,
        "UseTilearn": True,
        "FinetuningType": "Lora",
        "MaxSequenceLength": 2048,
        "GradienAccumulationSteps": 1,
        "GradientCheckPointing": True,
        "DeepspeedZeroStage": "z3",
        "ResumeFromCheckpoint": True,
        "TilearnHybridTPSize": 1,
        "TilearnHybridPPSize": 1,
    }


def test_no_file_means_all_defaults(tmp_path: Path) -> None:
    wish = load(tmp_path / "none.json")
    assert {name: wish[name] for name in defaults()} == defaults()


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("GradienAccumulationSteps", "GradienAccumulationSteps"),
        ("GradientAccumulationSteps", "GradienAccumulationSteps"),
        ("gradient_accumulation_steps", "GradienAccumulationSteps"),
        ("batch_size", "BatchSize"),
        ("EPOCH", "Epoch"),
        ("max-sequence-length", "MaxSequenceLength"),
    ],
)
def test_spelling_is_tolerated(written: str, name: str) -> None:
    assert parse({written: 3})[name] == 3


@given(st.sampled_from(KEYS), st.randoms())
def test_any_case_of_a_name_is_the_same_name(key, random) -> None:
    written = "".join(random.choice([c.upper(), c.lower()]) for c in key.name)
    wish = parse({written: None})  # null stands for the default
    assert wish[key.name] == key.default
    assert key.name in wish.given
    assert wish.passed_on == {}


@pytest.mark.parametrize(
    ("key", "value", "part"),
    [
        ("Epoch", "two", "a number above 0"),
        ("Epoch", 0, "a number above 0"),
        ("Epoch", True, "a number above 0"),
        ("Epoch", float("nan"), "a number above 0"),
        ("BatchSize", 1.5, "a whole number"),
        ("BatchSize", -1, "a whole number"),
        ("LearningRate", "1e-5", "a number above 0"),
        ("FinetuningType", "Adapter", "is not one of Lora, Full"),
        ("DeepspeedZeroStage", "z9", "is not one of z0, z2, z2_offload, z3, z3_offload"),
        ("GradientCheckPointing", 1, "true or false"),
        ("ValidationShare", 0.9, "from 0 to 0.5"),
        ("TilearnHybridTPSize", 2, "leave it at 1"),
    ],
)
def test_a_wrong_value_is_refused_by_name(key: str, value: object, part: str) -> None:
    with pytest.raises(HyperParameterError) as refused:
        parse({key: value})
    assert str(refused.value).startswith(f"{key}: ")
    assert part in str(refused.value)


def test_values_written_as_the_manual_writes_them() -> None:
    wish = parse({"GradientCheckPointing": "True", "FinetuningType": "lora", "Epoch": 2.0})
    assert wish["GradientCheckPointing"] is True
    assert wish["FinetuningType"] == "Lora"
    assert wish["Epoch"] == 2


def test_the_same_key_in_two_spellings_is_refused() -> None:
    with pytest.raises(HyperParameterError, match="given twice, also as Epoch"):
        parse({"Epoch": 1, "epoch": 2})


def test_unknown_keys_are_passed_on_untouched() -> None:
    wish = parse({"weight_decay": 0.1, "lr_scheduler_type": "linear"})
    assert wish.passed_on == {"weight_decay": 0.1, "lr_scheduler_type": "linear"}


def test_from_scratch_trains_all_weights() -> None:
    assert parse({"FromScratch": "tiny"})["FinetuningType"] == "Full"
    with pytest.raises(HyperParameterError, match="no trained weights to adapt"):
        parse({"FromScratch": True, "FinetuningType": "Lora"})


@pytest.mark.parametrize("text", ["{", "[1]", '{"Epoch": }'])
def test_a_file_that_is_no_object_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hyperparameters.json"
    path.write_text(text)
    with pytest.raises(HyperParameterError, match="JSON"):
        load(path)


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text()))
def test_any_object_is_read_or_refused_in_words(raw: dict[str, object]) -> None:
    try:
        wish = parse(json.loads(json.dumps(raw)))
    except HyperParameterError as error:
        assert str(error)
    else:
        assert set(wish.values) == {key.name for key in KEYS}
