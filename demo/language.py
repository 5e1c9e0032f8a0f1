"""The language path: text -> pre-training -> fine-tuning (Full, LoRA) -> service -> chat -> evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import settings
from openai import OpenAI
from report import DemoFailed, Report

import data
from slipway import Client

STAGES: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("Pre-train a small Llama from scratch", "pretrain", "llm-pretrain-tiny", settings.PRETRAIN),
    ("Fine-tune it (Full)", "full", "llm-full", settings.FULL),
    ("Fine-tune it further (LoRA)", "lora", "llm-lora", settings.LORA),
)
QUESTION = "What does `bisect.insort` do?"


def run(client: Client, report: Report, work: Path, gateway_url: str) -> None:
    bucket = client.storage.default_bucket()
    docs_id, heldout_id = _datasets(client, report, work, bucket)
    versions: list[str] = []
    for title, name, template, parameters in STAGES:
        versions.append(
            _train(client, report, docs_id, title, name, template, parameters, versions)
        )
    service_id, key = _serve(client, report, versions[-1])
    _chat(report, f"{gateway_url}/{service_id}/v1", key)
    _evaluate(client, report, heldout_id, versions, service_id)


def _datasets(client: Client, report: Report, work: Path, bucket: str) -> tuple[str, str]:
    with report.step("Build an instruction dataset from Python's docs") as step:
        counts = data.write_instructions(work / "docs")
        heldout = work / "heldout"
        heldout.mkdir()
        (work / "docs" / "heldout.jsonl").rename(heldout / "heldout.jsonl")
        made = {}
        for name, folder in (("stdlib-docs", work / "docs"), ("stdlib-heldout", heldout)):
            client.storage.upload(folder, f"{bucket}/demo/{name}")
            made[name] = client.datasets.create(name, "llm", f"{bucket}/demo/{name}")
        done = {name: client.datasets.wait(d.id, timeout_s=60) for name, d in made.items()}
        step.result = f"{done['stdlib-docs'].sample_count} records, {done['stdlib-heldout'].sample_count} held-out questions"
        step.figures = dict(counts)
        return done["stdlib-docs"].id, done["stdlib-heldout"].id


def _train(
    client: Client, report: Report, docs_id: str, title: str, name: str, template: str, parameters: dict[str, Any],
    versions: list[str],
) -> str:  # fmt: skip
    with report.step(title) as step:
        mounts = [{"kind": "dataset", "source": docs_id, "purpose": "training_data"}]
        if versions:
            mounts.append({"kind": "model", "source": versions[-1], "purpose": "own_model"})
        task = client.tasks.create(
            f"stdlib-{name}", template=template, hyperparameters=parameters, mounts=mounts, cpu_cores=2,
            memory_bytes=3 << 30,
        )  # fmt: skip
        for line in client.tasks.follow(task.id):
            if "loss" in line["text"]:
                report.progress(line["text"])
        client.tasks.wait(task.id, check=True)
        losses = next(s.value for s in client.tasks.metrics(task.id) if s.name == "loss")
        model = next((m for m in client.models.list(search="stdlib-chat")), None)
        target = {"model_id": model.id} if model else {"name": "stdlib-chat"}
        version = client.models.wait(
            client.tasks.publish(task.id, format="Hugging Face", **target).id, timeout_s=60
        )
        step.result = (
            f"loss {losses[0]:.2f} -> {losses[-1]:.2f}; published as stdlib-chat {version.version}"
        )
        step.figures = {
            "first_loss": losses[0],
            "last_loss": losses[-1],
            "model_version": version.id,
        }
        return version.id


def _serve(client: Client, report: Report, version_id: str) -> tuple[str, str]:
    with report.step("Deploy it on an OpenAI-compatible engine") as step:
        made = client.services.create(
            "stdlib-chat", "llm", model={"kind": "registry", "ref": version_id}, auth=True, cpu_cores=1,
            memory_bytes=2 << 30, max_model_len=256,
        )  # fmt: skip
        service = client.services.wait(
            made.id,
            timeout_s=180,
            progress=lambda s: report.progress(f"{s.state} {s.reason or ''}"),
        )
        step.result = f"{service.id} answers"
        step.figures = {"service": service.id}
        return service.id, client.services.create_key(service.id, "demo")["secret"]


def _chat(report: Report, base_url: str, key: str) -> None:
    with report.step("Chat through the gateway (openai client)") as step:
        openai = OpenAI(base_url=base_url, api_key=key, max_retries=0)
        model = openai.models.list().data[0].id
        messages: list[Any] = [{"role": "user", "content": QUESTION}]
        whole = openai.chat.completions.create(
            model=model, messages=messages, max_tokens=64, temperature=0
        )
        pieces = openai.chat.completions.create(
            model=model,
            messages=messages,
            max_tokens=64,
            temperature=0,
            stream=True,
            stream_options={"include_usage": True},
        )
        streamed, usage = "", None
        for piece in pieces:
            usage = piece.usage or usage
            streamed += "".join(choice.delta.content or "" for choice in piece.choices)
        answer = whole.choices[0].message.content or ""
        if streamed != answer:
            raise DemoFailed(f"Streamed and whole answers differ: {streamed!r} and {answer!r}.")
        if not whole.usage or not usage or usage.total_tokens != whole.usage.total_tokens:
            raise DemoFailed("The token usage of the streamed answer is missing or differs.")
        step.result = f"{answer[:60]!r}, {usage.total_tokens} tokens"
        step.figures = {"question": QUESTION, "answer": answer, "tokens": usage.total_tokens}


def _evaluate(
    client: Client, report: Report, heldout_id: str, versions: list[str], service_id: str
) -> None:
    with report.step("Evaluate before and after fine-tuning") as step:
        params = {"max_tokens": 64, "temperature": 0}
        made = client.evaluations.create(
            "stdlib-before-after",
            [
                {"kind": "model_version", "ref": versions[0], "name": "pre-trained", "params": params, "concurrency": 8},
                {"kind": "model_version", "ref": versions[1], "name": "full", "params": params, "concurrency": 8},
                {"kind": "service", "ref": service_id, "name": "lora (service)", "params": params, "concurrency": 8},
            ],
            [{"kind": "dataset", "ref": heldout_id}],
            cpu_cores=1, memory_bytes=3 << 30,
        )  # fmt: skip
        client.evaluations.wait(
            made.id,
            timeout_s=300,
            progress=lambda e: report.progress(f"{e.state} {e.percent:.0f} %"),
        )
        scores = {m.name: m.results[0].metrics for m in client.evaluations.results(made.id).models}
        before, after = scores["pre-trained"], scores["lora (service)"]
        step.figures = {"evaluation": made.id, "scores": scores}
        step.result = (
            f"ROUGE-L {before['rougeL']:.3f} -> {scores['full']['rougeL']:.3f} -> {after['rougeL']:.3f}, "
            f"BLEU-4 {before['bleu4']:.1f} -> {after['bleu4']:.1f}, accuracy {before['accuracy']:.3f} -> {after['accuracy']:.3f}"
        )
        worse = [name for name, value in before.items() if after[name] <= value]
        if worse:
            raise DemoFailed(f"Fine-tuning did not help at {', '.join(worse)}: {scores}")
