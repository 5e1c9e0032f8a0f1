"""The whole journey on real data beside the repository: blood cells, Chinese and English instructions, GSM8K."""

from __future__ import annotations

import base64
import io
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openai import OpenAI
from PIL import Image

from slipway import Client
from slipway.sdk.local import LocalPlatform

DATA = Path(__file__).parents[3] / "shared" / "data"
HERE = Path(__file__).parent

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not beside the repository"),
]


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalPlatform]:
    platform = LocalPlatform.fresh(tmp_path_factory.mktemp("journey") / "home")
    platform.start()
    yield platform
    platform.down()
    assert platform.left_behind() == []


@pytest.fixture(scope="module")
def client(platform: LocalPlatform) -> Client:
    return platform.client()


@pytest.mark.covers("DAT-13", "DAT-14", "TRN-43", "MOD-15", "MOD-32", "SRV-28", "SRV-35")
def test_blood_cells_from_boxes_to_a_service(platform: LocalPlatform, client: Client) -> None:
    bucket = client.storage.default_bucket()
    client.storage.upload(DATA / "bccd" / "BCCD", f"{bucket}/bccd")
    client.storage.upload(HERE / "cells", f"{bucket}/code/cells")
    made = client.datasets.create(
        "blood-cells", "object_detection", f"{bucket}/bccd", label_format="voc"
    )
    dataset = client.datasets.wait(made.id, timeout_s=120)
    assert dataset.sample_count == 364
    task = client.tasks.create(
        "cells", "python train.py", environment="pytorch", cpu_cores=2, memory_bytes=2 << 30,
        mounts=[
            {"kind": "storage", "source": f"{bucket}/code/cells", "purpose": "code"},
            {"kind": "dataset", "source": dataset.id, "purpose": "training_data"},
        ],
    )  # fmt: skip
    client.tasks.wait(task.id, timeout_s=300, check=True)
    version = client.models.wait(
        client.tasks.publish(task.id, name="cells", format="PyTorch").id, timeout_s=60
    )
    assert set(version.metrics) == {"loss", "accuracy"}
    made_service = client.services.create(
        "cells", "package", model={"kind": "registry", "ref": version.id}, cpu_cores=0.5, auth=True
    )
    service = client.services.wait(made_service.id, timeout_s=120)
    key = client.services.create_key(service.id, "test")["secret"]
    url = f"{platform.gateway_url}/{service.id}/v1/models/m:predict"
    right = total = 0
    for crop, label in _held_out(DATA / "bccd" / "BCCD"):
        answer = httpx.post(url, json={"image": crop}, headers={"Authorization": key}, timeout=30)
        assert answer.status_code == 200, answer.text
        right += answer.json()["label"] == label
        total += 1
    assert total > 50
    assert right / total > 0.85
    client.services.stop_all(service.id)


def _held_out(folder: Path) -> Iterator[tuple[str, str]]:
    """Boxes of pictures that were not trained on, as base64 PNG with their class."""
    for file in sorted((folder / "Annotations").glob("*.xml"))[3::60]:
        with Image.open(folder / "JPEGImages" / f"{file.stem}.jpg") as image:
            for item in ET.parse(file).iter("object"):
                box = item.find("bndbox")
                assert box is not None
                x0, y0, x1, y1 = (
                    int(box.findtext(n) or 0) for n in ("xmin", "ymin", "xmax", "ymax")
                )
                if x1 - x0 < 4 or y1 - y0 < 4:
                    continue
                buffer = io.BytesIO()
                image.crop((x0, y0, x1, y1)).save(buffer, "PNG")
                yield base64.b64encode(buffer.getvalue()).decode(), item.findtext("name") or ""


@pytest.mark.covers("TRN-27", "TRN-28", "TRN-30", "EVA-15", "EVA-16", "EVA-24", "FIN-04", "FIN-39")
def test_instructions_in_two_languages_to_a_chat_and_an_evaluation(
    platform: LocalPlatform, client: Client, tmp_path: Path
) -> None:
    bucket = client.storage.default_bucket()
    files = tmp_path / "instructions"
    files.mkdir()
    for name in ("alpaca_zh_demo.json", "alpaca_en_demo.json"):
        shutil.copy(DATA / "llm" / name, files / name)
    client.storage.upload(files, f"{bucket}/instructions")
    client.storage.upload(DATA / "gsm8k" / "test.jsonl", f"{bucket}/gsm8k/test.jsonl")
    made: Any = client.datasets.create("instructions", "other", f"{bucket}/instructions")
    instructions = client.datasets.wait(made.id, timeout_s=60)
    made = client.datasets.create("gsm8k", "llm", f"{bucket}/gsm8k")
    questions = client.datasets.wait(made.id, timeout_s=60)
    assert questions.sample_count == 1319
    # A few steps only: what is proven here is the way, not the model.
    parameters = {
        "Stage": "sft", "FromScratch": {"Size": "nano"}, "FinetuningType": "Full", "Epoch": 1, "BatchSize": 8,
        "MaxSequenceLength": 256, "LearningRate": 3e-3, "GradientCheckPointing": False, "Step": 20, "max_steps": 20,
    }  # fmt: skip
    task = client.tasks.create(
        "two-languages", template="llm-full", hyperparameters=parameters, cpu_cores=2, memory_bytes=4 << 30,
        mounts=[{"kind": "dataset", "source": instructions.id, "purpose": "training_data"}],
    )  # fmt: skip
    client.tasks.wait(task.id, timeout_s=600, check=True)
    losses = next(s.value for s in client.tasks.metrics(task.id) if s.name == "loss")
    assert losses[-1] < losses[0]
    assert [c.step for c in client.tasks.checkpoints(task.id)] == [20]
    version = client.models.wait(
        client.tasks.publish(task.id, name="two-languages", format="Hugging Face").id, timeout_s=60
    )
    made = client.services.create(
        "two-languages", "llm", model={"kind": "registry", "ref": version.id}, auth=True, max_model_len=256,
        memory_bytes=2 << 30,
    )  # fmt: skip
    service = client.services.wait(made.id, timeout_s=180)
    key = client.services.create_key(service.id, "test")["secret"]
    with OpenAI(
        base_url=f"{platform.gateway_url}/{service.id}/v1", api_key=key, max_retries=0
    ) as openai:
        answer = openai.chat.completions.create(
            model="two-languages",
            messages=[{"role": "user", "content": "什么是细胞理论？"}],
            max_tokens=16,
            temperature=0,
        )
    assert answer.usage is not None
    assert answer.usage.prompt_tokens > 0
    made = client.evaluations.create(
        "gsm8k", [{"kind": "service", "ref": service.id, "params": {"max_tokens": 16, "temperature": 0}, "concurrency": 4}],
        [{"kind": "dataset", "ref": questions.id, "format": "gsm8k", "limit": 4}],
    )  # fmt: skip
    client.evaluations.wait(made.id, timeout_s=300)
    (model,) = client.evaluations.results(made.id).models
    assert model.results[0].samples == 4
    answers = client.evaluations.samples(made.id, limit=4)
    assert model.results[0].failed == [], [a["error"] for a in answers["items"]]
    assert 0 <= model.results[0].metrics["accuracy"] <= 1
    assert answers["total"] == 4
