"""A service's life from the command line: versions, traffic, scaling, updates, instances, alarms."""

from __future__ import annotations

import json
import sys

from slipway.sdk.waiting import wait_until
from tests.cli.conftest import Shell
from tests.cli.conftest import shell as shell

SERVER = "import http.server as h, os; h.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), h.SimpleHTTPRequestHandler).serve_forever()"
COMMAND = f'exec {sys.executable} -S -c "{SERVER}"'
SMALL = ("--command", COMMAND, "--cpu", "0.1", "--memory-gib", "0.1", "--runtime", "custom")


def test_versions_traffic_scaling_updates_and_instances(shell: Shell) -> None:
    made = json.loads(shell.ok("service", "create", "echo", *SMALL, "--json"))
    service, first = made["id"], f"{made['id']}-1"
    second = json.loads(shell.ok("service", "add-version", service, *SMALL, "--json"))["id"]
    api = shell.platform.client().services
    api.wait(service, timeout_s=60)

    assert "manual" in shell.ok("service", "autoscale", first)
    timed = shell.ok("service", "autoscale", first, "--at", "0 8 * * *=2", "--at", "0 20 * * *=1")
    assert "at 0 20 * * *" in timed
    loaded = shell.ok("service", "autoscale", first, "--metric", "cpu-util=70", "--max", "3")
    assert ("hpa" in loaded, "metric cpu-util" in loaded) == (True, True)
    assert api.scaling(first).max_replicas == 3
    shell.ok("service", "autoscale", first, "--off")
    refused = shell.run("service", "autoscale", first, "--metric", "cpu-util=1")
    assert (refused.returncode, "threshold" in refused.stderr) == (1, True)

    history = json.loads(shell.ok("service", "updates", first, "--json"))
    assert [u["kind"] for u in history] == ["scale", "scale", "scale", "create"]
    reverted = shell.ok("service", "revert", first, history[-1]["id"])
    assert "Going back" in reverted

    wait_until(lambda: api.get_version(second), ("Normal", "Abnormal"), timeout_s=60, progress=None)
    shell.ok("service", "weights", service, f"{first}=90", f"{second}=10")
    assert "10 %" in shell.ok("service", "versions", service)
    started = json.loads(
        shell.ok(
            "service", "rollout", service, "--version", second, "--step", "50:600", "--step", "100",
            "--json",
        )
    )  # fmt: skip
    assert (started["state"], started["weight"]) == ("running", 50)
    assert "cancelled" in shell.ok("service", "rollout", service, "--cancel")

    (replica,) = json.loads(shell.ok("service", "instances", second, "--json"))
    shell.ok("service", "isolate", second, replica["id"])
    assert "ContainerReadyIsolated" in shell.ok("service", "instances", second)
    shell.ok("service", "release", second, replica["id"])

    shell.ok("service", "alarm", service, "slow", "--metric", "p95-ms", "--threshold", "200")
    assert "p95-ms > 200 for 3 min" in shell.ok("service", "alarms", service)
    assert "vllm" in shell.ok("service", "engines")
    assert "onnx1.11.1-py38" in shell.ok("env", "presets")
