"""A gRPC service: made with the switch, called through its own port, with no HTTP page of its own."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import grpc
import pytest

from slipway.serving.feed import load
from tests.models.house import House
from tests.serving.conftest import Platform, form

SERVER = """
import os
from concurrent.futures import ThreadPoolExecutor
import grpc

class Any(grpc.GenericRpcHandler):
    def service(self, details):
        return grpc.unary_unary_rpc_method_handler(lambda request, context: request[::-1])

server = grpc.server(ThreadPoolExecutor(2), (Any(),))
server.add_insecure_port("127.0.0.1:" + os.environ["PORT"])
server.start()
server.wait_for_termination()
"""
COMMAND = f"exec {sys.executable} -c '{SERVER}'"


@pytest.mark.covers("SRV-11", "SRV-12")
async def test_the_switch_is_fixed_and_ports_are_not_swapped(house: House) -> None:
    async def refused(**asked: Any) -> tuple[int, str]:
        answer = await house.a.post("/services", json=form(**asked))
        return answer.status_code, answer.json()["error"]["details"]["field"]

    assert await refused(port=8500) == (400, "port")
    assert await refused(grpc=True, port=8501) == (400, "port")
    model = {"kind": "storage", "ref": house.folder("m", {"model_service.py": b""})}
    wrong = {"runtime": "package", "command": "", "model": model, "grpc": True}
    assert await refused(**wrong) == (400, "grpc")
    made = (await house.a.post("/services", json=form(grpc=True))).json()
    assert (made["grpc"], made["items"][0]["config"]["port"]) == (True, 8500)
    path = f"/services/{made['id']}"
    assert (await house.a.patch(path, json={"grpc": False})).status_code == 422
    call = (await house.a.get(f"{path}/call")).json()
    assert (call["service_type"], call["interfaces"]) == ("gRPC", [])
    assert call["grpc_authority"] == f"{made['id']}-sw-grpc.slipway.local"
    assert call["grpc_address"] == "127.0.0.1:8090"
    assert f"x-ti-service: {made['id']}" in call["curl"]
    compile(call["python"], "sample", "exec")
    test = await house.a.post(f"{path}/test", json={"path": "/"})
    assert (test.status_code, "gRPC client" in test.text) == (400, True)
    routes = await load(house.db, [made["id"]])
    assert routes.services[made["id"]]["grpc"] is True


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)
@pytest.mark.covers("SRV-11")
async def test_an_instance_answers_grpc_once_it_is_ready(platform: Platform) -> None:
    made = await platform.create(grpc=True, command=COMMAND, memory_bytes=256 << 20)
    await platform.reach(made["id"], "Normal")
    (one,) = await platform.instances(f"{made['id']}-1")

    def ask() -> bytes:
        with grpc.insecure_channel(f"{one['host']}:{one['port']}") as channel:
            return bytes(channel.unary_unary("/any.Service/Method")(b"abc", timeout=30))

    assert await asyncio.to_thread(ask) == b"cba"
