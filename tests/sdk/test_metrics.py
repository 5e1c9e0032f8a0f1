"""One call reports metrics inside a task and outside of one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slipway import push_training_metrics
from slipway.runtime.metrics import MetricsError


def test_inside_a_task_it_is_a_line_in_the_tasks_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "metrics.jsonl"
    monkeypatch.setenv("SLIPWAY_METRICS_FILE", str(file))
    monkeypatch.setenv("TI_TASK_ID", "train-1")
    push_training_metrics(1.0, {"loss": 0.5}, step=2)
    push_training_metrics(2.0, {"loss": 0.4}, "train-1", step=3)
    records = [json.loads(line) for line in file.read_text().splitlines()]
    assert [r["step"] for r in records] == [2, 3]


def test_outside_it_must_be_said_which_task(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLIPWAY_METRICS_FILE", raising=False)
    monkeypatch.delenv("TI_TASK_ID", raising=False)
    with pytest.raises(MetricsError, match="which task"):
        push_training_metrics(1.0, {"loss": 0.5})
