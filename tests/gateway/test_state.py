"""The routing table as the feed changes it."""

import json

import pytest

from slipway.gateway.state import BadFeed, State

from .control_plane import group, key, llm_service, service


def reset(*services, keys=(), groups=()):
    return {"op": "reset", "version": 3, "services": services, "keys": keys, "groups": groups}


def test_a_reset_replaces_everything():
    state = State()
    state.apply(reset(service("ms-old", 1), keys=[key("k-old", "a", "ms-old")]))
    state.apply(reset(service("ms-new", 2), groups=[group("sg-1", "ms-new")]))
    assert set(state.services) == {"ms-new"}
    assert set(state.versions) == {"ms-new-1"}
    assert state.find_key(b"a") is None
    assert state.groups["sg-1"].services == ("ms-new",)
    assert state.version == 3


def test_a_new_hash_replaces_the_old_one_at_once():
    state = State()
    state.apply(reset(keys=[key("k-1", "old")]))
    state.apply({"op": "put", "kind": "key", "id": "k-1", "value": key("k-1", "new")})
    assert state.find_key(b"old") is None
    assert state.find_key(b"new").id == "k-1"
    state.apply({"op": "delete", "kind": "key", "id": "k-1"})
    assert state.find_key(b"new") is None


def test_a_version_that_is_gone_has_no_path():
    state = State()
    state.apply(reset(service("ms-1", 1)))
    state.apply({"op": "put", "kind": "service", "value": service("ms-1", 1, versions=[])})
    assert state.versions == {}
    state.apply({"op": "delete", "kind": "service", "id": "ms-1"})
    assert state.services == {}


def test_an_isolated_replica_gets_nothing():
    value = service("ms-1", 1, 2)
    value["versions"][0]["replicas"][0]["isolated"] = True
    state = State()
    state.apply(reset(value))
    assert [r.id for r in state.versions["ms-1-1"][1].replicas] == ["ms-1-r1"]


def test_one_broken_object_does_not_cost_the_others():
    state = State()
    broken = {"id": "ms-broken", "versions": 7}
    with pytest.raises(BadFeed, match="ms-broken"):
        state.apply(reset(broken, service("ms-1", 1)))
    assert set(state.services) == {"ms-1"}


@pytest.mark.parametrize(
    "message",
    [
        {"op": "fly"},
        {"op": "put", "kind": "service"},
        {"op": "put", "kind": "planet", "value": {"id": "x"}},
        {"op": "put", "kind": "key", "value": {"id": "k-1"}},
        {"op": "put", "kind": "key", "value": {**key("k-1", "a"), "expires_at": "tomorrow"}},
        {"op": "put", "kind": "group", "value": {"id": None, "enabled": True}},
        {"op": "delete", "kind": "planet", "id": "x"},
    ],
)
def test_what_is_not_understood_changes_nothing(message):
    state = State()
    state.apply(reset(llm_service("ms-1", 1), keys=[key("k-1", "a", "ms-1")]))
    before = json.dumps(state.dump())
    with pytest.raises(BadFeed):
        state.apply(message)
    assert json.dumps(state.dump()) == before


def test_what_is_dumped_can_be_applied_again():
    state = State()
    keys = [key("k-1", "a", "ms-1", expires_at="2030-01-01T00:00:00Z", group="sg-1")]
    state.apply(reset(llm_service("ms-1", 1, 2), keys=keys, groups=[group("sg-1", "ms-1")]))
    again = State()
    again.apply(json.loads(json.dumps(state.dump())))
    assert again == state
    assert again.find_key(b"a").expires_at == 1893456000.0
