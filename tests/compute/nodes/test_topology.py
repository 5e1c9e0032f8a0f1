"""Islands of NVLink, from the matrices that drivers print on real machines."""

from __future__ import annotations

import pytest

from slipway.compute.nodes.topology import islands_of


def matrix(rows: list[str], *, more: str = "\tCPU Affinity\tNUMA Affinity", tail: str = "\t0-63\t0") -> str:  # fmt: skip
    """The links of each card in a row, as the tool writes them: tabs, blanks around the X."""
    head = "".join(f"\tGPU{i}" for i in range(len(rows))) + more
    lines = [
        f"GPU{i}\t" + "\t".join(" X " if cell == "X" else cell for cell in row.split()) + tail
        for i, row in enumerate(rows)
    ]
    return "\n".join([head, *lines, "", "Legend:", "", "  X    = Self", "  NV#  = Connection traversing a bonded set of # NVLinks"])  # fmt: skip


# A cube mesh of eight V100: each card reaches four others, so there are two islands of four.
CUBE = [
    "X NV1 NV1 NV2 NV2 SYS SYS SYS",
    "NV1 X NV2 NV1 SYS NV2 SYS SYS",
    "NV1 NV2 X NV2 SYS SYS NV1 SYS",
    "NV2 NV1 NV2 X SYS SYS SYS NV1",
    "NV2 SYS SYS SYS X NV1 NV1 NV2",
    "SYS NV2 SYS SYS NV1 X NV2 NV1",
    "SYS SYS NV1 SYS NV1 NV2 X NV2",
    "SYS SYS SYS NV1 NV2 NV1 NV2 X",
]
# Two pairs of bridged cards, and one card without a bridge.
PAIRS = [
    "X NV4 SYS SYS PHB",
    "NV4 X SYS SYS PHB",
    "SYS SYS X NV4 SYS",
    "SYS SYS NV4 X SYS",
    "PHB PHB SYS SYS X",
]
SWITCHED = [" ".join("X" if i == j else "NV18" for j in range(8)) for i in range(8)]


@pytest.mark.parametrize(
    ("text", "islands"),
    [
        (matrix(CUBE), {0: 0, 1: 0, 2: 0, 3: 0, 4: 1, 5: 1, 6: 1, 7: 1}),
        (matrix(PAIRS), {0: 0, 1: 0, 2: 1, 3: 1, 4: 2}),
        (matrix(SWITCHED), dict.fromkeys(range(8), 0)),
        (matrix(["X PHB", "PHB X"]), {}),
        (matrix(["X"]), {}),
        ("", {}),
        ("No devices were found\n", {}),
    ],
)
def test_cards_with_nvlink_to_each_other_are_an_island(text: str, islands: dict[int, int]) -> None:
    assert islands_of(text) == islands


def test_network_cards_escapes_and_cells_that_run_into_each_other_do_not_matter() -> None:
    text = matrix(
        [f"{row} PIX NODE" for row in SWITCHED],
        more="\tNIC0\tNIC1\tCPU Affinity\tNUMA Affinity\tGPU NUMA ID",
        tail="NODE0-115\t0-3\t\tN/A",
    )
    text = text.replace("\tGPU0", "\t\x1b[4mGPU0", 1).replace(
        "GPU NUMA ID", "GPU NUMA ID\x1b[0m", 1
    )
    text += "\nNIC0\tPIX\tNODE\t X \n\nNIC Legend:\n\n  NIC0: mlx5_0\n"
    assert islands_of(text) == dict.fromkeys(range(8), 0)
