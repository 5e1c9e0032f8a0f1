"""Stopping, and that nothing of an instance is left whatever way it ends."""

import os
import signal
import time
from pathlib import Path

import pytest

from .instances import AgentProcess, is_running

# Prints its pid and takes no notice of SIGTERM.
STUBBORN = "trap '' TERM; echo pid $$; while true; do sleep 0.05; done"


def test_a_stop_lets_the_command_finish_its_work(agent: AgentProcess, tmp_path: Path) -> None:
    instance = agent.run(
        f"trap 'echo saving; sleep 0.2; echo saved > {tmp_path}/state; exit 0' TERM; echo ready;"
        "while true; do sleep 0.05; done"
    )
    instance.says("ready")
    instance.signal_runner(signal.SIGTERM)
    ended = instance.finished()
    assert (ended["stopped"], ended["exit_code"]) == (True, 0)
    assert ended["reason"] == "stopped by request"
    assert (tmp_path / "state").read_text() == "saved\n"
    assert "Stop requested." in instance.log_lines("P")


def test_a_program_below_a_shell_that_dies_at_once_still_gets_its_grace(
    agent: AgentProcess, tmp_path: Path
) -> None:
    script = tmp_path / "train.sh"
    script.write_text(
        f"trap 'sleep 0.3; echo saved > {tmp_path}/state; exit 0' TERM\n"
        "echo ready\nwhile true; do sleep 0.05; done\n"
    )
    # The outer shell has no trap: SIGTERM to the group ends it first.
    instance = agent.run(f"sh {script}; true")
    instance.says("ready")
    instance.signal_runner(signal.SIGTERM)
    ended = instance.finished()
    assert (ended["stopped"], ended["signal"]) == (True, signal.SIGTERM)
    assert (tmp_path / "state").read_text() == "saved\n"


def test_who_ignores_the_stop_is_killed_after_the_grace_period(agent: AgentProcess) -> None:
    instance = agent.run(STUBBORN, grace_s=0.4)
    pid = int(instance.says("pid "))
    begun = time.monotonic()
    instance.signal_runner(signal.SIGTERM)
    ended = instance.finished()
    assert 0.35 < time.monotonic() - begun < 3
    assert (ended["stopped"], ended["signal"]) == (True, signal.SIGKILL)
    assert not is_running(pid)


def test_a_kill_does_not_wait(agent: AgentProcess) -> None:
    instance = agent.run(STUBBORN, grace_s=60)
    instance.says("pid ")
    instance.signal_runner(signal.SIGINT)
    ended = instance.finished(timeout_s=5)
    assert (ended["stopped"], ended["signal"]) == (True, signal.SIGKILL)


def test_a_kill_cuts_a_stop_short(agent: AgentProcess) -> None:
    instance = agent.run(STUBBORN, grace_s=60)
    instance.says("pid ")
    instance.signal_runner(signal.SIGTERM)
    instance.says("Stop requested.", "P")
    instance.signal_runner(signal.SIGINT)
    assert instance.finished(timeout_s=5)["stopped"]


def test_pre_stop_runs_before_the_signal_and_sees_what_the_command_sees(
    agent: AgentProcess, tmp_path: Path
) -> None:
    instance = agent.run(
        "echo ready; trap 'echo terminated; exit 0' TERM; while true; do sleep 0.05; done",
        pre_stop=["sh", "-c", "echo draining in $PWD for $WHO"],
        env={"WHO": "users"},
        workdir="/opt/ml/code",
        mounts=[{"source": str(tmp_path), "target": "/opt/ml/code"}],
    )
    instance.says("ready")
    instance.signal_runner(signal.SIGTERM)
    assert instance.finished()["stopped"]
    where = "/opt/ml/code" if instance.running()["namespace"] else str(tmp_path)
    assert f"draining in {where} for users" in instance.log_lines("P")
    assert (instance.log_lines()[0], instance.log_lines()[-1]) == ("ready", "terminated")
    stamps = [
        line.split(" ")[0]
        for line in (instance.directory / "log").read_text().splitlines()
        if "draining" in line or "terminated" in line
    ]
    assert stamps == sorted(stamps)


def test_a_pre_stop_that_hangs_or_is_not_there_does_not_prevent_the_stop(
    agent: AgentProcess,
) -> None:
    instance = agent.run(
        "echo ready; exec sleep 64", pre_stop=[["no-such-hook"], ["sleep", "65"]], grace_s=0.4
    )
    instance.says("ready")
    instance.signal_runner(signal.SIGTERM)
    ended = instance.finished(timeout_s=8)
    assert (ended["stopped"], ended["signal"]) == (True, signal.SIGTERM)
    assert instance.log_lines("P")[2:4] == [
        "Pre-stop could not start: command not found: no-such-hook.",
        "Pre-stop took too long and was killed.",
    ]


def test_a_stop_during_pre_start_ends_it(agent: AgentProcess) -> None:
    instance = agent.prepare("echo never", pre_start="echo installing; sleep 66")
    answer = agent.start(instance.directory)
    instance.says("installing", "P")
    os.kill(answer["pid"], signal.SIGTERM)
    ended = instance.finished()
    assert (ended["stopped"], ended["reason"]) == (True, "stopped by request")
    assert instance.log_lines() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_right_after_the_start_is_not_lost(agent: AgentProcess, number: int) -> None:
    for _ in range(5):
        instance = agent.prepare("sleep 67")
        os.kill(agent.start(instance.directory)["pid"], number)
        assert instance.finished(timeout_s=5)["stopped"]


DAEMONS = """
setsid sh -c 'sh -c "trap \\"\\" TERM HUP; echo daemon \\$\\$; sleep 68" &' &
sleep 69 & echo child $!
"""


@pytest.mark.parametrize("how", ["exits", "stop", "kill"])
def test_daemons_do_not_outlive_their_instance(agent: AgentProcess, how: str) -> None:
    gate = agent.home / "go"
    ending = f"while [ ! -e {gate} ]; do sleep 0.02; done" if how == "exits" else "wait"
    instance = agent.run(DAEMONS + ending, grace_s=0.3)
    daemon, child = int(instance.says("daemon ")), int(instance.says("child "))
    assert is_running(daemon)
    if how == "exits":
        gate.touch()
    else:
        instance.signal_runner(signal.SIGTERM if how == "stop" else signal.SIGINT)
    ended = instance.finished()
    assert ended["stopped"] == (how != "exits")
    assert not is_running(daemon)
    assert not is_running(child)


def test_output_of_a_daemon_up_to_the_end_is_kept(agent: AgentProcess) -> None:
    instance = agent.run("(for i in 1 2 3; do echo late $i; done; sleep 70) & sleep 0.2; echo end")
    instance.finished()
    assert sorted(instance.log_lines()) == ["end", "late 1", "late 2", "late 3"]
