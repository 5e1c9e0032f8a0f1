"""What a caller is told when the gateway itself fails."""

from pathlib import Path

import httpx
import pytest

from slipway.gateway.core import Gateway
from slipway.gateway.settings import Settings

from .control_plane import TOKEN, key, llm_service

CALL = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.covers("GWY-82")
async def test_a_defect_is_said_in_the_platforms_words_and_ends_one_call_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "gateway.token").write_text(TOKEN)
    gateway = Gateway(Settings(tmp_path, "http://127.0.0.1:1", port=0, access_log=False))
    value = {"version": 1, "services": [llm_service("ms-1", models=["m"])],
             "keys": [key("k", "secret", "ms-1")], "groups": []}  # fmt: skip
    gateway.state.apply({"op": "reset", **value})
    port = await gateway.start()

    def broken(*_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(gateway.router, "choose", broken)
    headers = {"authorization": "Bearer secret"}
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as http:
            failed = await http.post("/v1/chat/completions", json=CALL)
            assert failed.status_code == 500
            error = failed.json()["error"]
            assert (error["code"], error["type"]) == ("500003", "SYSTEM_ERROR")
            assert "administrator" in error["message"] and "defect" not in error["message"]
            assert (await http.get("/healthz")).status_code == 200
            monkeypatch.undo()
            assert (await http.post("/v1/chat/completions", json=CALL)).status_code == 503
    finally:
        await gateway.stop()
