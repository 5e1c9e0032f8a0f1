"""Services in environments of the project's own."""

from __future__ import annotations

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

    async def normal() -> bool:
        found = await world.ann.ok("GET", f"/services/{service_id}")
        return bool(found["state"] == "Normal")

    await until(normal, 30)
    uses = await world.ann.ok("GET", f"/environments/{made['id']}/uses")
    assert [u["kind"] for u in uses["items"]] == ["service"]
    status, error = await world.ann.refused("DELETE", f"/environments/{made['id']}")
    assert (status, error["code"]) == (409, "delete_blocked")

    async def stopped() -> bool:
        return bool((await world.ann.ok("GET", f"/services/{service_id}"))["state"] == "Stopped")

    await world.ann.ok("POST", f"/services/{service_id}/stop")
    await until(stopped, 30)
