"""Open logs are woken by writes."""

import asyncio
from pathlib import Path

from slipway.compute.lifecycle.watch import FileWatch


async def test_a_write_wakes_those_who_wait_for_that_file(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.touch()
    two.touch()
    watch = FileWatch()
    waiting = [asyncio.create_task(watch.wait_for_change([one], 30)) for _ in range(3)]
    other = asyncio.create_task(watch.wait_for_change([two], 30))
    await asyncio.sleep(0)
    with one.open("a") as file:
        file.write("x")
    assert await asyncio.gather(*waiting) == [True, True, True]
    assert not other.done()
    other.cancel()
    await asyncio.gather(other, return_exceptions=True)
    assert watch._handle is None


async def test_a_file_that_is_missing_is_looked_for_again(tmp_path: Path) -> None:
    assert await FileWatch().wait_for_change([tmp_path / "none"], 0.01) is False
