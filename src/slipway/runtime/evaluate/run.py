"""The evaluation itself: each model on each set, many questions at a time."""

import asyncio
import platform
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from slipway.runtime.evaluate.client import Answer, ChatClient, Message
from slipway.runtime.evaluate.config import Config, History, Model
from slipway.runtime.evaluate.items import Item, LoadedSet, load_set
from slipway.runtime.evaluate.journal import Journal, Record, claim
from slipway.runtime.evaluate.progress import Progress, Step
from slipway.runtime.evaluate.results import write_results
from slipway.runtime.evaluate.scoring import BLEU_SMOOTHING, Scorer
from slipway.runtime.evaluate.tokenizing import choose


def evaluate(config: Config, directory: Path) -> dict[str, Any]:
    """Run to the end, or go on where an earlier start was cut off. Returns the results."""
    directory.mkdir(parents=True, exist_ok=True)
    sets = [load_set(question_set) for question_set in config.sets]
    described = config.described()
    claim(directory, described)
    with Journal(directory) as journal:
        return asyncio.run(_run(config, sets, described, journal, directory))


async def _run(
    config: Config, sets: list[LoadedSet], described: Record, journal: Journal, directory: Path
) -> dict[str, Any]:
    pairs = [(model, loaded) for model in config.models for loaded in sets]
    steps = [Step(model.name, loaded.name, len(loaded.items)) for model, loaded in pairs]
    progress = Progress(directory, steps)
    results = []
    for step, (model, loaded) in zip(steps, pairs, strict=True):
        scorer = _scorer(config, loaded)
        part = _Part(model, loaded, scorer, config.seed, journal, progress, step)
        results.append(_result(step, loaded, scorer, await part.run()))
    settings = described | {"places": config.places()}
    return write_results(directory, settings, _backend(), results)


class _Part:
    """One model on one set."""

    def __init__(
        self,
        model: Model,
        loaded: LoadedSet,
        scorer: Scorer,
        seed: int | None,
        journal: Journal,
        progress: Progress,
        step: Step,
    ) -> None:
        self._model = model
        self._set = loaded
        self._scorer = scorer
        self._seed = seed
        self._journal = journal
        self._progress = progress
        self._step = step

    async def run(self) -> list[Record]:
        """All records of this part in the order of the set."""
        known = {
            item.index: record
            for item in self._set.items
            if (record := self._journal.finished.get(self._key(item)))
        }
        self._progress.begin(self._step, len(known))
        print(f"{self._model.name} on {self._set.name}: {len(known)} of "
              f"{len(self._set.items)} known already", flush=True)  # fmt: skip
        waiting = iter([item for item in self._set.items if item.index not in known])
        async with ChatClient(self._model, self._seed) as client, asyncio.TaskGroup() as group:
            for _ in range(min(self._model.concurrency, len(self._set.items))):
                group.create_task(self._work(client, waiting, known))
        self._progress.finish(self._step)
        return [known[item.index] for item in self._set.items]

    async def _work(self, client: ChatClient, waiting: Any, known: dict[int, Record]) -> None:
        """One of the many askers: they share the iterator, so none asks twice."""
        for item in waiting:
            record = await self._record(client, item)
            self._journal.add(record)
            known[item.index] = record
            self._progress.count(self._step, failed=bool(record["error"]))
            outcome = record["error"] or "ok"
            print(f"{_clock()} {self._model.name} {self._set.name} #{item.index} "
                  f"{record['time_ms']:.0f} ms {outcome}", flush=True)  # fmt: skip

    async def _record(self, client: ChatClient, item: Item) -> Record:
        began = time.perf_counter()
        messages, answer = await self._play(client, item)
        time_ms = (time.perf_counter() - began) * 1000
        # Long answers take long to compare; the other askers need not wait for that.
        scores = await asyncio.to_thread(self._scorer.score, answer.text, item.reference)
        return {
            "index": item.index,
            "model": self._model.name,
            "set": self._set.name,
            "prompt": messages,
            "reference": item.reference,
            "output": answer.text,
            "extracted": self._scorer.extracted(answer.text),
            "scores": scores,
            "tokens": {"prompt": answer.prompt_tokens, "completion": answer.completion_tokens},
            "finish_reason": answer.finish_reason,
            "time_ms": time_ms,
            "error": answer.error,
        }

    async def _play(self, client: ChatClient, item: Item) -> tuple[list[Message], Answer]:
        """Ask turn by turn; what was sent last, and the answer to it."""
        messages: list[Message] = []
        if item.system:
            messages.append({"role": "system", "content": item.system})
        for turn in item.turns[:-1]:
            messages.append(self._question(turn.prompt))
            reply = turn.response
            if self._set.source.history is History.PLAYED:
                answer = await client.ask(messages)
                if answer.error:
                    return messages, answer
                reply = answer.text
            messages.append({"role": "assistant", "content": reply})
        messages.append(self._question(item.turns[-1].prompt))
        return messages, await client.ask(messages)

    def _question(self, prompt: str) -> Message:
        template = self._set.template or "{prompt}"
        return {"role": "user", "content": template.replace("{prompt}", prompt)}

    def _key(self, item: Item) -> tuple[str, str, int]:
        return self._model.name, self._set.name, item.index


def _scorer(config: Config, loaded: LoadedSet) -> Scorer:
    tokenizer = choose(config.tokenizer, [item.reference for item in loaded.items])
    return Scorer(config.metrics, tokenizer, loaded.format)


def _result(
    step: Step, loaded: LoadedSet, scorer: Scorer, records: Sequence[Record]
) -> dict[str, Any]:
    scores = [record["scores"] for record in records]
    outputs = [record["output"] for record in records]
    references = [record["reference"] for record in records]
    return {
        "model": step.model,
        "set": step.set,
        "samples": len(records),
        "failed": [record["index"] for record in records if record["error"]],
        "metrics": scorer.total(outputs, references, scores),
        "standard_errors": scorer.standard_errors(scores),
        "run_time_s": step.run_time_s,
        "tokens": {
            kind: sum(record["tokens"][kind] or 0 for record in records)
            for kind in ("prompt", "completion")
        },
        "format": loaded.format,
        "template": loaded.template,
        "tokenizer": scorer.tokenizer_name,
    }


def _backend() -> dict[str, Any]:
    return {
        "scored_by": "generation",
        "rouge": f"rouge-score {version('rouge-score')}, recall",
        "bleu": f"sacrebleu {version('sacrebleu')}, corpus, smoothing {BLEU_SMOOTHING}, 0-100",
        "slipway": version("slipway"),
        "python": platform.python_version(),
    }


def _clock() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
