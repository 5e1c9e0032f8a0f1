"""Whole runs of the recipe on tiny data: what it reads, what it leaves behind."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime_recipes.conftest import NANO, Task, conversations

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def base_model(make_task: Callable[[str], Task]) -> Path:
    """A model trained from scratch for a few steps."""
    task = make_task("base")
    task.prepare(NANO | {"Stage": "pretrain"}, [{"text": f"The number {n}."} for n in range(60)])
    with pytest.MonkeyPatch.context() as monkeypatch:
        assert task.run(monkeypatch) == 0
    return task.model


@pytest.mark.covers("TRN-28", "TRN-31", "TRN-46", "TRN-50")
def test_a_run_leaves_checkpoints_metrics_and_a_model_that_chats(
    task: Task, base_model: Path, monkeypatch, capsys
) -> None:
    wish = {"FinetuningType": "Full", "Epoch": 2, "BatchSize": 4, "Step": 4} | {
        "ValidationShare": 0.2,
        "GradientCheckPointing": False,
        "LearningRate": 1e-3,
    }
    task.prepare(wish, conversations(25))
    assert task.run(monkeypatch, ML_BASE_MODEL_DIR=str(base_model)) == 0

    assert sorted(path.name for path in task.output.iterdir()) == [
        "checkpoint-10",
        "checkpoint-4",
        "checkpoint-8",
    ]
    card = json.loads((task.output / "checkpoint-8" / "slipway-checkpoint.json").read_text())
    assert (card["step"], card["conv_template_name"]) == (8, "chatml")
    assert math.isfinite(card["loss"])

    lines = task.metrics
    assert lines[0]["step"] == 1
    assert lines[0]["total_steps"] == 10
    assert {"loss", "learning_rate", "grad_norm", "tokens_per_s", "epoch"} <= set(
        lines[0]["metrics"]
    )
    assert [entry["step"] for entry in lines if "loss" in entry["metrics"]] == list(range(1, 11))
    assert [entry["step"] for entry in lines if "eval_loss" in entry["metrics"]] == [4, 8, 10]

    assert sorted(path.name for path in task.model.iterdir()) == [
        "chat_template.jinja",
        "config.json",
        "generation_config.json",
        "metrics.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ]
    assert json.loads((task.model / "config.json").read_text())["use_cache"] is True
    assert {"loss", "eval_loss", "steps", "samples"} <= set(
        json.loads((task.model / "metrics.json").read_text())
    )
    assert answer(task.model, "What is 3 plus 1?")
    assert "No complete checkpoint found; starting from step 0" in capsys.readouterr().out


@pytest.mark.covers("TRN-30")
def test_lora_keeps_the_adapter_beside_the_merged_model(
    task: Task, base_model: Path, monkeypatch
) -> None:
    wish = {"LoraRank": 4, "Epoch": 1, "BatchSize": 4, "Step": 3, "LearningRate": 5e-2}
    task.prepare(wish | {"GradientCheckPointing": False})
    assert task.run(monkeypatch, ML_BASE_MODEL_DIR=str(base_model)) == 0
    adapter = json.loads((task.model / "adapter" / "adapter_config.json").read_text())
    assert (adapter["r"], adapter["lora_alpha"]) == (4, 8)
    assert merged_equals_base_plus_adapter(base_model, task.model)


@pytest.mark.covers("TRN-31", "FIN-22")
def test_a_longer_run_resumes_where_the_shorter_one_ended(task: Task, monkeypatch, capsys) -> None:
    task.prepare(NANO)
    assert task.run(monkeypatch) == 0
    task.prepare(NANO | {"Epoch": 2})
    assert task.run(monkeypatch) == 0
    assert f"Resuming from {task.output}/checkpoint-6" in capsys.readouterr().out
    steps = [entry["step"] for entry in task.metrics]
    assert steps == list(range(1, 13))


@pytest.mark.covers("FIN-22")
def test_the_platform_names_the_checkpoint(task: Task, monkeypatch, capsys) -> None:
    task.prepare(NANO)
    assert task.run(monkeypatch) == 0
    chosen = str(task.output / "checkpoint-2")
    assert task.run(monkeypatch, RESUME_FROM_CHECKPOINT=chosen) == 0
    assert f"Resuming from {chosen}" in capsys.readouterr().out
    assert [entry["step"] for entry in task.metrics][6:] == [3, 4, 5, 6]


@pytest.mark.covers("TRN-31")
def test_a_filled_output_needs_the_word_overwrite(task: Task, monkeypatch, capsys) -> None:
    task.prepare(NANO)
    assert task.run(monkeypatch) == 0
    task.prepare(NANO | {"ResumeFromCheckpoint": False})
    assert task.run(monkeypatch) == 1
    assert 'add "overwrite_output_dir": true' in capsys.readouterr().err
    task.prepare(NANO | {"ResumeFromCheckpoint": False, "overwrite_output_dir": True, "Step": 5})
    assert task.run(monkeypatch) == 0
    assert sorted(path.name for path in task.output.iterdir()) == ["checkpoint-5", "checkpoint-6"]


@pytest.mark.covers("TRN-30")
def test_unknown_keys_reach_the_training_arguments(task: Task, monkeypatch) -> None:
    task.prepare(NANO | {"lr_scheduler_type": "constant", "max_steps": 3, "logging_steps": 1})
    assert task.run(monkeypatch) == 0
    rates = [entry["metrics"]["learning_rate"] for entry in task.metrics]
    assert rates == [1e-3] * 3


@pytest.mark.covers("TRN-28", "TRN-30")
@pytest.mark.parametrize(
    ("wish", "samples", "sentence"),
    [
        (NANO | {"Epcoh": 3}, None, "Error: Epcoh: is not known. Did you mean Epoch?"),
        (NANO | {"weight_decay": "much"}, None, "Error: weight_decay: 'much' has the wrong type."),
        (NANO | {"output_dir": "/"}, None, "Error: output_dir: is set by the platform"),
        (NANO | {"lr_scheduler_type": "x"}, None, "Error: The training arguments are refused: "),
        (NANO | {"FromScratch": "huge"}, None, "Error: FromScratch: 'huge' is not a size"),
        (NANO, [{"conversation": []}], "train.jsonl, line 1: `conversation` must be a list"),
        (NANO, [{"text": "plain"}], 'Train on them with "Stage": "pretrain"'),
        ({}, None, "Error: No base model: mount one (ML_BASE_MODEL_DIR), or add"),
    ],
)
def test_bad_input_ends_with_a_sentence(
    task: Task, monkeypatch, capsys, wish, samples, sentence: str
) -> None:
    task.prepare(wish, samples)
    assert task.run(monkeypatch) == 1
    error = capsys.readouterr().err
    assert sentence in error
    assert "Traceback" not in error
    assert not list(task.model.glob("*.safetensors"))


def test_a_folder_that_is_no_model_is_refused(task: Task, monkeypatch, capsys) -> None:
    task.prepare({"FinetuningType": "Full"})
    (task.root / "base").mkdir()
    (task.root / "base" / "notes.txt").touch()
    assert task.run(monkeypatch, ML_BASE_MODEL_DIR=str(task.root / "base")) == 1
    assert "base cannot be loaded" in capsys.readouterr().err


def answer(model_dir: Path, question: str) -> str:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model_dir)
    model = AutoModelForCausalLM.from_pretrained(model_dir)
    ids = tokenizer.apply_chat_template(
        [{"role": "user", "content": question}],
        add_generation_prompt=True,
        return_tensors="pt",
        return_dict=True,
    )
    output = model.generate(**ids, max_new_tokens=8, min_new_tokens=4)
    return tokenizer.decode(output[0][ids["input_ids"].shape[1] :])


def merged_equals_base_plus_adapter(base: Path, merged: Path) -> bool:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    ids = torch.arange(10).unsqueeze(0)
    with torch.inference_mode():
        plain = AutoModelForCausalLM.from_pretrained(base)
        before = plain(ids).logits
        adapted = PeftModel.from_pretrained(plain, merged / "adapter")(ids).logits
        after = AutoModelForCausalLM.from_pretrained(merged)(ids).logits
    assert not torch.allclose(before, after, atol=1e-4)  # the adapter learned something
    return bool(torch.allclose(adapted, after, atol=1e-4))
