"""Models of known formats are served without a line of code; each answers as its library does."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from slipway.runtime.serve.formats import FORMATS, find_format

from .servers import free_port, running

X = [[0.5, -1.0, 2.0], [1.0, 0.0, -3.0]]


def write_onnx(file: Path) -> np.ndarray:
    """A layer with a bias and a ReLU; returns what it gives for X."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weights = np.array([[1, -1], [2, 0.5], [0.25, 1]], np.float32)
    bias = np.array([0.1, -0.2], np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w"], ["m"]),
            helper.make_node("Add", ["m", "b"], ["a"]),
            helper.make_node("Relu", ["a"], ["y"]),
        ],
        "layer",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2])],
        [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(bias, "b")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, file)
    return np.maximum(np.array(X, np.float32) @ weights + bias, 0)


def write_torchscript(file: Path) -> np.ndarray:
    import torch

    torch.manual_seed(0)
    layer = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Tanh())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.trace(layer, torch.zeros(1, 3)), str(file))
    return layer(torch.tensor(X)).detach().numpy()


def write_sklearn(file: Path):
    import joblib
    from sklearn.linear_model import LogisticRegression

    rows = np.array([[0, 0, 0], [0, 1, 0], [3, 0, 0], [4, 1, 1]], float)
    estimator = LogisticRegression().fit(rows, np.array(["low", "low", "high", "high"]))
    joblib.dump(estimator, file)
    return estimator


def served(folder: Path, tmp_path: Path):
    port = free_port()
    arguments = ["-m", "slipway.runtime.serve.package", "--model-dir", str(folder)]
    return running([*arguments, "--port", str(port)], port, tmp_path)


def test_an_onnx_model_is_served_as_json_and_as_tensors(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    wanted = write_onnx(folder / "layer.onnx")
    folder.chmod(0o555)  # a model version is read-only
    with served(folder, tmp_path) as server:
        answer = server.wait_ready().predict({"x": X})
        np.testing.assert_allclose(answer.json()["y"], wanted, rtol=1e-5)
        tensor = {"name": "x", "shape": [2, 3], "datatype": "FP32", "data": X}
        told = server.http.post("/v2/models/m/infer", json={"inputs": [tensor]}).json()
        (output,) = told["outputs"]
        assert (output["name"], output["shape"]) == ("y", [2, 2])
        np.testing.assert_allclose(np.reshape(output["data"], (2, 2)), wanted, rtol=1e-5)
        refused = server.predict({"x": [[1, 2]]})
        assert refused.status_code == 422
        assert "x" in refused.text
        wrong = server.predict({"x": X, "z": 1})
        assert (wrong.status_code, "inputs are x" in wrong.text) == (422, True)


def test_a_torchscript_model_is_served(tmp_path):
    folder = tmp_path / "model"
    (folder / "model").mkdir(parents=True)
    wanted = write_torchscript(folder / "model" / "net.pt")
    with served(folder, tmp_path) as server:
        answer = server.wait_ready().predict({"whatever it is called": X})
        np.testing.assert_allclose(answer.json()["output"], wanted, rtol=1e-5)


def test_a_scikit_learn_model_is_served(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    estimator = write_sklearn(folder / "risk.joblib")
    rows = [[0, 0, 0], [4, 1, 0]]
    with served(folder, tmp_path) as server:
        answer = server.wait_ready().predict({"x": rows}).json()
        assert answer["prediction"] == ["low", "high"]
        np.testing.assert_allclose(answer["probabilities"], estimator.predict_proba(rows))
        assert server.predict({"x": [[1]]}).status_code == 422


def test_the_format_of_a_folder(tmp_path):
    assert find_format(tmp_path) is None
    (tmp_path / "a.onnx").touch()
    assert find_format(tmp_path).name == "ONNX"
    (tmp_path / "b.pmml").touch()
    assert find_format(tmp_path) is None  # two formats: somebody has to say which
    (tmp_path / "b.pmml").unlink()
    (tmp_path / "c.onnx").touch()
    assert find_format(tmp_path) is None
    version = tmp_path / "tf" / "1700000001"
    version.mkdir(parents=True)
    (version / "saved_model.pb").touch()
    assert find_format(tmp_path / "tf").name == "SavedModel"


@pytest.mark.parametrize("name", ["SavedModel", "PMML"])
def test_a_format_whose_library_is_not_here_says_what_to_install(name, tmp_path):
    one = next(one for one in FORMATS if one.name == name)
    if one.missing() is None:
        pytest.skip(f"{name}'s library is installed here")
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / ("m.pmml" if name == "PMML" else "saved_model.pb")).touch()
    with served(folder, tmp_path) as server:
        assert server.wait_exit() == 1
        assert f"A model of the format {name} needs {one.packages[0][1]}" in server.output()


@pytest.mark.covers("INF-43")
def test_an_accelerated_model_is_loaded_by_its_old_name(tmp_path):
    import torch

    import tiacc_inference

    wanted = write_torchscript(tmp_path / "tiacc.pt")
    found = tiacc_inference.load(str(tmp_path / "tiacc.pt"))(torch.tensor(X))
    np.testing.assert_allclose(found.detach().numpy(), wanted)
    program = torch.export.export(torch.nn.Linear(3, 2), (torch.zeros(2, 3),))
    torch.export.save(program, tmp_path / "program.pt2")
    loaded = tiacc_inference.load(tmp_path / "program.pt2")
    assert loaded(torch.tensor(X)).shape == (2, 2)
    (tmp_path / "other.pt").write_bytes(b"something of another kind")
    with pytest.raises(ImportError, match=r"torch\.jit\.save"):
        tiacc_inference.load(tmp_path / "other.pt")
    with pytest.raises(FileNotFoundError, match="no accelerated model"):
        tiacc_inference.load(tmp_path / "none.pt")
