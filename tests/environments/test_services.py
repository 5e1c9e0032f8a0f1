"""Services in environments of the project's own."""

from __future__ import annotations

import pytest

from tests.environments.conftest import built
from tests.environments.index import Index
from tests.running import World, until

COMMAND = (
    'exec python -c "import anchor, http.server as s, os; '
    "s.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), s.SimpleHTTPRequestHandler).serve_forever()\""
)


async def test_a_custom_service_runs_in_it_and_other_runtimes_are_refused(
    world: World, index: Index
) -> None:
    body = {"name": "own", "requirements": "anchor", "index_url": index.url}
    made = await built(
        world.ann,
        await world.ann.ok("POST", "/environments", json=body | {"purposes": ["serving"]}),
    )
    service = {
        "name": "s", "runtime": "custom", "command": COMMAND, "environment": made["id"],
        "cpu_cores": 0.2, "memory_bytes": 128 << 20,
    }  # fmt: skip
    wrong = service | {"runtime": "package", "command": ""}
    status, error = await world.ann.refused("POST", "/services", json=wrong)
    assert (status, error["code"]) == (400, "environment_runtime")
    created = await world.ann.ok("POST", "/services", json=service)
    service_id = created["id"]
    await until(lambda: _is_normal(world, service_id), 30)
    uses = await world.ann.ok("GET", f"/environments/{made['id']}/uses")
    assert [u["kind"] for u in uses["items"]] == ["service"]
    status, error = await world.ann.refused("DELETE", f"/environments/{made['id']}")
    assert (status, error["code"]) == (409, "delete_blocked")

    async def stopped() -> bool:
        return bool((await world.ann.ok("GET", f"/services/{service_id}"))["state"] == "Stopped")

    await world.ann.ok("POST", f"/services/{service_id}/stop")
    await until(stopped, 30)


async def _is_normal(world: World, service_id: str) -> bool:
    found = await world.ann.ok("GET", f"/services/{service_id}")
    return bool(found["state"] == "Normal")


PACKAGE = """
import anchor
import tiinfer


class Adder(tiinfer.Model):
    def predict(self, request):
        return {"result": request["a"] + request["b"]}
"""


@pytest.mark.covers("SRV-62", "INF-40")
async def test_a_model_package_is_served_in_an_environment_on_the_platforms_packages(
    world: World, index: Index
) -> None:
    presets = (await world.ann.ok("GET", "/environments/presets"))["items"]
    onnx = next(p for p in presets if "onnx1.11.1-py38" in p["aliases"])
    assert (onnx["hardware"], "ONNX" in onnx["formats"]) == (["cpu"], True)
    assert "onnxruntime==" in onnx["requirements"]
    body = {
        "name": "onnx", "requirements": "anchor", "index_url": index.url, "on_platform": True,
        "purposes": ["serving"],
    }  # fmt: skip
    made = await built(world.ann, await world.ann.ok("POST", "/environments", json=body))
    bucket = world.ann.actor.project_id
    path = f"/buckets/{bucket}/objects/adder/model_service.py"
    await world.ann.ok("PUT", path, content=PACKAGE.encode())
    service = {
        "name": "s", "runtime": "package", "environment": made["id"], "cpu_cores": 0.5,
        "memory_bytes": 256 << 20, "model": {"kind": "storage", "ref": f"{bucket}/adder"},
    }  # fmt: skip
    created = await world.ann.ok("POST", "/services", json=service)
    await until(lambda: _is_normal(world, created["id"]), 60)
