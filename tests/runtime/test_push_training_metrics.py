"""Metrics from user code."""

import json
import threading
from pathlib import Path

import pytest

from slipway.runtime import metrics
from slipway.runtime.metrics import (
    MetricsError,
    TooManyCalls,
    push_training_metrics,
    push_training_metrics_list,
)

from .instances import AgentProcess


@pytest.fixture(autouse=True)
def quiet_second() -> None:
    metrics._recent_calls.clear()


@pytest.fixture
def metrics_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLIPWAY_METRICS_FILE", str(tmp_path / "metrics.jsonl"))
    monkeypatch.setenv("TI_TASK_ID", "train-1")
    return tmp_path / "metrics.jsonl"


def written(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.covers("TRN-46")
def test_a_task_reports_its_metrics(agent: AgentProcess) -> None:
    instance = agent.run(
        "python -c '\n"
        "from slipway.runtime.metrics import push_training_metrics\n"
        'values = {"loss": 0.5, "acc": 1}\n'
        "push_training_metrics(1700000000, values, epoch=1, total_steps=9, step=3)\n"
        'push_training_metrics(1700000001.5, {"loss": 0.25})\'',
        env={"TI_TASK_ID": "train-1"},
        hide=[str(agent.home)],
    )
    assert instance.finished()["exit_code"] == 0, instance.log_lines()
    assert written(instance.directory / "metrics.jsonl") == [
        {
            "t": 1700000000.0,
            "step": 3,
            "total_steps": 9,
            "epoch": 1.0,
            "metrics": {"loss": 0.5, "acc": 1.0},
        },
        {"t": 1700000001.5, "metrics": {"loss": 0.25}},
    ]


@pytest.mark.covers("TRN-46")
def test_the_list_form_takes_several_points_or_none(metrics_file: Path) -> None:
    good = [{"timestamp": t, "metrics": {"loss": 1.0 / t}, "step": t} for t in (1, 2, 4)]
    push_training_metrics_list(good)
    assert [point["step"] for point in written(metrics_file)] == [1, 2, 4]
    with pytest.raises(MetricsError):
        push_training_metrics_list([*good, {"timestamp": 5, "metrics": {"loss": float("nan")}}])
    assert len(written(metrics_file)) == 3


@pytest.mark.covers("TRN-46")
def test_more_than_twenty_calls_a_second_are_refused(
    metrics_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [50.0]
    monkeypatch.setattr(metrics.time, "monotonic", lambda: now[0])
    for step in range(20):
        push_training_metrics(1, {"loss": 1}, step=step)
    with pytest.raises(TooManyCalls, match="More than 20 calls in one second"):
        push_training_metrics(1, {"loss": 1}, step=20)
    now[0] += 1.01
    push_training_metrics(1, {"loss": 1}, step=21)
    assert [point["step"] for point in written(metrics_file)] == [*range(20), 21]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, {"loss": float("nan")}), "loss is nan; only finite numbers can be reported."),
        ((1, {"loss": float("-inf")}), "loss is -inf; only finite numbers can be reported."),
        ((1, {"loss": "low"}), "loss must be a number, not 'low'."),
        (("now", {"loss": 1}), "timestamp must be a number, not 'now'."),
        ((1, {}), 'metrics must map names to numbers, such as {"loss": 0.1}.'),
        ((1, [1]), 'metrics must map names to numbers, such as {"loss": 0.1}.'),
        ((1, {"": 1}), "A metric's name must be a text that is not empty, not ''."),
        (
            (1, {"loss": 1}, "train-2"),
            "This is task train-1; it cannot report metrics of task train-2.",
        ),
    ],
)
def test_what_is_no_metric_is_refused_with_a_sentence(
    metrics_file: Path, arguments: tuple, message: str
) -> None:
    with pytest.raises(MetricsError) as refused:
        push_training_metrics(*arguments)
    assert str(refused.value) == message
    assert not metrics_file.exists()


def test_numbers_of_other_libraries_are_taken(metrics_file: Path) -> None:
    numpy = pytest.importorskip("numpy")
    push_training_metrics(1, {"loss": numpy.float32(0.5)}, step=numpy.int64(3), task_id="train-1")
    assert written(metrics_file) == [{"t": 1.0, "step": 3, "metrics": {"loss": 0.5}}]


def test_outside_a_task_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLIPWAY_METRICS_FILE", raising=False)
    with pytest.raises(MetricsError, match="only be reported from inside a task"):
        push_training_metrics(1, {"loss": 1})


def test_a_file_that_cannot_be_written_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLIPWAY_METRICS_FILE", "/no/such/place")
    with pytest.raises(
        MetricsError, match="Could not write the metrics to /no/such/place: No such"
    ):
        push_training_metrics(1, {"loss": 1})


def test_threads_and_processes_do_not_mix_their_lines(
    agent: AgentProcess, metrics_file: Path
) -> None:
    program = (
        "from slipway.runtime.metrics import push_training_metrics_list as push\n"
        "import sys\n"
        "for step in range(15):\n"
        "    push([{'timestamp': 1, 'metrics': {sys.argv[1] * 2000: step}}] * 3)\n"
    )
    instance = agent.run(
        argv=["bash", "-c", 'for p in a b c; do python -c "$0" $p & done; wait', program]
    )
    assert instance.finished()["exit_code"] == 0
    assert not instance.log_lines()
    points = written(instance.directory / "metrics.jsonl")
    assert len(points) == 3 * 15 * 3

    threads = [
        threading.Thread(target=push_training_metrics, args=(1, {"x" * 5000: n})) for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(point["metrics"]["x" * 5000] for point in written(metrics_file)) == list(
        range(20)
    )
