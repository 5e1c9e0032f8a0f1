"""The image path: dataset -> two-instance DDP training -> model -> service -> calls."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import httpx
import settings
from report import DemoFailed, Report

import data
from slipway import Client

WANTED_ACCURACY = 0.97


def run(client: Client, report: Report, work: Path, gateway_url: str) -> None:
    bucket = client.storage.default_bucket()
    dataset_id = _dataset(client, report, work, bucket)
    task_id = _train(client, report, bucket, dataset_id)
    version_id = _publish(client, report, task_id)
    _serve_and_call(client, report, work, version_id, gateway_url)


def _dataset(client: Client, report: Report, work: Path, bucket: str) -> str:
    with report.step("Import digits as an image dataset") as step:
        counts = data.write_digits(work / "digits")
        client.storage.upload(
            work / "digits", f"{bucket}/demo/digits",
            progress=lambda done, total: report.progress(f"uploaded {done} of {total} images") if done % 200 == 0 else None,
        )  # fmt: skip
        made = {
            part: client.datasets.create(
                f"digits-{part}",
                "image_classification",
                f"{bucket}/demo/digits/{part}",
                label_format="folder",
            )
            for part in ("train", "heldout")
        }
        done = {part: client.datasets.wait(d.id, timeout_s=120) for part, d in made.items()}
        images = sum(d.sample_count for d in done.values())
        if images != sum(counts.values()):
            raise DemoFailed(f"{images} images were imported, {sum(counts.values())} were written.")
        step.result = f"{images} images, {done['train'].labelled_count} labelled for training"
        step.figures = {"images": images, "training_images": done["train"].sample_count}
        return done["train"].id


def _train(client: Client, report: Report, bucket: str, dataset_id: str) -> str:
    with report.step("Train a classifier (2 DDP instances)") as step:
        client.storage.upload(Path(__file__).parent / "digits", f"{bucket}/demo/code/digits")
        task = client.tasks.create(
            "digits-ddp", "python train.py", environment="pytorch", mode="ddp", instances=2, cpu_cores=1,
            memory_bytes=1 << 30, hyperparameters=settings.DIGITS,
            mounts=[
                {"kind": "storage", "source": f"{bucket}/demo/code/digits", "purpose": "code"},
                {"kind": "dataset", "source": dataset_id, "purpose": "training_data"},
            ],
        )  # fmt: skip
        for line in client.tasks.follow(task.id):
            if line["category"] == "code":
                report.progress(line["text"])
        client.tasks.wait(task.id, check=True)
        last = {s.name: s.value[-1] for s in client.tasks.metrics(task.id) if s.value}
        checkpoints = client.tasks.checkpoints(task.id)
        instances = client.tasks.instances(task.id)
        accuracy = next((v for k, v in last.items() if "accuracy" in k), None)
        step.result = f"{len(instances)} instances, {len(checkpoints)} checkpoints, training accuracy {accuracy:.3f}"
        step.figures = {
            "metrics": last,
            "checkpoints": len(checkpoints),
            "instances": len(instances),
        }
        return task.id


def _publish(client: Client, report: Report, task_id: str) -> str:
    with report.step("Publish the classifier") as step:
        version = client.models.wait(
            client.tasks.publish(task_id, name="digits", format="PyTorch").id, timeout_s=60
        )
        step.result = f"digits {version.version}, {version.file_count} files"
        step.figures = {"model_version": version.id}
        return version.id


def _serve_and_call(
    client: Client, report: Report, work: Path, version_id: str, gateway_url: str
) -> None:
    with report.step("Deploy it as a service with keys") as step:
        made = client.services.create(
            "digits", "package", model={"kind": "registry", "ref": version_id}, auth=True, cpu_cores=0.5,
            memory_bytes=1 << 30,
        )  # fmt: skip
        service = client.services.wait(
            made.id,
            timeout_s=120,
            progress=lambda s: report.progress(f"{s.state} {s.reason or ''}"),
        )
        key = client.services.create_key(service.id, "demo")["secret"]
        step.result = f"{service.id} answers"
        step.figures = {"service": service.id}
    with report.step("Call it with held-out images") as step:
        accuracy, calls, refused = _call_all(
            f"{gateway_url}/{service.id}/v1/models/m:predict", key, work / "digits" / "heldout"
        )
        step.result = f"{calls} calls, accuracy {accuracy:.4f}, wrong key {refused}"
        step.figures = {"accuracy": accuracy, "calls": calls, "wrong_key_status": refused}
        if accuracy < WANTED_ACCURACY:
            raise DemoFailed(
                f"The service's accuracy is {accuracy:.4f}; at least {WANTED_ACCURACY} was wanted."
            )
        if refused != 401:
            raise DemoFailed(f"A wrong key got {refused} instead of 401.")


def _call_all(url: str, key: str, folder: Path) -> tuple[float, int, int]:
    right = calls = 0
    with httpx.Client(timeout=30) as http:
        for image in sorted(folder.glob("*/*.png")):
            body: dict[str, Any] = {"image": base64.b64encode(image.read_bytes()).decode()}
            answer = http.post(url, json=body, headers={"Authorization": key})
            if not answer.is_success:
                raise DemoFailed(f"The service answered {answer.status_code}: {answer.text[:300]}")
            right += answer.json()["label"] == image.parent.name
            calls += 1
        refused = http.post(url, json={}, headers={"Authorization": "wrong"}).status_code
    return right / calls, calls, refused
