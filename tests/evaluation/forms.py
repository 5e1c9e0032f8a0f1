"""Forms of evaluations as a client would send them."""

from __future__ import annotations

from typing import Any

from tests.evaluation.conftest import QUESTIONS, jsonl
from tests.models.house import House, until
from tests.runtime_evaluate.conftest import ChatService, completion


def third_party(service: ChatService, **changes: Any) -> dict[str, Any]:
    return {"kind": "third_party", "base_url": service.url, "model": "served"} | changes


def sums(house: House, name: str = "sums") -> dict[str, Any]:
    """A set of eight sums in the project's storage."""
    address = house.folder(f"sets/{name}", {"questions.jsonl": jsonl(QUESTIONS)})
    return {"kind": "storage", "ref": address}


def form_of(house: House, models: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    return {
        "name": "first", "models": models, "sets": [sums(house)], "cpu_cores": 0.5,
        "memory_bytes": 1 << 30,
    } | changes  # fmt: skip


async def created(house: House, form: dict[str, Any]) -> Any:
    answer = await house.a.post("/evaluations", json=form)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def ended(house: House, evaluation_id: str, timeout_s: float = 120) -> Any:
    async def look() -> Any:
        return (await house.a.get(f"/evaluations/{evaluation_id}")).json()

    final = ("Completed", "Failed", "Stopped")
    return await until(look, lambda seen: seen["state"] in final, timeout_s)


def adds_up(body: dict[str, Any]) -> Any:
    """A model that can add, but only small numbers."""
    numbers = [int(w.strip("?")) for w in body["messages"][-1]["content"].split() if w[0].isdigit()]
    if not numbers:
        return completion("Hello.")
    return completion(str(sum(numbers)) if numbers[0] <= 6 else "too much for me")
