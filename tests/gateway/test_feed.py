"""The control plane comes and goes; calls go on."""

import json
import stat

import httpx

from .control_plane import TOKEN, service
from .loop_thread import wait_for
from .upstreams import echo


def test_calls_go_on_while_the_control_plane_is_away_and_changes_come_after(
    control, upstream, start_gateway
):
    control.put("service", service("ms-1", upstream(echo).port))
    gateway = start_gateway(control.url)
    gateway.wait_connected()
    control.close()
    wait_for(lambda: gateway.health()["control"] == "away", "the gateway to notice")
    assert httpx.get(f"{gateway.url}/ms-1/").status_code == 200
    control.objects["service"] = {"ms-2": service("ms-2", upstream(echo).port)}
    control.version += 1
    control.start()  # the same port again
    gateway.wait_connected()
    assert httpx.get(f"{gateway.url}/ms-2/").status_code == 200
    assert httpx.get(f"{gateway.url}/ms-1/").status_code == 404
    assert gateway.health()["version"] == control.version


def test_a_restarted_gateway_serves_before_the_control_plane_is_back(
    control, upstream, start_gateway
):
    control.put("service", service("ms-1", upstream(echo).port))
    gateway = start_gateway(control.url)
    gateway.wait_connected()
    kept = gateway.home / "run" / "gateway-state.json"
    wait_for(kept.exists, "the kept state")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    gateway.kill()
    control.close()
    again = start_gateway(control.url)
    assert again.health()["control"] == "away"
    assert httpx.get(f"{again.url}/ms-1/x").json()["target"] == "/x"


def test_a_broken_kept_state_does_not_keep_the_gateway_from_starting(
    control, upstream, start_gateway, tmp_path
):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "gateway-state.json").write_text('{"op": "reset", "services": [{}]')
    (tmp_path / "run" / "gateway-limits.mem").write_text("[1]")
    control.put("service", service("ms-1", upstream(echo).port))
    gateway = start_gateway(control.url)
    gateway.wait_connected()
    assert httpx.get(f"{gateway.url}/ms-1/").status_code == 200


def test_a_message_that_is_not_understood_is_reported_and_the_rest_counts(
    control, upstream, start_gateway
):
    gateway = start_gateway(control.url)
    gateway.wait_connected()
    control.say_raw(b'{"op": "put", "kind": "service", "value": {"id": "ms-bad"}}\n')
    control.say_raw(b"\n")
    gateway.wait_version(control.put("service", service("ms-1", upstream(echo).port)))
    assert httpx.get(f"{gateway.url}/ms-1/").status_code == 200
    assert "ms-bad" in gateway.errors.read_text()


def test_a_line_that_is_no_json_makes_the_gateway_ask_anew(control, upstream, start_gateway):
    gateway = start_gateway(control.url)
    gateway.wait_connected()
    control.objects["service"]["ms-1"] = service("ms-1", upstream(echo).port)
    control.say_raw(b"garbage\n")
    wait_for(lambda: httpx.get(f"{gateway.url}/ms-1/").status_code == 200, "the new whole state")


def test_a_change_is_kept_on_disk(control, upstream, start_gateway):
    gateway = start_gateway(control.url)
    gateway.wait_connected()
    control.put("service", service("ms-1", upstream(echo).port))
    kept = gateway.home / "run" / "gateway-state.json"
    wait_for(lambda: kept.exists() and b"ms-1" in kept.read_bytes(), "the kept state")
    assert [s["id"] for s in json.loads(kept.read_bytes())["services"]] == ["ms-1"]


def test_a_wrong_token_is_refused_and_a_right_one_found_without_restart(
    control, upstream, start_gateway
):
    control.put("service", service("ms-1", upstream(echo).port))
    gateway = start_gateway(control.url)
    gateway.wait_connected()
    token = gateway.home / "run" / "gateway.token"
    token.write_text("wrong")
    control.say_raw(b"garbage\n")
    wait_for(lambda: control.refused, "the refusal")
    assert gateway.health()["control"] == "away"
    token.write_text(TOKEN)
    gateway.wait_connected()
