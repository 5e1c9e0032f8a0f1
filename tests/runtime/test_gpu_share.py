"""A share of a card: what a program is told of it, and what the machine is honest about."""

from __future__ import annotations

from pathlib import Path

import pytest

from slipway.runtime import gpu_share

from .instances import AgentProcess


def test_a_share_names_its_part_of_memory_and_compute() -> None:
    assert gpu_share.share_variables(0.3, 16 << 30) == {
        "SLIPWAY_GPU_SHARE": "0.3",
        "SLIPWAY_GPU_MEMORY_BYTES": str(int((16 << 30) * 0.3)),
        "CUDA_MPS_ACTIVE_THREAD_PERCENTAGE": "30",
        "CUDA_MPS_PINNED_DEVICE_MEM_LIMIT": "0=4915M",
    }
    assert "CUDA_MPS_PINNED_DEVICE_MEM_LIMIT" not in gpu_share.share_variables(0.3, None)


def test_it_is_enforced_where_the_daemon_listens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUDA_MPS_PIPE_DIRECTORY", str(tmp_path))
    assert not gpu_share.is_enforced()
    (tmp_path / "control").touch()
    assert gpu_share.is_enforced()


def test_an_instance_with_a_share_is_told_of_it_and_of_what_is_not_enforced(
    agent: AgentProcess,
) -> None:
    instance = agent.run("echo $CUDA_VISIBLE_DEVICES $SLIPWAY_GPU_SHARE", gpus=[1], gpu_share=0.5)
    instance.finished()
    assert "1 0.5" in instance.log_lines()
    assert gpu_share.NOTE in instance.running()["notes"]
