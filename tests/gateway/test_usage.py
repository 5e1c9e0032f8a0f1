"""No usage is lost: not with the control plane away, not with kill -9, not twice."""

import json

import httpx
import pytest

from slipway.gateway.control import ControlAway
from slipway.gateway.control import ControlPlane as Peer
from slipway.gateway.usage import UsageJournal

from .control_plane import TOKEN, key, llm_service
from .loop_thread import wait_for
from .upstreams import openai_like

CHAT = {"messages": [{"role": "user", "content": "hi"}]}


@pytest.fixture
def prepared(control, upstream):
    """A control plane that knows one LLM service with a key. Returns a function that calls it."""
    control.objects["service"]["ms-1"] = llm_service("ms-1", upstream(openai_like).port)
    control.objects["key"]["key-1"] = key("key-1", "secret", "ms-1")

    def call(gateway) -> str:
        answer = httpx.post(
            f"{gateway.url}/v1/chat/completions",
            json={"model": "ms-1-model", **CHAT},
            headers={"authorization": "Bearer secret"},
        )
        assert answer.status_code == 200
        return answer.headers["x-request-id"]

    return call


def kept(gateway) -> list[dict]:
    files = sorted((gateway.home / "run" / "gateway-usage").glob("*.json"))
    return [record for file in files for record in json.loads(file.read_bytes())["records"]]


def test_usage_reaches_the_control_plane_within_a_second_and_leaves_the_disk(
    control, prepared, start_gateway
):
    gateway = start_gateway(control.url)
    gateway.wait_connected()
    asked = {prepared(gateway) for _ in range(20)}
    wait_for(lambda: {r["id"] for r in control.records} == asked, "all records", timeout_s=1.5)
    wait_for(lambda: not kept(gateway), "the journal to be empty")
    assert all(r["time"].endswith("Z") and r["prompt_tokens"] == 9 for r in control.records)


def test_kill_9_loses_no_usage_that_is_a_second_old(control, prepared, start_gateway):
    gateway = start_gateway(control.url)
    gateway.wait_connected()
    control.usage_status = 503
    asked = {prepared(gateway) for _ in range(10)}
    wait_for(lambda: {r["id"] for r in kept(gateway)} == asked, "the journal", timeout_s=1.5)
    gateway.kill()
    control.usage_status = 204
    assert control.records == []
    again = start_gateway(control.url)
    wait_for(lambda: {r["id"] for r in control.records} == asked, "all records")
    wait_for(lambda: not kept(again), "the journal to be empty")
    assert len(control.records) == 10


def test_a_batch_keeps_its_name_when_it_is_sent_again(control, prepared, start_gateway):
    gateway = start_gateway(control.url)
    gateway.wait_connected()
    control.usage_status = 500
    prepared(gateway)
    wait_for(lambda: kept(gateway), "the journal")
    [file] = (gateway.home / "run" / "gateway-usage").glob("*.json")
    name = json.loads(file.read_bytes())["batch"]
    assert name in file.name
    control.usage_status = 200
    wait_for(lambda: control.batches, "the batch")
    assert control.batches[0]["batch"] == name


def test_a_clean_stop_leaves_nothing_behind(control, prepared, start_gateway):
    gateway = start_gateway(control.url)
    gateway.wait_connected()
    request_id = prepared(gateway)
    assert gateway.stop() == 0
    assert [r["id"] for r in control.records] == [request_id]
    assert kept(gateway) == []


def test_a_stop_without_control_plane_keeps_usage_on_disk(control, prepared, start_gateway):
    gateway = start_gateway(control.url)
    gateway.wait_connected()
    control.close()
    request_id = prepared(gateway)
    assert gateway.stop() == 0
    assert [r["id"] for r in kept(gateway)] == [request_id]


def test_a_batch_that_is_never_taken_does_not_hold_up_the_others(control, prepared, start_gateway):
    gateway = start_gateway(control.url)
    gateway.wait_connected()
    control.usage_status = 422
    bad = prepared(gateway)
    aside = gateway.home / "run" / "gateway-usage" / "refused"
    wait_for(lambda: list(aside.glob("*.json")), "the batch to be put aside")
    control.usage_status = 200
    good = prepared(gateway)
    wait_for(lambda: [r["id"] for r in control.records] == [good], "the next batch")
    [file] = aside.glob("*.json")
    assert [r["id"] for r in json.loads(file.read_bytes())["records"]] == [bad]


def test_refusals_of_known_callers_are_recorded_and_of_strangers_not(
    control, prepared, start_gateway
):
    control.objects["key"]["key-1"]["limits"] = {"rpm": 1}
    gateway = start_gateway(control.url)
    gateway.wait_connected()
    prepared(gateway)
    sent = {"json": {"model": "ms-1-model", **CHAT}}
    url = f"{gateway.url}/v1/chat/completions"
    assert httpx.post(url, headers={"authorization": "stranger"}, **sent).status_code == 401
    assert httpx.post(url, headers={"authorization": "secret"}, **sent).status_code == 429
    wait_for(lambda: len(control.records) == 2, "both records")
    refused = control.records[1]
    assert (refused["status"], refused["error_code"], refused["service"]) == (429, "rpm", "ms-1")
    assert refused["prompt_tokens"] == 0 and refused["replica"] is None


async def test_a_full_disk_keeps_records_in_memory(tmp_path):
    token = tmp_path / "token"
    token.write_text(TOKEN)
    directory = tmp_path / "usage"
    journal = UsageJournal(directory, Peer("http://127.0.0.1:9", token))
    journal.open()
    journal.add(b'{"id":"a"}')
    directory.rmdir()  # nothing can be written now
    await journal.flush()
    assert journal.unsent_batches == 0
    directory.mkdir()
    journal.add(b'{"id":"b"}')
    await journal.flush()
    [file] = directory.glob("*.json")
    assert [r["id"] for r in json.loads(file.read_bytes())["records"]] == ["a", "b"]
    with pytest.raises(ControlAway):
        await journal.send_all()
    assert file.exists()
