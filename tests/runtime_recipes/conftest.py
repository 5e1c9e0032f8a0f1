"""Real fine-tuning runs on tiny data, in this process (fast) or in one of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from slipway.runtime.recipes import finetune

NANO: dict[str, Any] = {
    "FromScratch": {"Size": "nano"},
    "Epoch": 1,
    "BatchSize": 4,
    "LearningRate": 1e-3,
    "MaxSequenceLength": 64,
    "GradientCheckPointing": False,
    "Step": 2,
}


@dataclass(frozen=True)
class Task:
    """The directories and variables of one training task."""

    root: Path

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "ML_HYPERPARAMETERS": str(self.root / "hyperparameters.json"),
            "ML_DATA_DIR": str(self.root / "data"),
            "ML_OUTPUT_DIR": str(self.output),
            "ML_MODEL_DIR": str(self.model),
            "SLIPWAY_METRICS_FILE": str(self.root / "metrics.jsonl"),
            **more,
        }

    @property
    def output(self) -> Path:
        return self.root / "output"

    @property
    def model(self) -> Path:
        return self.root / "model"

    @property
    def metrics(self) -> list[dict[str, Any]]:
        lines = (self.root / "metrics.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def prepare(self, wish: dict[str, Any], samples: list[dict[str, Any]] | None = None) -> None:
        (self.root / "data").mkdir(parents=True, exist_ok=True)
        (self.root / "hyperparameters.json").write_text(json.dumps(wish))
        lines = [json.dumps(sample) for sample in samples or conversations(24)]
        (self.root / "data" / "train.jsonl").write_text("\n".join(lines) + "\n")

    def run(self, monkeypatch: pytest.MonkeyPatch, **more: str) -> int:
        """Run in this process, as the command would."""
        for name in ("RESUME_FROM_CHECKPOINT", "ML_BASE_MODEL_DIR"):
            monkeypatch.delenv(name, raising=False)
        for name, value in self.environment(**more).items():
            monkeypatch.setenv(name, value)
        return finetune.main()

    def spawn(self, *command: str, **more: str) -> "subprocess.Popen[str]":
        """Run in a process of its own, which may be killed."""
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return subprocess.Popen(
            list(command) or [sys.executable, "-m", "slipway.runtime.recipes.finetune"],
            env={**os.environ, "PATH": path, **self.environment(**more)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )


def conversations(count: int) -> list[dict[str, Any]]:
    return [
        {
            "system": "Answer briefly.",
            "conversation": [{"prompt": f"What is {n} plus 1?", "response": f"It is {n + 1}."}],
        }
        for n in range(count)
    ]


@pytest.fixture
def task(tmp_path: Path) -> Task:
    return Task(tmp_path / "task")


@pytest.fixture(scope="session")
def make_task(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Task]:
    return lambda name: Task(tmp_path_factory.mktemp(name))


@pytest.fixture(autouse=True)
def keep_signal_handlers() -> Iterator[None]:
    """A run in this process takes SIGTERM over; the test runner wants it back."""
    import signal

    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)
