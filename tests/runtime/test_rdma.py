"""Counters of RDMA cards, in files laid out as the kernel lays them out."""

from __future__ import annotations

from pathlib import Path

import pytest

import slipway.runtime.rdma as reader
from slipway.runtime.rdma import rdma_bytes


def test_the_counters_of_all_cards_and_ports_are_bytes_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_COUNTERS", f"{tmp_path}/*/ports/*/counters/port_{{}}_data")
    assert rdma_bytes() == {}
    for card, received, sent in (("mlx5_0", 1000, 10), ("mlx5_1", 24, 6)):
        counters = tmp_path / card / "ports" / "1" / "counters"
        counters.mkdir(parents=True)
        (counters / "port_rcv_data").write_text(f"{received}\n")
        (counters / "port_xmit_data").write_text(f"{sent}\n")
    broken = tmp_path / "mlx5_2" / "ports" / "1" / "counters"
    broken.mkdir(parents=True)
    (broken / "port_rcv_data").write_text("")
    assert rdma_bytes() == {"rdma_received_bytes": 4096, "rdma_sent_bytes": 64}
