"""What a machine does for the platform, without Ray: at most one run of an instance, whatever is repeated."""

from __future__ import annotations

import asyncio
from pathlib import Path

from slipway.compute.engines.ray.node_side import NodeSide
from tests.compute.engines.contract import code_of, spec, until


async def test_a_start_that_comes_after_the_end_was_delivered_does_not_run_it_again(
    tmp_path: Path,
) -> None:
    marker = tmp_path / "platform-id"
    marker.write_text("p")
    side = NodeSide(tmp_path / "n" / "instances", marker, "p")
    await side.open()
    directory = side.directory("i1")
    wanted = spec(directory, "echo ran >> out")
    Path(wanted["mounts"][0]["source"]).mkdir(parents=True)
    assert await side.start("i1", wanted) is not None
    await until(lambda: (directory / "exit.json").exists())
    repeated = asyncio.create_task(side.start("i1", wanted))  # its answer was lost
    await asyncio.sleep(0)
    side.delivered("i1")
    await repeated
    assert not directory.exists()
    assert await side.start("i1", wanted) is None  # one that was long on its way
    assert not directory.exists()
    assert (code_of(directory) / "out").read_text() == "ran\n"
    side.forget("i1")  # the platform deletes its own copy: not even the name stays
    assert list((tmp_path / "n" / "delivered").iterdir()) == []
    await side._engine.close()
