"""The recipe as the platform runs it: a process that is killed, stopped, or one of several."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable

import pytest

from slipway.runtime.recipes.checkpoints import find_newest_complete, list_checkpoints
from slipway.runtime.recipes.templates import FINETUNE_COMMAND
from tests.runtime_recipes.conftest import NANO, Task, conversations

pytestmark = pytest.mark.slow

# Long enough not to end by itself before it is interrupted; the checks below do not wait for it.
LONG = NANO | {"Epoch": 4000, "Step": 20, "logging_steps": 1}
DEADLINE_S = 90


def wait_until(condition: Callable[[], object], process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline, "the run did not get there in time"
        time.sleep(0.05)


def end(process: "subprocess.Popen[str]") -> tuple[int, str]:
    output, _ = process.communicate(timeout=DEADLINE_S)
    return process.returncode, output


@pytest.mark.covers("TRN-31", "FIN-22")
def test_a_killed_run_goes_on_from_its_newest_checkpoint(task: Task, monkeypatch, capsys) -> None:
    task.prepare(LONG)
    process = task.spawn()
    wait_until(lambda: find_newest_complete(task.output), process)
    os.killpg(process.pid, signal.SIGKILL)
    end(process)

    newest = find_newest_complete(task.output)
    assert newest is not None
    reached = int(newest.name.removeprefix("checkpoint-"))
    # What a kill in the middle of saving leaves behind must be passed over.
    half = task.output / f"checkpoint-{reached + 20}"
    half.mkdir(exist_ok=True)
    (half / "model.safetensors").write_bytes(b"\x00\x01")
    task.prepare(LONG | {"max_steps": reached + 2})
    assert task.run(monkeypatch) == 0
    assert f"Resuming from {newest}" in capsys.readouterr().out
    assert [entry["step"] for entry in task.metrics][-2:] == [reached + 1, reached + 2]
    assert (task.model / "model.safetensors").exists()


@pytest.mark.covers("TRN-31")
def test_sigterm_saves_a_checkpoint_and_leaves(task: Task) -> None:
    task.prepare(LONG | {"Step": 100_000})
    process = task.spawn()
    wait_until(lambda: (task.root / "metrics.jsonl").exists(), process)
    assert list_checkpoints(task.output) == []
    process.terminate()
    code, output = end(process)
    assert code == 143, output
    assert find_newest_complete(task.output) is not None
    assert not (task.model / "model.safetensors").exists()


@pytest.mark.covers("TRN-29", "TRN-52")
def test_two_nodes_train_one_model_by_the_template_s_command(task: Task) -> None:
    task.prepare(NANO | {"Epoch": 1, "BatchSize": 2}, conversations(16))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    group = {
        "WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": port,
        "GPU_NUM_PER_NODE": "0",
    }
    nodes = [task.spawn("bash", "-c", FINETUNE_COMMAND, RANK=str(rank), **group) for rank in (0, 1)]
    ended = [end(node) for node in nodes]
    assert [code for code, _ in ended] == [0, 0], ended
    # 16 samples, 2 a step on each of 2 nodes: 4 steps, reported and saved once.
    assert [entry["step"] for entry in task.metrics] == [1, 2, 3, 4]
    assert [path.name for path in list_checkpoints(task.output)] == ["checkpoint-2", "checkpoint-4"]
    assert (task.model / "model.safetensors").exists()
    assert "step 4/4" in ended[0][1]
    assert "step 4/4" not in ended[1][1]
