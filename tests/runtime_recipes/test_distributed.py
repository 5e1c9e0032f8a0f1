import pytest

from slipway.runtime.recipes.distributed import is_main, prepare_environment

pytestmark = pytest.mark.covers("TRN-52")


def test_a_single_node_is_no_group_at_all() -> None:
    env = {"WORLD_SIZE": "1", "RANK": "0", "MASTER_ADDR": "10.0.0.1", "MASTER_PORT": "23456"}
    prepare_environment(env)
    assert env == {}
    assert is_main(env)


def test_without_a_launcher_each_node_is_one_process() -> None:
    env = {"WORLD_SIZE": "2", "RANK": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "23456"}
    prepare_environment(env)
    assert env["LOCAL_RANK"] == "0"
    assert env["LOCAL_WORLD_SIZE"] == "1"
    assert env["GLOO_SOCKET_IFNAME"] == "lo"
    assert not is_main(env)


def test_a_launcher_s_word_is_left_as_it_is() -> None:
    env = {"WORLD_SIZE": "4", "RANK": "3", "LOCAL_RANK": "1", "MASTER_ADDR": "10.0.0.1"}
    before = dict(env)
    prepare_environment(env)
    assert env == before
