"""The agent's protocol, and what survives whom."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from slipway.runtime.identity import is_alive

from .instances import AGENT, AgentProcess, is_running, wait_until


def test_a_started_instance_runs_and_says_how_it_ended(agent: AgentProcess) -> None:
    instance = agent.prepare("echo hello")
    answer = agent.start(instance.directory)
    ended = instance.finished()
    identity = instance.running()
    assert answer == {"ok": True, "pid": identity["pid"], "start_ticks": identity["start_ticks"]}
    ended.pop("ended_at")
    assert ended == {
        "exit_code": 0,
        "signal": None,
        "oom": False,
        "stopped": False,
        "reason": "exited with code 0",
    }
    assert instance.log_lines() == ["hello"]


def test_starting_twice_runs_once(agent: AgentProcess, tmp_path) -> None:
    instance = agent.prepare(f"echo ran >> {tmp_path}/out; sleep 0.3")
    first = agent.start(instance.directory)
    while_running = agent.start(instance.directory)
    instance.finished()
    when_finished = agent.start(instance.directory)
    assert first["ok"]
    assert first == while_running == when_finished
    assert (tmp_path / "out").read_text() == "ran\n"


def test_two_agents_that_start_the_same_instance_at_once_run_it_once(start_agent, tmp_path) -> None:
    agents = [start_agent(), start_agent()]
    for attempt in range(5):
        instance = agents[0].prepare(f"echo {attempt} >> {tmp_path}/out; sleep 0.1")
        with ThreadPoolExecutor() as pool:
            first, second = pool.map(AgentProcess.start, agents, [instance.directory] * 2)
        instance.finished()
        assert first["ok"]
        assert first == second
    assert (tmp_path / "out").read_text() == "0\n1\n2\n3\n4\n"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (b"not json", "not a request: Expecting value"),
        (b"[]", "not a request: "),
        (b'{"id": 1, "op": "dance"}', "not a request: there is no operation 'dance'"),
        (b'{"id": 1, "op": "start"}', "not a request: 'dir'"),
        (b'{"id": 1, "op": "start", "dir": 7}', "not a request: "),
    ],
)
def test_a_bad_request_is_answered_and_the_agent_goes_on(
    agent: AgentProcess, message: bytes, reason: str
) -> None:
    answer = agent.send(message)
    assert answer["ok"] is False
    assert answer["reason"].startswith(reason)
    assert agent.run("true").finished()["exit_code"] == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"command": None}, "the spec has neither a command nor argv"),
        ({"isolate": "maybe"}, 'isolate must be "auto" or "off", not \'maybe\''),
        (
            {"mounts": [{"source": "data", "target": "/x"}]},
            "an absolute path without '..' is expected, not 'data'",
        ),
        (
            {"mounts": [{"source": "/a", "target": "/x/../etc"}]},
            "an absolute path without '..' is expected, not '/x/../etc'",
        ),
        ({"mounts": [{"source": "/a", "target": "/"}]}, "nothing can be mounted at /"),
        ({"env": {"A=B": "1"}}, "'A=B' cannot be the name of an environment variable"),
        ({"env": {"A": "x\0y"}}, "a text of the spec holds a zero byte"),
    ],
)
def test_a_spec_that_cannot_be_run_is_refused_with_a_sentence(
    agent: AgentProcess, change: dict, reason: str
) -> None:
    instance = agent.prepare(**{"command": "true", **change})
    assert agent.start(instance.directory) == {"ok": False, "reason": reason}
    assert not (instance.directory / "exit.json").exists()


def test_a_missing_or_broken_spec_is_refused(agent: AgentProcess, home) -> None:
    missing = agent.start(home / "instances" / "nowhere")
    assert missing["reason"] == (
        f"could not use {home}/instances/nowhere/lock: No such file or directory"
    )
    instance = agent.prepare("true")
    (instance.directory / "spec.json").write_text("{")
    answer = agent.start(instance.directory)
    assert answer["reason"].startswith(f"{instance.directory}/spec.json is not valid JSON")


def test_the_agent_ends_when_its_socket_closes_and_its_runners_go_on(agent: AgentProcess) -> None:
    instance = agent.run("echo begun; sleep 0.5; echo done")
    instance.says("begun")
    agent.close()
    assert agent.process.wait(timeout=5) == 0
    assert not (instance.directory / "exit.json").exists()
    assert instance.finished()["reason"] == "exited with code 0"
    assert instance.log_lines() == ["begun", "done"]


def test_a_killed_agent_leaves_its_runners_going(agent: AgentProcess) -> None:
    instance = agent.run("echo begun; sleep 0.5; exit 4")
    instance.says("begun")
    agent.process.kill()
    agent.process.wait()
    assert instance.finished()["reason"] == "exited with code 4"


def test_an_agent_killed_before_its_runner_could_answer_does_not_cost_the_instance(
    agent: AgentProcess,
) -> None:
    instance = agent.prepare("echo done")
    path = instance.directory / "spec.json"
    spec = path.read_text()
    path.unlink()
    os.mkfifo(path)  # the runner waits here until the test lets it read
    request = {"op": "start", "id": 1, "dir": str(instance.directory)}
    agent.socket.sendall(json.dumps(request).encode() + b"\n")
    with path.open("w") as pipe:
        agent.process.kill()
        agent.process.wait()
        pipe.write(spec)
    assert instance.finished()["reason"] == "exited with code 0"
    assert instance.log_lines() == ["done"]


def test_a_runner_holds_nothing_of_the_agent_open(agent: AgentProcess) -> None:
    instance = agent.run("sleep 30")
    runner = instance.running()["pid"]
    agent.process.kill()
    agent.process.wait()
    # The other side of the socket would not see the end if a runner still had it.
    agent.socket.settimeout(5)
    assert agent.socket.recv(1) == b""
    standard = [os.readlink(f"/proc/{runner}/fd/{fd}") for fd in range(3)]
    assert standard == ["/dev/null"] * 3
    instance.signal_runner(signal.SIGINT)
    instance.finished()


def test_a_runner_is_found_again_by_pid_start_time_and_boot(agent: AgentProcess) -> None:
    instance = agent.run("sleep 30")
    identity = instance.running()
    who = (identity["pid"], identity["start_ticks"], identity["boot_id"])
    command = (identity["command_pid"], identity["command_start_ticks"], identity["boot_id"])
    assert is_alive(*who)
    assert is_alive(*command)
    assert os.getsid(identity["pid"]) == identity["pid"]
    assert os.getpgid(identity["command_pid"]) == identity["command_pid"]
    instance.signal_runner(signal.SIGINT)
    wait_until(lambda: not is_alive(*who))
    assert not is_alive(*command)


def test_when_a_runner_is_killed_nothing_of_its_instance_survives(agent: AgentProcess) -> None:
    instance = agent.run(
        "setsid sleep 61 & echo daemon $!; sleep 62 & echo child $!; echo ready; wait"
    )
    instance.says("ready")
    daemon, child = int(instance.says("daemon ")), int(instance.says("child "))
    identity = instance.running()
    os.kill(identity["pid"], signal.SIGKILL)
    ended = instance.finished()
    assert ended["reason"] == "the instance's runner was killed"
    assert ended["exit_code"] is None
    for pid in (identity["command_pid"], daemon, child):
        assert not is_running(pid)
    assert not any(os.path.exists(path) for path in identity["cgroups"])


def test_an_instance_whose_runner_and_agent_were_killed_is_closed_by_the_next_start(
    start_agent, tmp_path
) -> None:
    agent = start_agent()
    instance = agent.run(f"echo ran >> {tmp_path}/out; setsid sleep 63 & echo daemon $!; wait")
    daemon = int(instance.says("daemon "))
    identity = instance.running()
    agent.process.kill()
    agent.process.wait()
    os.kill(identity["pid"], signal.SIGKILL)
    # The command itself dies with its runner, at once and without anybody's help.
    wait_until(lambda: not is_running(identity["command_pid"]))
    answer = start_agent().start(instance.directory)
    assert answer == {"ok": True, "pid": identity["pid"], "start_ticks": identity["start_ticks"]}
    assert instance.finished()["reason"] == "the instance's runner was killed"
    assert not is_running(daemon)
    assert (tmp_path / "out").read_text() == "ran\n"


def test_a_killed_runner_is_closed_and_not_started_again(agent: AgentProcess, tmp_path) -> None:
    # The runner is killed at a random moment of its short life, many times over.
    for attempt in range(15):
        out = tmp_path / f"out{attempt}"
        instance = agent.prepare(f"echo ran >> {out}; sleep 0.01")
        answer = agent.start(instance.directory)
        time.sleep(attempt * 0.001)
        with contextlib.suppress(ProcessLookupError):
            os.kill(answer["pid"], signal.SIGKILL)
        reason = instance.finished()["reason"]
        assert reason in ("the instance's runner was killed", "exited with code 0")
        assert not out.exists() or out.read_text() in ("", "ran\n")


PLAIN_AGENT = [
    sys.executable,
    "-c",
    "import sys; from slipway.runtime import launch; launch.ON_LINUX = False;"
    "from slipway.runtime import agent; agent.main(sys.argv[1:])",
]


def test_process_groups_are_enough_where_the_system_offers_nothing_else(start_agent) -> None:
    agent = start_agent(PLAIN_AGENT)
    short = agent.run("echo $SLIPWAY_NAMESPACE; exit 3")
    assert short.finished()["reason"] == "exited with code 3"
    assert short.log_lines() == ["0"]
    instance = agent.run("sleep 82 & echo child $!; wait", grace_s=5)
    child = int(instance.says("child "))
    instance.signal_runner(signal.SIGTERM)
    assert instance.finished()["stopped"]
    wait_until(lambda: not is_running(child))


def test_an_instance_from_before_a_restart_of_the_machine_is_closed(agent: AgentProcess) -> None:
    instance = agent.prepare("true")
    before = {"pid": 1, "start_ticks": 5, "boot_id": "another", "command_pid": os.getsid(0)}
    (instance.directory / "runner.json").write_text(json.dumps(before))
    assert agent.start(instance.directory)["pid"] == 1
    assert instance.finished()["reason"] == (
        "the machine was restarted while the instance was running"
    )


def test_many_instances_at_once_each_get_their_own_answer(agent: AgentProcess) -> None:
    instances = [agent.run(f"exit {code}") for code in range(20)]
    assert [instance.finished()["exit_code"] for instance in instances] == list(range(20))


def test_the_agent_says_how_it_is_used() -> None:
    said = subprocess.run(AGENT, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (
        2,
        "usage: python -m slipway.runtime.agent --fd N\n",
    )
