"""What each mode makes of a request: roles, variables (table T4), files, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.base.errors import Invalid
from slipway.compute.modes import ray
from slipway.compute.modes.base import RoleAsk, Shape
from slipway.compute.modes.registry import RULES
from slipway.compute.types import Instance, InstanceState, Mode, Resources, Role

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CPU = Resources(1, 1 << 30)


def shape(instances: int = 2, resources: Resources = CPU, **roles: int) -> Shape:
    asked = tuple(RoleAsk(name, count, "", resources) for name, count in roles.items())
    return Shape("run", instances, resources, asked)


def placed(roles: Sequence[Role], hosts: Sequence[str] = ()) -> list[Instance]:
    """The roles' instances in rank order, each with ports of its own."""
    places = [(role, index) for role in roles for index in range(role.count)]
    return [
        Instance(
            f"train-1-{role.name}-{index}-abcde", "wl-1", 1, role.name, index, rank, f"node-{rank}",
            "process", hosts[rank] if hosts else "127.0.0.1",
            {name: 20000 + 10 * rank + n for n, name in enumerate(role.ports)}, role.resources, (),
            InstanceState.PLACED, (), None, NOW, None, None, None, None, "",
        )
        for rank, (role, index) in enumerate(places)
    ]  # fmt: skip


def wired(mode: Mode, asked: Shape, hosts: Sequence[str] = ()) -> list[dict[str, str]]:
    instances = placed(RULES[mode].roles(asked), hosts)
    return [RULES[mode].wiring(instances, own) for own in instances]


@pytest.mark.covers("TRN-52")
def test_ddp_counts_instances_and_names_the_master() -> None:
    first, second = wired(Mode.DDP, shape(2, Resources(1, 1, gpus=4)), ["10.0.0.1", "10.0.0.2"])
    assert first["NODE_LIST"] == second["NODE_LIST"] == "10.0.0.1:4,10.0.0.2:4"
    shared = {"MASTER_ADDR": "10.0.0.1", "WORLD_SIZE": "2", "GPU_NUM": "8", "GPU_NUM_PER_NODE": "4"}
    assert shared.items() <= first.items() and shared.items() <= second.items()
    assert (first["RANK"], second["RANK"]) == (first["INDEX"], second["INDEX"]) == ("0", "1")
    assert first["MASTER_PORT"] == second["MASTER_PORT"] == "20000"


def test_ddp_workers_come_after_the_master() -> None:
    master, worker = RULES[Mode.DDP].roles(shape(3))
    assert (master.count, worker.count, worker.after) == (1, 2, ("master",))


@pytest.mark.covers("TRN-54", "TRN-55")
@pytest.mark.parametrize("mode", [Mode.MPI, Mode.HOROVOD])
def test_mpi_hosts_have_names_of_their_own_also_on_one_machine(mode: Mode) -> None:
    rules, asked = RULES[mode], shape(2)
    instances = placed(rules.roles(asked))
    (host_file,) = rules.files(instances)
    assert host_file.target == "/etc/mpi/hostfile"
    assert host_file.env == "OMPI_MCA_orte_default_hostfile"
    assert host_file.text == "train-1-launcher-0 slots=1\ntrain-1-worker-0 slots=1\n"
    env = rules.wiring(instances, instances[1])
    assert env["NODE_IP_SLOT_LIST"] == "127.1.0.1:1,127.1.0.2:1"
    assert (env["GPU_NUM"], env["GPU_NUM_PER_NODE"]) == ("0", "0")
    assert env["NODE_LIST"] == "127.1.0.1:0,127.1.0.2:0"
    peers = json.loads(env["SLIPWAY_MPI_PEERS"])
    assert peers["127.1.0.2"] == peers["train-1-worker-0"] == ["127.0.0.1", 20010]


@pytest.mark.covers("TRN-55")
def test_mpi_slots_are_cards_and_addresses_the_nodes_own() -> None:
    env = wired(Mode.MPI, shape(2, Resources(1, 1, gpus=8)), ["10.0.0.1", "10.0.0.2"])[0]
    assert env["NODE_IP_SLOT_LIST"] == "10.0.0.1:8,10.0.0.2:8"


@given(st.lists(st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3"]), min_size=1, max_size=6))
def test_no_two_mpi_instances_share_a_label(hosts: list[str]) -> None:
    env = wired(Mode.MPI, shape(len(hosts)), hosts)[0]
    labels = env["NODE_IP_SLOT_LIST"].split(",")
    assert len(set(labels)) == len(hosts)


@pytest.mark.covers("TRN-54")
def test_one_mpi_instance_is_the_launcher_alone() -> None:
    (launcher,) = RULES[Mode.MPI].roles(shape(1))
    assert (launcher.name, launcher.decides) == ("launcher", True)


@pytest.mark.covers("TRN-56")
def test_horovod_runs_the_command_on_the_launcher_only_and_it_decides() -> None:
    launcher, worker = RULES[Mode.HOROVOD].roles(shape(3))
    assert launcher.argv is not None and launcher.argv[-2:] == ("launcher", "run")
    assert worker.argv is not None and worker.argv[-1] == "serve"
    assert (launcher.decides, worker.decides, worker.count) == (True, False, 2)


@pytest.mark.covers("TRN-57")
def test_tf_config_tells_each_its_role_and_where_the_others_are() -> None:
    configs = [json.loads(env["TF_CONFIG"]) for env in wired(Mode.PS, shape(ps=1, worker=2))]
    cluster = {"ps": ["127.0.0.1:20000"], "worker": ["127.0.0.1:20010", "127.0.0.1:20020"]}
    assert [c["task"] for c in configs] == [
        {"type": "ps", "index": 0}, {"type": "worker", "index": 0}, {"type": "worker", "index": 1},
    ]  # fmt: skip
    assert all(c["cluster"] == cluster and c["environment"] == "cloud" for c in configs)


@pytest.mark.covers("TRN-58", "TRN-60")
def test_ray_has_a_head_and_counts_whole_cpus_and_cards() -> None:
    head, worker = wired(Mode.RAY, shape(resources=Resources(0.7, 1, gpus=0.2), head=1, big=1))
    assert (head["RANK"], worker["RANK"]) == ("0", "1")
    assert head["RAY_ADDRESS"] == worker["RAY_ADDRESS"] == "127.0.0.1:20000"
    assert (head["HEAD_ADDR"], head["HEAD_PORT"]) == ("127.0.0.1", "20000")
    assert (worker["SLIPWAY_RAY_CPUS"], worker["SLIPWAY_RAY_GPUS"]) == ("0", "1")


@pytest.mark.covers("TRN-60")
def test_a_fractional_cpu_request_of_a_ray_role_is_warned_of() -> None:
    asked = shape(head=1, workers=2)
    assert ray.warnings(asked) == ()
    few = replace(asked.roles[1], resources=Resources(0.7, 1))
    (words,) = ray.warnings(replace(asked, roles=(asked.roles[0], few)))
    assert "workers" in words and "of which Ray sees 0" in words


refused: list[tuple[Mode, dict[str, Any], str]] = [
    (Mode.PS, {"ps": 1}, "needs the role worker"),
    (Mode.PS, {"ps": 0, "worker": 1}, "1 to 1000"),
    (Mode.PS, {"ps": 1, "worker": 1, "chief": 1}, "not 'chief'"),
    (Mode.RAY, {"workers": 1}, "needs the role head"),
    (Mode.RAY, {"head": 2}, "exactly 1"),
    (Mode.RAY, {"head": 1, "a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1}, "at most 5"),
]


@pytest.mark.covers("TRN-57", "TRN-58")
@pytest.mark.parametrize(("mode", "roles", "words"), refused)
def test_roles_that_the_mode_does_not_have_are_refused(
    mode: Mode, roles: dict[str, int], words: str
) -> None:
    with pytest.raises(Invalid, match=words) as caught:
        RULES[mode].roles(shape(**roles))
    assert caught.value.details["field"] == "roles"
