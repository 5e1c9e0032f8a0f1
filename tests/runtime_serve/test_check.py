"""`slipway serve check`: what is said about good and bad packages, as a user runs it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from slipway.runtime.serve.check import same

ADDER = """
import tiinfer
class Adder(tiinfer.Model):
    def predict(self, request):
        return {"result": request["a"] + request["b"]}
"""


def check(package: Path, *options: str) -> tuple[int, str]:
    slipway = Path(sys.executable).with_name("slipway")
    found = subprocess.run(
        [str(slipway), "serve", "check", str(package), *options],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert "Traceback" not in found.stderr
    return found.returncode, found.stdout


@pytest.fixture
def package(tmp_path):
    (tmp_path / "model_service.py").write_text(ADDER)
    (tmp_path / "test.json").write_text('{"a": 1, "b": 2.5}')
    (tmp_path / "expected.json").write_text('{"result": 3.5000001}')
    return tmp_path


@pytest.mark.covers("INF-X7")
def test_a_good_package_passes_with_its_latency_and_memory(package):
    (package / "requirements.txt").write_text("numpy\n")
    status, said = check(package)
    assert status == 0, said
    names = [line[7:].split(":")[0] for line in said.splitlines()]
    assert names == [
        "package", "hooks", "requirements.txt", "start", "test.json", "latency", "memory",
    ]  # fmt: skip
    assert "class Adder with predict" in said
    assert "the answer is that of expected.json" in said
    assert "ok     latency: median " in said
    assert " MiB at most" in said


@pytest.mark.covers("INF-X7")
@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("model_service.py", "def (", "FAILED model_service.py: it is no Python"),
        ("requirements.txt", "--no-index\nslipway-no-such==1\n", "FAILED requirements.txt: it cannot be resolved"),
        ("model_service.py", "import nowhere\n" + ADDER, "No module named 'nowhere'"),
        ("test.json", "{}", "FAILED test.json: the answer has the status 500"),
        ("expected.json", '{"result": 4}', "FAILED test.json: the answer is not that of expected.json"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(package, file, text, reason):
    (package / file).write_text(text)
    status, said = check(package)
    assert status == 1
    assert reason in said


@pytest.mark.covers("INF-X7")
def test_a_folder_without_a_package_and_a_look_without_a_run(package, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    status, said = check(empty)
    assert (status, "FAILED package: model_service.py not found" in said) == (1, True)
    status, said = check(package, "--no-run")
    assert (status, len(said.splitlines())) == (0, 3)


@pytest.mark.parametrize(
    ("found", "wanted", "equal"),
    [
        (1.0000001, 1, True), ([1, 2], [1, 2.00001], True), ([1], [1, 2], False),
        ({"a": [1]}, {"a": [1.0]}, True), ({"a": 1}, {"b": 1}, False), (True, 1, False),
        ("a", "a", True), (None, 0, False),
    ],
)  # fmt: skip
def test_answers_are_compared_with_room_for_rounding(found, wanted, equal):
    assert same(json.loads(json.dumps(found)), wanted) is equal
