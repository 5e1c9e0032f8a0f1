"""What an instance uses, sampled while it runs."""

import json
import signal
import subprocess
from pathlib import Path

import pytest

from .instances import AgentProcess, Instance, wait_until


def samples(instance: Instance, count: int) -> list[dict]:
    path = instance.directory / "samples.jsonl"

    def enough() -> list[str] | None:
        lines = path.read_text().splitlines() if path.exists() else []
        return lines if len(lines) >= count else None

    return [json.loads(line) for line in wait_until(enough)]


def in_memory(path: Path) -> bool:
    return subprocess.check_output(["stat", "-f", "-c", "%T", path], text=True).strip() == "tmpfs"


@pytest.mark.parametrize("isolate", ["auto", "off"])
def test_all_processes_of_the_instance_are_counted(
    agent: AgentProcess, tmp_path, isolate: str
) -> None:
    instance = agent.run(
        "setsid python -c 'x = b\"x\" * 50_000_000\nimport time; time.sleep(76)' &"
        f"head -c 3000000 /dev/zero > {tmp_path}/out; sync {tmp_path}/out;"
        "python -c 'while True: pass'; true",
        limits={"cpu_cores": 1.0, "memory_bytes": 1024**3},
        sample_interval_s=0.3,
        isolate=isolate,
    )
    taken = samples(instance, 4)
    instance.signal_runner(signal.SIGINT)
    instance.finished()
    assert {tuple(sample) for sample in taken} == {
        ("t", "cpu_pct", "mem_bytes", "mem_pct", "read_bytes", "write_bytes", "processes", "gpus")
    }
    last = taken[-1]
    assert last["processes"] == 3
    # One core is asked for and one is burned, as far as the machine has it to give.
    assert 10 < max(sample["cpu_pct"] for sample in taken) < 150
    assert 50e6 < last["mem_bytes"] < 300e6
    assert last["mem_pct"] == pytest.approx(100 * last["mem_bytes"] / 1024**3, abs=0.01)
    if in_memory(tmp_path):
        assert last["write_bytes"] == 0
    else:
        assert last["write_bytes"] >= 3_000_000
    assert last["gpus"] == []
    times = [sample["t"] for sample in taken]
    assert times == sorted(times)
    assert [s["write_bytes"] for s in taken] == sorted(s["write_bytes"] for s in taken)


def test_the_first_sample_comes_soon(agent: AgentProcess) -> None:
    instance = agent.run("sleep 77", sample_interval_s=60)
    [sample] = samples(instance, 1)
    assert sample["processes"] == 1
    instance.signal_runner(signal.SIGINT)
    instance.finished()


def test_cards_of_a_machine_without_a_driver_are_no_error(agent: AgentProcess) -> None:
    instance = agent.run("echo $CUDA_VISIBLE_DEVICES; sleep 78", gpus=[0, 2], sample_interval_s=0.2)
    assert len(samples(instance, 2)[-1]["gpus"]) in (0, 1, 2)
    instance.signal_runner(signal.SIGINT)
    instance.finished()
    assert instance.log_lines() == ["0,2"]
