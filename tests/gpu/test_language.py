"""A language model is trained on a card, served from it, and asked through the gateway."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from slipway import Client
from slipway.sdk.local import LocalPlatform
from tests.gpu.conftest import MIB, completed, used_bytes, wait_for

SETTINGS = {
    "Stage": "sft", "FromScratch": {"Size": "nano"}, "FinetuningType": "Full", "Epoch": 1, "BatchSize": 16,
    "MaxSequenceLength": 256, "LearningRate": 3e-3, "GradientCheckPointing": False, "Step": 60, "max_steps": 60,
}  # fmt: skip


@pytest.mark.slow
def test_fine_tuned_and_served_on_the_card(
    platform: LocalPlatform, client: Client, tmp_path: Path
) -> None:
    before = used_bytes()
    rows = [
        {"messages": [{"role": "user", "content": f"What is {a} plus {b}?"}, {"role": "assistant", "content": str(a + b)}]}
        for a in range(40) for b in range(10)
    ]  # fmt: skip
    (tmp_path / "sums").mkdir()
    lines = "\n".join(json.dumps(row) for row in rows)
    (tmp_path / "sums" / "train.jsonl").write_text(lines)
    bucket = client.storage.default_bucket()
    client.storage.upload(tmp_path / "sums", f"{bucket}/sums")
    data = client.datasets.wait(
        client.datasets.create("sums", "llm", f"{bucket}/sums").id, timeout_s=60
    )
    began = time.monotonic()
    task = client.tasks.create(
        "sums", template="llm-full", hyperparameters=SETTINGS, gpus=1, cpu_cores=2, memory_bytes=8 << 30,
        mounts=[{"kind": "dataset", "source": data.id, "purpose": "training_data"}],
    )  # fmt: skip
    completed(client, task.id)
    print(f"trained in {time.monotonic() - began:.1f} s")
    (instance,) = client.tasks.instances(task.id)
    cards = [s["gpus"][0] for s in client.tasks.samples(task.id, instance.id) if s["gpus"]]
    assert max(card["mem_bytes"] for card in cards) > before + 64 * MIB, (
        "it did not train on the card"
    )
    version = client.models.wait(
        client.tasks.publish(task.id, name="sums", format="Hugging Face").id, timeout_s=60
    )
    began = time.monotonic()
    made = client.services.create(
        "sums", "llm", model={"kind": "registry", "ref": version.id}, auth=False, cpu_cores=2, memory_bytes=8 << 30, gpus=1,
        max_model_len=256,
    )  # fmt: skip
    service = client.services.wait(made.id, timeout_s=180)
    print(f"served after {time.monotonic() - began:.1f} s")
    url = f"{platform.gateway_url}/{service.id}/v1"
    model = httpx.get(f"{url}/models").json()["data"][0]["id"]
    body = {
        "model": model,
        "messages": [{"role": "user", "content": "What is 2 plus 3?"}],
        "max_tokens": 64,
    }

    def ask(_number: int) -> int:
        answer = httpx.post(f"{url}/chat/completions", json=body, timeout=60)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["usage"]["completion_tokens"])

    assert used_bytes() > before + 64 * MIB, "it is not served from the card"
    ask(0)
    began = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        tokens = sum(pool.map(ask, range(64)))
    print(f"{tokens / (time.monotonic() - began):.0f} tokens/s at 16 callers")
    client.services.stop_all(service.id)
    wait_for(lambda: used_bytes() < before + 64 * MIB, "the card is empty again")
