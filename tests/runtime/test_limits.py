"""Memory, processor share, processes: enforced where the machine lets us, and cleaned away."""

import contextlib
import os
import signal
import time
from pathlib import Path

import pytest

from slipway.runtime import limits
from slipway.runtime.limits import Cgroup, Hierarchy

from .instances import AgentProcess, Instance, wait_until

GIB = 1024**3
MIB = 1024**2

# Takes 400 MB in small steps; bounded, since not every machine enforces the limit.
GREEDY = "python -c \"x = [b'x' * 1000000 for _ in range(400)]\""


def need(instance: Instance, limit: str) -> None:
    identity = instance.running()
    if not identity["limits"][limit]:
        with contextlib.suppress(ProcessLookupError):
            instance.signal_runner(signal.SIGINT)
        pytest.skip(f"the {limit} limit cannot be enforced here: {identity['notes']}")


@pytest.mark.parametrize("command", [f"exec {GREEDY}", f"{GREEDY}; exit $?"])
def test_too_much_memory_ends_the_instance_with_that_reason(
    agent: AgentProcess, command: str
) -> None:
    instance = agent.run(command, limits={"memory_bytes": 96 * MIB})
    need(instance, "memory")
    ended = instance.finished()
    assert ended["oom"] is True
    assert ended["reason"] == "out of memory: limit 96.0 MiB"
    assert (ended["signal"], ended["exit_code"]) in [(9, None), (None, 137)]


def test_out_of_memory_hits_only_the_instance_that_asked_for_too_much(agent: AgentProcess) -> None:
    neighbour = agent.run("sleep 72", limits={"memory_bytes": 96 * MIB})
    need(neighbour, "memory")
    greedy = agent.run(GREEDY, limits={"memory_bytes": 64 * MIB})
    assert greedy.finished()["oom"] is True
    assert not (neighbour.directory / "exit.json").exists()
    neighbour.signal_runner(signal.SIGTERM)
    ended = neighbour.finished()
    assert (ended["stopped"], ended["oom"]) == (True, False)


def test_pre_start_can_run_out_of_memory_too(agent: AgentProcess) -> None:
    instance = agent.run("true", pre_start=f"exec {GREEDY}", limits={"memory_bytes": 64 * MIB})
    ended = instance.finished()
    if not ended["oom"]:
        pytest.skip("the memory limit cannot be enforced here")
    assert ended["reason"] == "pre-start ran out of memory: limit 64.0 MiB"


def test_a_process_limit_stops_a_fork_bomb(agent: AgentProcess) -> None:
    instance = agent.run(
        "exec python -c 'import os, time\nfor _ in range(40):\n"
        "    if os.fork() == 0: time.sleep(73)\n    print(1)'",
        limits={"pids": 16},
    )
    need(instance, "pids")
    assert instance.finished()["exit_code"] == 1
    assert instance.log_lines().count("1") == 15
    assert "BlockingIOError: [Errno 11] Resource temporarily unavailable" in instance.log_lines()


def test_the_processor_share_follows_the_request(agent: AgentProcess) -> None:
    instance = agent.run("sleep 74", limits={"cpu_cores": 2.5})
    need(instance, "cpu")
    values = [
        path.read_text().strip()
        for group in instance.running()["cgroups"]
        for name in ("cpu.shares", "cpu.weight")
        if (path := Path(group, name)).exists()
    ]
    assert values in (["2560"], ["250"])
    instance.signal_runner(signal.SIGINT)
    instance.finished()


@pytest.mark.parametrize("ending", ["exit 0", "kill -9 $$", "setsid sleep 75 & exit 1"])
def test_no_control_group_is_left(agent: AgentProcess, ending: str) -> None:
    instance = agent.run(
        f"sleep 0.1; {ending}", limits={"cpu_cores": 1, "memory_bytes": GIB, "pids": 100}
    )
    groups = instance.running()["cgroups"]
    instance.finished()
    assert not [group for group in groups if os.path.exists(group)]


def test_what_cannot_be_enforced_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "hierarchies", list)
    cgroup, notes = limits.create("in-1", limits.Limits(1.0, GIB, 100))
    assert (cgroup.paths, cgroup.enforced) == ([], frozenset())
    assert notes == [
        f"The {name} limit is not enforced: control groups are not available or not writable."
        for name in ("cpu", "memory", "pids")
    ]
    assert cgroup.is_empty()
    assert cgroup.memory_bytes() is None
    assert cgroup.oom_kills() == 0


def test_open_files_and_core_dumps(agent: AgentProcess) -> None:
    instance = agent.run("ulimit -n; ulimit -c")
    instance.finished()
    files, core = instance.log_lines()
    assert int(files) >= 4096 or files == os.popen("ulimit -Hn").read().strip()
    assert core == "0"


@pytest.mark.parametrize("born_inside", [True, False])
def test_version_2_groups_are_joined_killed_and_removed(born_inside: bool) -> None:
    mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    points = [fields[4] for fields in mounts if "cgroup2" in fields]
    base = next((point for point in points if os.access(f"{point}/cgroup.procs", os.W_OK)), None)
    if base is None:
        pytest.skip("no version 2 control groups that could be written here")
    path = f"{base}/slipway-test-{os.getpid()}"
    try:
        os.mkdir(path)
    except OSError as error:
        pytest.skip(f"no control group can be made here: {error}")
    cgroup = Cgroup([(Hierarchy(True, frozenset(), (base,)), path)], frozenset())
    pid = cgroup.fork() if born_inside else os.fork()
    if pid == 0:
        cgroup.join()
        time.sleep(60)
        os._exit(0)
    assert pid > 0
    wait_until(lambda: not cgroup.is_empty())
    cgroup.kill()
    assert os.waitpid(pid, 0)[1] == signal.SIGKILL
    cgroup.remove()
    assert not os.path.exists(path)
