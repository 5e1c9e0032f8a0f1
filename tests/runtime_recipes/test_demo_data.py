"""What the demo trains on, and its classifier, trained for real on two processes."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from slipway.runtime.recipes.data_files import read_files
from slipway.runtime.recipes.hyperparameters import parse
from slipway.runtime.recipes.samples import Conversation, PlainText

DEMO = Path(__file__).parents[2] / "demo"


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The demo's modules are scripts beside each other, not a package."""
    monkeypatch.syspath_prepend(str(DEMO))
    import data

    yield data
    for name in ("data", "settings"):
        sys.modules.pop(name, None)


@pytest.mark.covers("TRN-28")
def test_the_instructions_are_real_deterministic_and_readable(demo: Any, tmp_path: Path) -> None:
    counts = demo.write_instructions(tmp_path / "one")
    assert counts == demo.write_instructions(tmp_path / "two")
    for name, count in counts.items():
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
        samples = read_files([tmp_path / "one" / name], tmp_path)
        assert len(samples) == count
        kind = PlainText if name == "pretrain.jsonl" else Conversation
        assert all(isinstance(sample, kind) for sample in samples)
    assert counts["heldout.jsonl"] == demo.FACTS

    import bisect

    fact = next(f for f in demo.standard_library_facts() if f.name == "bisect.bisect")
    assert " ".join((bisect.bisect.__doc__ or "").split()).startswith(fact.meaning)


def test_no_held_out_question_was_trained_but_every_fact_was(demo: Any, tmp_path: Path) -> None:
    demo.write_instructions(tmp_path)

    def pairs(name: str) -> set[tuple[str, str]]:
        lines = (tmp_path / name).read_text().splitlines()
        turns = [json.loads(line)["conversation"][0] for line in lines]
        return {(turn["prompt"], turn["response"]) for turn in turns}

    trained, held_out = pairs("first.jsonl") | pairs("later.jsonl"), pairs("heldout.jsonl")
    assert not trained & held_out
    assert {meaning for _, meaning in held_out} == {meaning for _, meaning in trained}


def test_the_demo_s_hyper_parameters_are_valid(demo: Any) -> None:
    import settings

    for wish in (settings.PRETRAIN, settings.FULL, settings.LORA):
        assert set(parse(wish).passed_on) <= {"train_sampling_strategy"}


@pytest.mark.slow
@pytest.mark.covers("TRN-52")
def test_two_processes_train_a_classifier_that_reads_unseen_digits(
    demo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert demo.write_digits(tmp_path / "digits") == {"train": 1442, "heldout": 355}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    env = {
        **os.environ,
        "ML_DATA_DIR": str(tmp_path / "digits" / "train"),
        "ML_OUTPUT_DIR": str(tmp_path / "output"),
        "ML_MODEL_DIR": str(tmp_path / "model"),
        "ML_HYPERPARAMETERS": str(tmp_path / "none.json"),
        "SLIPWAY_METRICS_FILE": str(tmp_path / "metrics.jsonl"),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": port,
        "WORLD_SIZE": "2",
    }
    instances = [
        subprocess.Popen(
            [sys.executable, str(DEMO / "digits" / "train.py")],
            env=env | {"RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in (0, 1)
    ]
    ended = [(i.communicate(timeout=120)[0], i.returncode) for i in instances]
    assert [code for _, code in ended] == [0, 0], ended

    metrics = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert [entry["epoch"] for entry in metrics] == list(range(1, 17))
    assert len(list((tmp_path / "output").glob("checkpoint-*/trainer_state.json"))) == 16
    assert {path.name for path in (tmp_path / "model").iterdir()} == {
        "model",
        "model_service.py",
        "network.py",
        "metrics.json",
    }
    assert accuracy(tmp_path, monkeypatch) >= 0.97


def accuracy(root: Path, monkeypatch: pytest.MonkeyPatch) -> float:
    """Of the package as it would be deployed, on the held-out images."""
    import base64

    monkeypatch.syspath_prepend(str(root / "model"))
    import model_service

    service = model_service.DigitService(str(root / "model"))
    assert service.load()
    images = sorted((root / "digits" / "heldout").glob("*/*.png"))
    right = 0
    for path in images:
        request = {"image": base64.b64encode(path.read_bytes()).decode()}
        answer = service.postprocess(service.predict(service.preprocess(request)))
        right += answer["label"] == path.parent.name
    assert service.postprocess(service.predict(service.preprocess({"image": "%"}))) == {
        "error": 'Send {"image": "<base64 of an image file>"}.'
    }
    for name in ("model_service", "network"):
        sys.modules.pop(name, None)
    return right / len(images)
