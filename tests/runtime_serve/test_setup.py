"""The set-up helper: what goes together, the locked sets, and a demo of each format that is here."""

import importlib.util
import re
import subprocess
import sys

import pytest

from slipway.runtime.serve.check import check
from slipway.runtime.serve.demos import listed
from slipway.runtime.serve.inference_sets import inference_sets
from slipway.runtime.serve.setup import PAIRS, Asked, SetupError, write_demo

LIBRARIES = {
    "SavedModel": "tensorflow", "FrozenGraph": "tensorflow", "PMML": "pypmml", "ONNX": "onnx",
    "scikit-learn": "sklearn", "HuggingFace": "transformers",
}  # fmt: skip
HERE = [
    pair
    for pair in listed()
    if importlib.util.find_spec(LIBRARIES.get(pair[0], "torch")) is not None
]
MANUAL = [
    ("TorchScript", "torch1.9.0"), ("TorchScript", "torch1.12.1"), ("HuggingFace", "torch1.9.0"),
    ("Detectron2", "torch1.9.0"), ("MMDetection", "torch1.9.0"), ("ONNX", "onnx1.11.0"),
    ("FrozenGraph", "tf2.4.0"), ("FrozenGraph", "tf1.15.0"), ("SavedModel", "tf2.4.0"),
    ("PMML", "jpmml0.6.2"),
]  # fmt: skip


def set_up(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "slipway.cli.main", "serve", "setup", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.covers("INF-39")
def test_the_manuals_pairs_go_together_and_no_others():
    releases = sorted({framework for _, framework in MANUAL})
    for model_format in PAIRS:
        for framework in releases:
            if (model_format, framework) in MANUAL:
                assert Asked(model_format, framework).checked().requirements
            else:
                with pytest.raises(SetupError, match="does not go with"):
                    Asked(model_format, framework).checked()
    for wrong in (Asked("Keras", "tf"), Asked("ONNX", "jax"), Asked("ONNX", "onnx", "nlp")):
        with pytest.raises(SetupError):
            wrong.checked()


@pytest.mark.covers("INF-39")
def test_help_is_printed_and_an_impossible_pair_installs_nothing(tmp_path):
    told = set_up("-h")
    assert told.returncode == 0
    for option in ("-v", "-m", "-f", "-s", "-d", "-i"):
        assert f" {option} " in told.stdout
    refused = set_up("-m", "ONNX", "-f", "tf2.4.0", "-d", str(tmp_path / "demo"))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "ONNX does not go with tf2.4.0, but with onnx, onnx1.11.0." in refused.stderr
    assert not (tmp_path / "demo").exists()


@pytest.mark.covers("INF-40")
def test_every_environment_of_the_manual_has_a_locked_set():
    manual = {
        "tensorflow1.15-py37", "tensorflow2.4-py38", "pytorch1.9.0-py38", "pytorch1.12.1-py38",
        "detectron2-py38", "mmdetection1.4.8-py38", "onnx1.11.1-py38", "onnx1.11.0-py38",
        "jpmm1-py38", "jpmml-py38",
    }  # fmt: skip
    assert manual <= {alias for one in inference_sets() for alias in one.aliases}
    for one in inference_sets():
        assert set(one.hardware) <= {"cpu", "gpu"}
        for line in one.requirements:
            assert re.fullmatch(r"[a-z0-9.-]+==[0-9][\w.]*", line), line


@pytest.mark.parametrize(("model_format", "scene"), HERE)
def test_a_demo_answers_as_it_says(model_format, scene, tmp_path):
    folder = write_demo(Asked(model_format, "", scene), tmp_path / "demo")
    found = {finding.name: finding for finding in check(folder)}
    assert found["test.json"].text == "the answer is that of expected.json"
    assert {finding.level for finding in found.values()} <= {"ok", "note"}
    with pytest.raises(SetupError, match="is not empty"):
        write_demo(Asked(model_format, "", scene), folder)
