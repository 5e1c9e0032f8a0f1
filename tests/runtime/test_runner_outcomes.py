"""How an instance ended, in a sentence and in figures."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .instances import AgentProcess, Instance, wait_until


def ending(instance: Instance) -> tuple:
    ended = instance.finished()
    return ended["exit_code"], ended["signal"], ended["reason"]


@pytest.mark.covers("TRN-21")
def test_a_command_of_several_lines_runs_as_shell_text(agent: AgentProcess) -> None:
    instance = agent.run("set -e\nfor i in 1 2; do\n  echo line $i\ndone\n[[ a == a ]] && pwd")
    assert ending(instance) == (0, None, "exited with code 0")
    assert instance.log_lines() == ["line 1", "line 2", "/tmp"]


def test_argv_is_run_without_a_shell(agent: AgentProcess) -> None:
    instance = agent.run(argv=["printf", "%s|", "$HOME", "a b"])
    assert ending(instance) == (0, None, "exited with code 0")
    assert instance.log_lines() == ["$HOME|a b|"]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("exit 3", (3, None, "exited with code 3")),
        ("kill -9 $$", (None, 9, "killed by signal 9 (SIGKILL)")),
        ("kill -SEGV $$", (None, 11, "killed by signal 11 (SIGSEGV)")),
        (
            "sh -c 'kill -9 $$'; exit $?",
            (137, None, "exited with code 137: a program in it was killed by signal 9 (SIGKILL)"),
        ),
        ("no-such-program", (127, None, "exited with code 127: command not found")),
        ("/etc", (126, None, "exited with code 126: the command is not executable")),
    ],
)
def test_an_ending_has_a_reason(agent: AgentProcess, command: str, expected: tuple) -> None:
    assert ending(agent.run(command)) == expected


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["no-such-program"], "could not start: command not found: no-such-program"),
        (["/no/such/program"], "could not start: command not found: /no/such/program"),
        (["/etc"], "could not start: command is not executable: /etc"),
    ],
)
def test_a_program_that_is_not_there_could_not_start(
    agent: AgentProcess, argv: list[str], reason: str
) -> None:
    instance = agent.run(argv=argv)
    assert ending(instance) == (None, None, reason)
    assert f"Ended: {reason}." in instance.log_lines("P")


def test_a_script_that_names_a_missing_interpreter_could_not_start(
    agent: AgentProcess, tmp_path: Path
) -> None:
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    assert ending(agent.run(argv=[str(script)])) == (
        None,
        None,
        f"could not start: the interpreter that {script} names in its first line does not exist",
    )


@pytest.mark.parametrize("isolate", ["auto", "off"])
def test_a_missing_working_directory_could_not_start(agent: AgentProcess, isolate: str) -> None:
    instance = agent.run("true", workdir="/no/such/place", isolate=isolate)
    assert ending(instance) == (
        None,
        None,
        "could not start: the working directory does not exist: /no/such/place",
    )


def test_pre_start_runs_first_and_its_output_is_the_platforms(
    agent: AgentProcess, tmp_path
) -> None:
    instance = agent.run(
        "cat it", pre_start="echo installing; echo made > it", workdir=str(tmp_path)
    )
    assert ending(instance) == (0, None, "exited with code 0")
    assert instance.log_lines() == ["made"]
    assert instance.log_lines("P") == [
        "Running pre-start.",
        "installing",
        f"Starting the command in {tmp_path}.",
        "Ended: exited with code 0.",
    ]


def test_a_failed_pre_start_ends_the_instance(agent: AgentProcess) -> None:
    instance = agent.run("echo never", pre_start="exit 1")
    assert ending(instance) == (1, None, "pre-start failed with code 1")
    assert instance.log_lines() == []


@pytest.fixture
def tiny_disk(home: Path) -> Iterator[Path]:
    """The instances of this home lie on a file system of 256 KiB."""
    disk = home / "instances"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small file system is not permitted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return


def test_a_start_on_a_full_disk_is_refused_with_the_reason(tiny_disk: Path, start_agent) -> None:
    agent = start_agent()
    instance = agent.prepare("true")
    fill(tiny_disk)
    answer = agent.start(instance.directory)
    assert answer["ok"] is False
    assert answer["reason"].endswith("No space left on device")
    agent.process.kill()


def test_a_start_without_the_right_to_write_is_refused_with_the_reason(agent, tmp_path) -> None:
    instance = agent.prepare("true")
    (instance.directory / "log").mkdir()
    answer = agent.start(instance.directory)
    assert answer == {
        "ok": False,
        "reason": f"could not use {instance.directory}/log: Is a directory",
    }


IMPATIENT_AGENT = [
    sys.executable,
    "-c",
    "import sys; from slipway.runtime import agent, supervisor;"
    "supervisor.LOG_STALL_LIMIT_S = float(sys.argv.pop(1)); agent.main(sys.argv[1:])",
]


def test_a_log_that_stays_full_ends_the_instance_and_says_so(tiny_disk: Path, start_agent) -> None:
    agent = start_agent([*IMPATIENT_AGENT, "0.5"])
    instance = agent.run("yes this fills the disk")
    ended = instance.finished()
    assert ended["reason"] == "the log could not be written: No space left on device"
    assert ended["exit_code"] is None


def test_a_log_that_was_full_for_a_while_loses_nothing(tiny_disk: Path, start_agent) -> None:
    agent = start_agent([*IMPATIENT_AGENT, "60"])
    instance = agent.prepare("sleep 0.3; seq 1 1500; echo end")
    filler = tiny_disk / "filler"
    assert agent.start(instance.directory)["ok"]
    instance.running()
    fill(tiny_disk)
    size = lambda: (instance.directory / "log").stat().st_size  # noqa: E731
    before = size()
    os.truncate(filler, filler.stat().st_size - 8192)
    wait_until(lambda: size() > before)
    filler.unlink()
    instance.finished()
    assert instance.log_lines() == [*map(str, range(1, 1501)), "end"]


def test_exit_json_appears_whole_and_once(agent: AgentProcess) -> None:
    instance = agent.run("true")
    instance.finished()
    names = sorted(path.name for path in instance.directory.iterdir())
    assert names == ["exit.json", "lock", "log", "metrics.jsonl", "runner.json", "spec.json"]
    assert json.loads((instance.directory / "exit.json").read_text())["ended_at"].endswith("Z")


def test_the_command_inherits_nothing_but_its_output(agent: AgentProcess) -> None:
    program = (
        "import os\n"
        "umask = os.umask(0)\n"
        "for fd in range(100):\n"
        "    try: print(fd, os.readlink(f'/proc/self/fd/{fd}').split(':')[0])\n"
        "    except OSError: pass\n"
        "print(oct(umask))"
    )
    instance = agent.run(
        argv=["python", "-c", program],
        pre_start="true",
        mounts=[{"source": "/usr/share", "target": "/data/share"}],
        hide=[str(agent.home)],
    )
    instance.finished()
    assert instance.log_lines() == ["0 /dev/null", "1 pipe", "2 pipe", "0o22"]


def test_the_command_starts_with_ordinary_signals(agent: AgentProcess) -> None:
    instance = agent.run("grep -E 'Sig(Ign|Blk)' /proc/self/status; kill -PIPE $$")
    assert ending(instance) == (None, int(signal.SIGPIPE), "killed by signal 13 (SIGPIPE)")
    # 32 and 33 belong to the C library, which may leave them ignored in whatever it spawns.
    own = ~(1 << 31 | 1 << 32)
    assert [int(line.split()[1], 16) & own for line in instance.log_lines()] == [0, 0]
