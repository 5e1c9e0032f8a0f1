"""Which engine answers for a language model: what is refused before anything starts."""

from __future__ import annotations

from typing import Any

import pytest

from slipway.serving.config import Runtime, VersionConfig
from slipway.serving.launch import workload_spec
from slipway.serving.sources import Sources
from tests.models.house import House
from tests.serving.conftest import form


async def test_engines_are_listed_with_what_is_missing_here(house: House) -> None:
    found = (await house.a.get("/services/engines")).json()["items"]
    names = ["auto", "slipway", "vllm", "sglang", "transformers", "llama.cpp"]
    assert [one["name"] for one in found] == names
    by_name = {one["name"]: one for one in found}
    assert by_name["auto"]["missing"] is by_name["slipway"]["missing"] is None
    assert "the package vllm is not installed" in by_name["vllm"]["missing"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"engine": "slipway"}, "chosen for an LLM service"),
        ({"runtime": "llm", "engine": "vllm"}, "runs on a GPU"),
        ({"runtime": "llm", "engine": "llama.cpp", "command": "x"}, "without a start command"),
    ],
)
async def test_an_engine_that_cannot_answer_is_refused(
    house: House, asked: dict[str, Any], said: str
) -> None:
    model = {"kind": "storage", "ref": house.folder("m", {"config.json": b"{}"})}
    body = form(model=model) | {"command": ""} | asked
    if body["runtime"] == "custom":
        body["command"] = "sleep 1"
    refused = await house.a.post("/services", json=body)
    assert refused.status_code == 400, refused.text
    error = refused.json()["error"]
    assert error["details"]["field"] == "engine"
    assert said in error["message"]


def test_the_engine_is_in_the_start_command() -> None:
    config = VersionConfig(Runtime.LLM, served_name="m")
    (role,) = workload_spec(config, Sources(None, None)).roles
    assert "--engine" not in str(role.command)
    (role,) = workload_spec(config.changed(engine="llama.cpp"), Sources(None, None)).roles
    assert "--engine llama.cpp" in str(role.command)
