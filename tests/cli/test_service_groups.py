"""`slipway service-group` and `slipway calls`, from a running service to the figures of its calls."""

from __future__ import annotations

import json
import time

import httpx

from tests.cli.conftest import Shell

ECHO = (
    "exec python3 -c 'import http.server as s, json, os\n"
    "class H(s.BaseHTTPRequestHandler):\n"
    '  protocol_version = "HTTP/1.1"\n'
    "  def do_GET(self): self.do_POST()\n"
    "  def do_POST(self):\n"
    '    self.rfile.read(int(self.headers.get("content-length", 0)))\n'
    '    body = json.dumps({"usage": {"prompt_tokens": 3, "completion_tokens": 4,'
    ' "total_tokens": 7}}).encode()\n'
    "    self.send_response(200)\n"
    '    self.send_header("content-type", "application/json")\n'
    '    self.send_header("content-length", str(len(body)))\n'
    "    self.end_headers()\n"
    "    self.wfile.write(body)\n"
    "  def log_message(self, *a): pass\n"
    's.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), H).serve_forever()\''
)


def test_from_a_group_to_the_figures_of_its_calls(shell: Shell) -> None:
    service = json.loads(
        shell.ok("service", "create", "echo", "--runtime", "custom", "-c", ECHO,
                 "--memory-gib", "0.1", "--cpu", "0.1", "--json")
    )["id"]  # fmt: skip
    made = json.loads(
        shell.ok("service-group", "create", "team", "--service", service, "--rpm", "3", "--json")
    )
    group, secret = made["id"], made["secret"]
    assert shell.ok("service-group", "key", group).strip() == secret
    call = {"model": service, "messages": [{"role": "user", "content": "hi"}]}

    def status(key: str) -> int:
        return httpx.post(
            f"{made['address']}/chat/completions", json=call, timeout=30,
            headers={"authorization": f"Bearer {key}"},
        ).status_code  # fmt: skip

    until(lambda: status(secret) == 200)
    until(lambda: status(secret) == 429)
    assert "rpm" in shell.ok("service-group", "get", group)
    shell.ok("service-group", "limit", group, "--tpd", "100000")
    fresh = shell.ok("service-group", "reset-key", group, "--yes").strip()
    until(lambda: status(fresh) == 200)
    assert status(secret) == 401
    shell.ok("service-group", "disable", group)
    until(lambda: status(fresh) == 401)
    shell.ok("service-group", "enable", group)
    shell.ok("service-group", "ban", group, "leaked")
    until(lambda: status(fresh) == 429)
    shell.ok("service-group", "unban", group)
    until(lambda: status(fresh) == 200)
    assert "team" in shell.ok("service-group", "list")

    def codes() -> set[str]:
        found = json.loads(shell.ok("calls", "--group", group, "--json"))
        return {failure["code"] for failure in found["failures"]}

    until(lambda: codes() == {"700001", "700003", "500004"})
    table = shell.ok("calls", "--range", "today")
    assert "team" in table and "echo" in table
    lines = shell.ok("calls", "--group", group, "--export", "-").splitlines()
    assert lines[0].startswith("model,group_id,") and group in lines[1]
    shell.ok("service-group", "delete", group, "--yes")
    until(lambda: status(fresh) == 401)
    assert shell.run("service-group", "get", group).returncode == 1


def until(good, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not good():
        assert time.monotonic() < deadline
        time.sleep(0.05)
