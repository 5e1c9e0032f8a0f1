"""A process is known by pid, start time and boot together."""

import os
import subprocess
from pathlib import Path

from slipway.runtime.identity import boot_id, is_alive, start_ticks

from .instances import wait_until


def test_a_process_is_alive_until_it_ends() -> None:
    process = subprocess.Popen(["sleep", "80"])
    ticks = start_ticks(process.pid)
    assert is_alive(process.pid, ticks, boot_id())
    process.kill()
    # A zombie has ended, even while nobody has waited for it.
    wait_until(lambda: not is_alive(process.pid, ticks, boot_id()))
    process.wait()
    assert not is_alive(process.pid, ticks, boot_id())
    assert start_ticks(process.pid) == 0


def test_the_same_pid_at_another_time_is_somebody_else() -> None:
    own = os.getpid()
    assert is_alive(own, start_ticks(own), boot_id())
    assert not is_alive(own, start_ticks(own) + 1, boot_id())
    assert not is_alive(own, start_ticks(own), "another boot")


def test_a_name_with_brackets_and_blanks_does_not_confuse(tmp_path) -> None:
    program = tmp_path / "a) S (b 7"
    program.symlink_to("/bin/sleep")
    process = subprocess.Popen([str(program), "81"])
    wait_until(lambda: ") S (b" in Path(f"/proc/{process.pid}/comm").read_text())
    ticks = start_ticks(process.pid)
    assert ticks >= start_ticks(os.getpid())
    assert is_alive(process.pid, ticks, boot_id())
    process.kill()
    process.wait()
