"""What a command sees of the file system, with a mount namespace and without."""

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .instances import AgentProcess, Instance


def mount(source: Path | str, target: str, **more: object) -> dict:
    return {"source": str(source), "target": target, **more}


def lines(instance: Instance) -> list[str]:
    ended = instance.finished()
    assert ended["exit_code"] == 0, "\n".join(
        [str(ended), *instance.log_lines(), *instance.log_lines("P")]
    )
    return instance.log_lines()


@pytest.fixture
def code(tmp_path: Path) -> Path:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "train.py").write_text("print('trained')\n")
    return tmp_path / "code"


@pytest.fixture
def untouched_machine() -> Iterator[None]:
    """The machine's mounts and directories are after the test what they were before."""

    def look() -> tuple:
        mounts = Path("/proc/self/mountinfo").read_text()
        names = {path: sorted(os.listdir(path)) for path in ("/", "/opt", "/etc", "/mnt", "/var")}
        return mounts, names

    before = look()
    yield
    assert look() == before


@pytest.mark.covers("TRN-21", "TRN-22")
@pytest.mark.usefixtures("namespaces", "untouched_machine")
def test_targets_are_real_paths_and_nothing_is_made_on_the_machine(
    agent: AgentProcess, code: Path, tmp_path: Path
) -> None:
    (tmp_path / "model").mkdir()
    instance = agent.run(
        "pwd; python train.py; cat /opt/ml/input/config/hyperparameters.json;"
        "echo kept > /data/model/weights; cat $HOSTS; echo $CODE $SLIPWAY_NAMESPACE",
        workdir="/opt/ml/code",
        mounts=[
            mount(code, "/opt/ml/code", env="CODE"),
            mount(tmp_path / "model", "/data/model"),
        ],
        files=[
            {
                "target": "/opt/ml/input/config/hyperparameters.json",
                "text": '{"lr":  0.1, "name": "名"}\n',
                "env": None,
            },
            {"target": "/etc/mpi/hostfile", "text": "a slots=2\n", "env": "HOSTS"},
        ],
    )
    assert lines(instance) == [
        "/opt/ml/code",
        "trained",
        '{"lr":  0.1, "name": "名"}',
        "a slots=2",
        "/opt/ml/code 1",
    ]
    assert (tmp_path / "model" / "weights").read_text() == "kept\n"
    assert instance.running()["namespace"] is True
    assert instance.running()["notes"] == []


@pytest.mark.usefixtures("namespaces", "untouched_machine")
def test_what_was_there_before_is_still_there(agent: AgentProcess, code: Path) -> None:
    instance = agent.run(
        "ls -1 /etc > here; ls -1 / > root; readlink /bin; cat /etc/hostname",
        workdir="/opt/ml/code",
        mounts=[mount(code, "/opt/ml/code"), mount(code, "/brand-new/place")],
        files=[{"target": "/etc/mpi/hostfile", "text": "", "env": None}],
    )
    said = lines(instance)
    etc = sorted({*os.listdir("/etc"), "mpi"})
    root = sorted({*(n for n in os.listdir("/") if not n.startswith(".")), "brand-new"})
    assert sorted((code / "here").read_text().split()) == [n for n in etc if n[0] != "."]
    assert sorted((code / "root").read_text().split()) == root
    if os.path.islink("/bin"):
        assert said.pop(0) == os.readlink("/bin")
    assert said == Path("/etc/hostname").read_text().splitlines()


@pytest.mark.usefixtures("namespaces")
def test_nested_targets_work_in_any_order(agent: AgentProcess, tmp_path: Path) -> None:
    for name in ("ml", "output", "read-only", "inner"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "name").write_text(f"{name}\n")
    instance = agent.run(
        "cat /opt/ml/name /opt/ml/output/name /ro/name /ro/a/b/name; echo new > /opt/ml/new;"
        "echo result > /opt/ml/output/result; touch /ro/x /ro/a/x; ls /ro; true",
        mounts=[
            mount(tmp_path / "output", "/opt/ml/output"),
            mount(tmp_path / "inner", "/ro/a/b"),
            mount(tmp_path / "ml", "/opt/ml"),
            mount(tmp_path / "read-only", "/ro", read_only=True),
        ],
    )
    said = lines(instance)
    assert said[:4] == ["ml", "output", "read-only", "inner"]
    assert said[-2:] == ["a", "name"]
    assert sum("Read-only file system" in line for line in said) == 2
    assert (tmp_path / "ml" / "new").read_text() == "new\n"
    assert (tmp_path / "output" / "result").read_text() == "result\n"
    # A mount point in a writable source is made there and left empty; others are untouched.
    assert os.listdir(tmp_path / "ml" / "output") == []
    assert os.listdir(tmp_path / "read-only") == ["name"]


@pytest.mark.usefixtures("namespaces")
def test_read_only_is_read_only_and_cannot_be_undone(agent: AgentProcess, code: Path) -> None:
    instance = agent.run(
        "touch /opt/ml/code/x; rm -f /opt/ml/code/train.py; mount -o remount,rw /opt/ml/code;"
        "umount /opt/ml/code; unshare -m true; ls /opt/ml/code;"
        "grep NoNewPrivs /proc/self/status;"
        "mknod /tmp/in-node b 1 1; true",
        mounts=[mount(code, "/opt/ml/code", read_only=True)],
    )
    said = lines(instance)
    assert "train.py" in said
    assert "NoNewPrivs:\t1" in said
    assert os.listdir(code) == ["train.py"]
    refused = ("Read-only file system", "permitted", "denied", "not found", "must be superuser")
    assert sum(any(word in line for word in refused) for line in said) == 6


@pytest.mark.usefixtures("namespaces")
def test_a_hidden_home_is_empty_but_mounts_and_metrics_in_it_work(
    agent: AgentProcess, home: Path
) -> None:
    (home / "secret").write_text("the password")
    (home / "data" / "set").mkdir(parents=True)
    (home / "data" / "set" / "rows").write_text("1\n")
    instance = agent.run(
        f"ls -A {home}; cat {home}/secret; cat /data/rows; touch {home}/mine;"
        'echo \'{"t": 1, "metrics": {"a": 2}}\' >> $SLIPWAY_METRICS_FILE;'
        f"umount {home}; cat {home}/secret; cat /proc/$PPID/root{home}/secret;"
        f"cat /proc/{agent.process.pid}/root{home}/secret /proc/1/root{home}/secret; true",
        hide=[str(home)],
        mounts=[mount(home / "data" / "set", "/data")],
    )
    said = lines(instance)
    assert said[0] == "instances"  # the way to the metrics file, and nothing else
    assert "1" in said
    assert "the password" not in "".join(said)
    assert sum("Read-only file system" in line for line in said) == 1
    assert (instance.directory / "metrics.jsonl").read_text() == '{"t": 1, "metrics": {"a": 2}}\n'


@pytest.mark.usefixtures("namespaces")
def test_hiding_what_holds_the_python_environment_keeps_it_working(agent: AgentProcess) -> None:
    holds = os.path.dirname(sys.prefix)
    instance = agent.run(
        f"ls -A {holds}; cd /; python -c 'import slipway, httpx; print(slipway.__version__)'",
        hide=[holds],
    )
    said = lines(instance)
    assert said[-1] == "0.1.0"
    assert os.path.basename(sys.prefix) in said
    assert "pyproject.toml" not in said


@pytest.mark.usefixtures("namespaces")
def test_mounting_the_parent_of_a_hidden_directory_does_not_reveal_it(
    agent: AgentProcess, home: Path
) -> None:
    (home / "secret").write_text("the password")
    instance = agent.run(
        f"cat /all/{home.name}/secret; ls /new/place/{home.name}; true",
        hide=[str(home)],
        mounts=[mount(home.parent, "/all"), mount(home.parent, "/new/place")],
    )
    assert "the password" not in "".join(lines(instance))


@pytest.mark.usefixtures("namespaces")
def test_a_link_in_storage_does_not_open_up_what_is_hidden(agent: AgentProcess, home: Path) -> None:
    for name in ("secrets", "bucket"):
        (home / name).mkdir()
    (home / "secrets" / "password").write_text("the password")
    (home / "bucket" / "link").symlink_to(home / "secrets")
    (home.parent / "outside").symlink_to(home / "secrets")
    (home.parent / "other-name").symlink_to(home)
    for source in (home / "bucket" / "link", home.parent / "outside"):
        instance = agent.run(
            "cat /data/password", hide=[str(home)], mounts=[mount(source, "/data")]
        )
        assert instance.finished()["reason"] == (
            f"could not start: the source of /data leads through a link: {source}"
        )
    # The home itself may be reached by another name.
    plain = agent.run(
        "cat /data/password",
        hide=[str(home)],
        mounts=[mount(home.parent / "other-name" / "secrets", "/data")],
    )
    assert lines(plain) == ["the password"]


@pytest.mark.usefixtures("namespaces")
def test_a_target_behind_a_link_ends_up_where_the_link_points(
    agent: AgentProcess, code: Path, tmp_path: Path
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    instance = agent.run(
        f"cat {tmp_path}/real/a/b/train.py", mounts=[mount(code, f"{tmp_path}/link/a/b")]
    )
    assert lines(instance) == ["print('trained')"]
    assert os.listdir(tmp_path / "real") == []


@pytest.mark.parametrize("isolate", ["auto", "off"])
def test_a_missing_source_could_not_start(agent: AgentProcess, isolate: str) -> None:
    instance = agent.run("true", mounts=[mount("/no/such/source", "/x")], isolate=isolate)
    assert instance.finished()["reason"] == (
        "could not start: the source of /x does not exist: /no/such/source"
    )


@pytest.mark.usefixtures("namespaces")
def test_a_directory_cannot_cover_a_file(agent: AgentProcess, code: Path) -> None:
    instance = agent.run("true", mounts=[mount(code, "/etc/hostname")])
    assert instance.finished()["reason"] == (
        "could not start: could not mount a directory at /etc/hostname: there is a file"
    )


@pytest.mark.covers("TRN-22")
def test_without_a_namespace_variables_say_where_things_are(
    agent: AgentProcess, code: Path
) -> None:
    instance = agent.run(
        "pwd; python train.py; cat $PARAMETERS; echo $CODE $SLIPWAY_NAMESPACE; cat $INNER",
        workdir="/opt/ml/code",
        mounts=[mount(code, "/opt/ml/code", env="CODE")],
        files=[
            {"target": "/opt/ml/input/p.json", "text": '{"lr":  0.1}\n', "env": "PARAMETERS"},
            {"target": "/etc/mpi/hostfile", "text": "a slots=2\n", "env": "INNER"},
        ],
        isolate="off",
    )
    assert lines(instance) == [str(code), "trained", '{"lr":  0.1}', f"{code} 0", "a slots=2"]
    work = instance.directory / "work"
    assert (work / "opt/ml/input/p.json").read_text() == '{"lr":  0.1}\n'
    assert instance.running()["namespace"] is False
    assert not os.path.exists("/opt/ml/code")


# As nobody: the platform of an ordinary user. What is loaded before may be out of reach after.
AS_NOBODY = [
    sys.executable,
    "-c",
    "import ctypes, os, sys\n"
    "from slipway.runtime import agent\n"
    "os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)\n"
    "ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)\n"  # as after an ordinary login, not a setuid
    "os.environ['PATH'] = '/usr/bin:/bin'\n"
    "{}"
    "agent.main(sys.argv[1:])\n",
]


@pytest.fixture
def agent_as_nobody(
    start_agent: Callable[..., AgentProcess],
) -> Iterator[Callable[[str], AgentProcess]]:
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else; these tests then run as they are")
    with tempfile.TemporaryDirectory(prefix="in-nobody-") as directory:
        home = Path(directory)
        (home / "instances").mkdir()
        for path in (home, home / "instances"):
            os.chown(path, 65534, 65534)

        def start(before: str = "") -> AgentProcess:
            *command, program = AS_NOBODY
            return start_agent([*command, program.format(before)], home)

        yield start


def test_an_ordinary_user_gets_real_paths_too(agent_as_nobody) -> None:
    agent = agent_as_nobody()
    data = agent.home / "data"
    data.mkdir()
    (data / "rows").write_text("1\n")
    os.chown(data, 65534, 65534)
    instance = agent.run(
        "id -u; cat /data/model/rows /opt/ml/p.json; echo new > /data/model/new;"
        f"grep CapEff /proc/self/status; ls -A {agent.home}; touch /opt/ro/x; true",
        mounts=[mount(data, "/data/model"), mount(data, "/opt/ro", read_only=True)],
        files=[{"target": "/opt/ml/p.json", "text": "{}\n", "env": None}],
        hide=[str(agent.home)],
        pre_start="cat /data/model/rows",
        pre_stop=["cat", "/data/model/rows"],
    )
    instance.finished()
    if not instance.running()["namespace"]:
        pytest.skip(f"no user namespaces here: {instance.running()['notes']}")
    said = lines(instance)
    assert said[:3] == ["65534", "1", "{}"]
    assert "CapEff:\t0000000000000000" in said
    assert said[-2:] == ["instances", "touch: cannot touch '/opt/ro/x': Read-only file system"]
    assert (data / "new").read_text() == "new\n"
    assert "1" in instance.log_lines("P")


def test_where_namespaces_are_not_permitted_variables_have_to_do(agent_as_nobody) -> None:
    # In a user namespace that knows no user the kernel refuses to make another one.
    agent = agent_as_nobody("ctypes.CDLL(None).unshare(0x10000000)\n")
    data = agent.home / "data"
    data.mkdir()
    os.chown(data, 65534, 65534)
    instance = agent.run(
        "echo $DATA $SLIPWAY_NAMESPACE; pwd",
        workdir="/data/model",
        mounts=[mount(data, "/data/model", env="DATA")],
    )
    assert lines(instance) == [f"{data} 0", str(data)]
    identity = instance.running()
    assert identity["namespace"] is False
    assert identity["notes"][-1].startswith("Paths are not isolated: a mount namespace is not")


def test_a_stop_works_in_a_user_namespace(agent_as_nobody) -> None:
    agent = agent_as_nobody()
    instance = agent.run("setsid sleep 71 & echo ready; wait", grace_s=1)
    instance.says("ready")
    instance.signal_runner(signal.SIGTERM)
    assert instance.finished()["stopped"]
