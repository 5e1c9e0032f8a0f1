"""Declared forms with 422 and an OpenAPI page, and the Open Inference Protocol."""

import json
import struct

import numpy as np
import pytest

TYPED = """
    from dataclasses import dataclass
    from pydantic import BaseModel, Field
    import tiinfer

    class Pair(BaseModel):
        a: float = Field(description="left")
        b: float = 1.0

    @dataclass
    class Sum:
        result: float

    class Adder(tiinfer.Model):
        "Adds two numbers."
        def predict(self, request: Pair) -> Sum:
            return Sum(request.a + request.b)
"""

ADDER = """
    import numpy
    import tiinfer

    class Adder(tiinfer.Model):
        v2_inputs = [{"name": "a", "datatype": "FP32", "shape": [-1]}]
        def predict(self, request):
            if request.get("text") is not None:
                return {"text": numpy.array([t if isinstance(t, str) else t.decode() for t in request["text"].ravel()])}
            return {"result": request["a"] + request["b"], "kind": type(request["a"]).__name__}
"""


@pytest.mark.covers("INF-X4")
def test_a_declared_form_is_checked_and_the_hook_gets_the_object(serve):
    server = serve(TYPED).wait_ready()
    assert server.predict({"a": 1, "b": 2}).json() == {"result": 3.0}
    assert server.predict({"a": "4"}).json() == {"result": 5.0}
    refused = server.predict({"b": "x"})
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/json"
    assert [one["loc"] for one in refused.json()["details"]] == [["a"], ["b"]]
    assert "a: Field required" in refused.json()["error"]


@pytest.mark.covers("INF-X4")
def test_the_form_is_a_page_and_a_document(serve):
    server = serve(TYPED).wait_ready()
    api = server.http.get("/openapi.json").json()
    post = api["paths"]["/v1/models/m:predict"]["post"]
    assert post["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Pair"
    }
    assert post["responses"]["200"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Sum"
    }
    assert api["components"]["schemas"]["Pair"]["required"] == ["a"]
    assert api["components"]["schemas"]["Pair"]["properties"]["a"]["description"] == "left"
    assert api["info"] == {"title": "Adder", "version": "1", "description": "Adds two numbers."}
    page = server.http.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "openapi.json" in page.text
    assert "http" not in page.text.replace("<!doctype html>", "")  # nothing is fetched elsewhere


@pytest.mark.covers("INF-X4")
def test_one_bad_request_of_a_batch_is_refused_alone(serve):
    from concurrent.futures import ThreadPoolExecutor

    source = TYPED.replace(
        "request: Pair) -> Sum:\n            return Sum(request.a + request.b)",
        "requests: list[Pair]) -> list[Sum]:\n"
        "            return [Sum(len(requests)) for one in requests]",
    )
    variables = {"TI_INFERENCE_MAX_BATCH_SIZE": "4", "TI_INFERENCE_MAX_BATCH_WAIT_MS": "5000"}
    server = serve(source, env=variables).wait_ready()
    bodies = [{"a": 1}, {"b": 1}, {"a": 2}, {"a": 3}]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(server.predict, bodies))
    assert [answer.status_code for answer in answers] == [200, 422, 200, 200]
    assert {answer.json()["result"] for answer in answers if answer.status_code == 200} == {3.0}


def test_the_manuals_plain_hints_check_nothing(serve):
    server = serve(
        "from typing import Dict\nimport tiinfer\n"
        "class M(tiinfer.Model):\n"
        "    def predict(self, request: Dict) -> Dict:\n        return request\n"
    ).wait_ready()
    assert server.predict([1]).json() == [1]


@pytest.mark.covers("INF-X3")
@pytest.mark.parametrize("stages", ["one", "three"])
def test_tensors_as_json_reach_the_same_hooks(serve, stages):
    staged = {"TI_PREPROCESS_NUMS": "1", "TI_POSTPROCESS_NUMS": "1"} if stages == "three" else {}
    server = serve(ADDER, env=staged).wait_ready()
    for path in ("/v2/health/live", "/v2/health/ready", "/v2/models/m/ready"):
        assert server.http.get(path).status_code == 200
    told = server.http.get("/v2/models/m").json()
    assert (told["name"], told["inputs"][0]["name"]) == ("m", "a")
    assert "binary_tensor_data" in server.http.get("/v2").json()["extensions"]
    body = {
        "id": "42",
        "inputs": [
            {"name": "a", "shape": [2, 1], "datatype": "FP32", "data": [[1.5], [2]]},
            {"name": "b", "shape": [2, 1], "datatype": "FP32", "data": [1, 1]},
        ],
    }
    answer = server.http.post("/v2/models/m/infer", json=body).json()
    assert answer["id"] == "42"
    result = answer["outputs"][0]
    assert (result["name"], result["datatype"], result["shape"]) == ("result", "FP32", [2, 1])
    assert result["data"] == [2.5, 3.0]
    assert answer["outputs"][1]["data"] == ["ndarray"]
    assert server.predict({"a": 1, "b": 2}).json() == {"result": 3, "kind": "int"}


@pytest.mark.covers("INF-X3")
def test_tensors_as_bytes_both_ways(serve):
    server = serve(ADDER).wait_ready()
    a, b = np.array([1, 2, 3], np.float32), np.array([10, 20, 30], np.float32)
    tensors = [
        {"name": name, "shape": [3], "datatype": "FP32", "parameters": {"binary_data_size": 12}}
        for name in "ab"
    ]
    wanted = [{"name": "result", "parameters": {"binary_data": True}}]
    head = json.dumps({"inputs": tensors, "outputs": wanted}).encode()
    answer = server.http.post(
        "/v2/models/m/infer",
        content=head + a.tobytes() + b.tobytes(),
        headers={"Inference-Header-Content-Length": str(len(head))},
    )
    length = int(answer.headers["inference-header-content-length"])
    told = json.loads(answer.content[:length])
    assert [one["name"] for one in told["outputs"]] == ["result"]
    assert told["outputs"][0]["parameters"] == {"binary_data_size": 12}
    assert np.frombuffer(answer.content[length:], np.float32).tolist() == [11.0, 22.0, 33.0]


@pytest.mark.covers("INF-X3")
def test_texts_and_bad_tensors(serve):
    server = serve(ADDER).wait_ready()

    def infer(**tensor):
        return server.http.post("/v2/models/m/infer", json={"inputs": [tensor]})

    answer = infer(name="text", shape=[2], datatype="BYTES", data=["né", "b"])
    assert answer.json()["outputs"][0]["data"] == ["né", "b"]
    raw = b"".join(struct.pack("<I", len(part)) + part for part in (b"xy", b"z"))
    tensor = {
        "name": "text", "shape": [2], "datatype": "BYTES",
        "parameters": {"binary_data_size": len(raw)},
    }  # fmt: skip
    head = json.dumps({"inputs": [tensor]}).encode()
    headers = {"Inference-Header-Content-Length": str(len(head))}
    sent = server.http.post("/v2/models/m/infer", content=head + raw, headers=headers)
    assert sent.json()["outputs"][0]["data"] == ["xy", "z"]
    for reason, answer in (
        ("has 1 values, its shape [2] wants 2", infer(name="a", shape=[2], datatype="FP32", data=[1])),
        ("datatype 'FP99' is not one of", infer(name="a", shape=[1], datatype="FP99", data=[1])),
        ("'inputs' is missing", server.http.post("/v2/models/m/infer", json={})),
        ("not a length within the body", server.http.post("/v2/models/m/infer", json={}, headers={"Inference-Header-Content-Length": "99"})),
    ):  # fmt: skip
        assert answer.status_code == 400
        assert reason in answer.json()["error"]
    assert server.http.post("/v2/models/other/infer", json={}).status_code == 404
