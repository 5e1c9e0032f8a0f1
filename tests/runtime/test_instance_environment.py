"""The variables that a command starts with."""

import os
import pwd
import sys
from collections.abc import Callable

import pytest

from .instances import AgentProcess, Instance


def variables(instance: Instance) -> dict[str, str]:
    assert instance.finished()["exit_code"] == 0
    return dict(line.split("=", 1) for line in instance.log_lines())


@pytest.mark.parametrize("isolate", ["auto", "off"])
def test_the_platform_tells_the_command_what_it_needs(agent: AgentProcess, isolate: str) -> None:
    instance = agent.run(
        argv=["env"], env={"A": "1", "B": "two words"}, limits={"cpu_cores": 2.5}, isolate=isolate
    )
    env = variables(instance)
    assert (env["A"], env["B"]) == ("1", "two words")
    assert env["SLIPWAY_METRICS_FILE"] == str(instance.directory / "metrics.jsonl")
    assert env["SLIPWAY_NAMESPACE"] == ("1" if instance.running()["namespace"] else "0")
    assert env["OMP_NUM_THREADS"] == "2"
    assert env["CUDA_VISIBLE_DEVICES"] == ""
    assert env["PATH"].split(":")[0] == f"{sys.prefix}/bin"


def test_the_users_variables_win_over_defaults(agent: AgentProcess) -> None:
    own = {"OMP_NUM_THREADS": "7", "PATH": "/usr/bin:/bin", "CUDA_VISIBLE_DEVICES": "3"}
    env = variables(agent.run(argv=["env"], env=own, limits={"cpu_cores": 1}))
    assert own.items() <= env.items()


def test_secrets_of_the_platform_stay_with_it(
    start_agent: Callable[..., AgentProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLIPWAY_ADMIN_PASSWORD", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    env = variables(start_agent().run(argv=["env"]))
    assert "secret" not in env.values()
    assert env["LC_ALL"] == "C.UTF-8"
    assert env["HOME"] == os.environ["HOME"]


def test_a_platform_without_a_home_still_gives_one(
    start_agent: Callable[..., AgentProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOME")
    env = variables(start_agent().run(argv=["env"]))
    assert env["HOME"] == pwd.getpwuid(os.getuid()).pw_dir


def test_python_output_is_live(agent: AgentProcess) -> None:
    instance = agent.run("python -c 'print(\"now\"); import time; time.sleep(79)'")
    instance.says("now")
    instance.signal_runner(2)
    instance.finished()
