"""The platform process on PostgreSQL, and what it refuses at start."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from slipway.sdk.local import LocalPlatform


@pytest.mark.slow
def test_up_on_postgresql_runs_a_task(tmp_path: Path, postgres_uri: str) -> None:
    platform = LocalPlatform.fresh(tmp_path / "home")
    platform.environment["SLIPWAY_DATABASE_URL"] = postgres_uri  # nothing else uses this database
    with platform:
        client = platform.client()
        task = client.tasks.create(
            "t", "echo hi", environment="python", memory_bytes=64 << 20, cpu_cores=0.1
        )
        assert client.tasks.wait(task.id, timeout_s=60).state == "Completed"
        assert not (platform.home / "slipway.db").exists()
    assert platform.left_behind() == []


def test_the_console_and_the_api_share_an_address(tmp_path: Path) -> None:
    with LocalPlatform.fresh(tmp_path / "home") as platform:
        page = httpx.get(platform.url)
        assert "text/html" in page.headers["content-type"]
        assert httpx.get(f"{platform.url}/p/x/training").text == page.text
        missing = httpx.get(f"{platform.url}/api/v1/nothing")
        assert (missing.status_code, missing.json()["error"]["code"]) == (404, "not_found")
        assert httpx.get(f"{platform.url}/../../etc/passwd").text == page.text
        assert page.headers["x-frame-options"] == "DENY"
        assert (platform.home / "run" / "secret.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [(("--port", "70000"), "port"), (("--host", "300.1.1.1", "--port", "0"), "300.1.1.1")],
)
def test_a_start_that_cannot_be_is_refused_in_words(
    tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "slipway.cli.main", "up", "--home", str(tmp_path / "home"), *words],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_a_clean_stop_does_not_wait_for_open_streams(tmp_path: Path) -> None:
    platform = LocalPlatform.fresh(tmp_path / "home")
    platform.start()
    try:
        client = platform.client()
        task = client.tasks.create(
            "t", "sleep 30", environment="python", memory_bytes=64 << 20, cpu_cores=0.1
        )
        headers = {"Authorization": f"Bearer {client.token}"}
        paths = ("/events/stream", f"/training/tasks/{task.id}/logs/stream")
        with contextlib.ExitStack() as streams:
            for path in paths:
                answer = streams.enter_context(
                    httpx.stream("GET", f"{platform.url}/api/v1{path}", headers=headers, timeout=60)
                )
                assert answer.status_code == 200
            assert platform.interrupt() == 0
        assert "Traceback" not in platform.log()
        assert "timeout graceful shutdown exceeded" not in platform.log()
    finally:
        platform.down()
    assert platform.left_behind() == []
