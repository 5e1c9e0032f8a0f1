"""The examples of the README, the SDK guide and the quick starts do what their text says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from slipway import Client
from tests.docs.conftest import Reader

ROOT = Path(__file__).resolve().parents[2]
_PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
_SHELL = re.compile(r"^<!-- tested -->\n```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
_TIMEOUT_S = 300

pytestmark = pytest.mark.slow


def blocks(page: str, pattern: re.Pattern[str]) -> list[str]:
    found = pattern.findall((ROOT / page).read_text(encoding="utf-8"))
    assert found, f"{page} has no example to test"
    return found


def run(reader: Reader, page: str, command: list[str]) -> str:
    """Run a page's examples in a project of their own, in the repository's directory."""
    name = page.replace("/", "-").replace(".", "-")
    with Client(reader.url, reader.token) as admin:
        project = admin.accounts.create_project(name).id
    with Client(reader.url, reader.token, project) as client:
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=reader.environment(project), capture_output=True, text=True,
                timeout=_TIMEOUT_S, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        finally:
            for service in client.services.list():
                if service.blocked["stop"] is None:
                    client.services.stop_all(service.id)
    assert done.returncode == 0, f"{page}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_readmes_example_ends_with_the_address_of_a_service(reader: Reader) -> None:
    (example,) = blocks("README.md", _PYTHON)
    assert len(example.splitlines()) <= 12
    output = run(reader, "README.md", [sys.executable, "-W", "error", "-c", example])
    assert "epoch 5" in output
    assert re.search(r"^http://\S+/ms-\w+$", output.splitlines()[-1])


def test_both_readmes_have_the_same_example() -> None:
    def code(page: str) -> list[str]:
        (example,) = blocks(page, _PYTHON)
        return [line.split("  #")[0] for line in example.splitlines()]

    assert code("README.zh.md") == code("README.md")


def test_the_sdk_guide_runs_from_top_to_bottom(reader: Reader) -> None:
    program = "\n".join(blocks("docs/sdk.md", _PYTHON))
    output = run(reader, "docs/sdk.md", [sys.executable, "-W", "error", "-c", program])
    for expected in (
        "available 1 records", "epoch 3", "v1 Succeeded", "{'kind': 'setosa'}", "name_taken",
        "There is no training task train-unknown", "unreachable", "guide Completed None",
    ):  # fmt: skip
        assert expected in output


@pytest.mark.parametrize("page", ["docs/quickstart.md", "docs/quickstart.zh.md"])
def test_a_quick_start_ends_with_a_prediction(reader: Reader, page: str) -> None:
    script = "\n".join(blocks(page, _SHELL))
    output = run(reader, page, ["bash", "-euo", "pipefail", "-c", script])
    assert "epoch 8" in output
    assert '"kind": "virginica"' in output
