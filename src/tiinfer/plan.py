"""What a package will run, as its crew tells the front."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from tiinfer import settings, typed
from tiinfer.stages import PackageError, Stage, model_classes, stages_of

WARM_UP_FILE = "warmup.json"
DEFAULT_WAIT_MS = 10


@dataclass(frozen=True)
class Plan:
    """examples: requests that every process answers before the server is ready."""

    stages: list[Stage]
    examples: list[Any]
    openapi: dict[str, Any]
    tensors: dict[str, Any]

    def as_json(self, names: list[str]) -> dict[str, Any]:
        stages = [
            {
                "name": name,
                "num": stage.num,
                "max_batch": stage.max_batch_size,
                "wait_s": (stage.max_wait_ms or DEFAULT_WAIT_MS) / 1000,
                "latency_target_s": stage.latency_target_ms / 1000,
                "mime": stage.worker.resp_mime_type,
            }
            for name, stage in zip(names, self.stages, strict=True)
        ]
        return {
            "model_dir": settings.TI_MODEL_DIR,
            "stages": stages,
            "examples": self.examples,
            "openapi": self.openapi,
            "tensors": self.tensors,
        }


def make_plan(module: ModuleType) -> Plan:
    """Raises PackageError where the package cannot be served."""
    stages = stages_of(module)
    models = model_classes(module)
    model = models[0] if models else None
    ends = (model, model) if model else (stages[0].worker, stages[-1].worker)
    document = typed.openapi(
        *ends,
        batches=stages[0].max_batch_size > 1,
        streams=stages[-1].worker.resp_mime_type == "text/event-stream",
    )
    tensors = {
        "inputs": getattr(model, "v2_inputs", []),
        "outputs": getattr(model, "v2_outputs", []),
    }
    return Plan(stages, _examples(model), document, tensors)


def _examples(model: Any) -> list[Any]:
    """The model's `examples`, or those of warmup.json: one request, or a list of requests."""
    own = getattr(model, "examples", None)
    if own is not None:
        try:
            return list(json.loads(json.dumps(own)))
        except (TypeError, ValueError) as error:
            raise PackageError(f"the model's examples must be JSON: {error}") from error
    path = Path(settings.TI_MODEL_DIR) / WARM_UP_FILE
    if not path.is_file():
        return []
    try:
        found = json.loads(path.read_bytes())
    except ValueError as error:
        raise PackageError(f"{WARM_UP_FILE} is not JSON: {error}") from error
    return found if isinstance(found, list) else [found]
