"""The environments in which models of each format are served: locked sets of packages.

The manual's names (`pytorch1.12.1-py38`, `onnx1.11.1-py38` ...) are kept as aliases of their present
equivalents. Plain data, also read by the environments' room.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class InferenceSet:
    """hardware: cpu, gpu or both. requirements: every package with its exact version."""

    id: str
    name: str
    framework: str
    hardware: tuple[str, ...]
    aliases: tuple[str, ...]
    formats: tuple[str, ...]
    note: str
    requirements: tuple[str, ...]


@lru_cache(maxsize=1)
def inference_sets() -> tuple[InferenceSet, ...]:
    found = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return tuple(_set(one) for one in found)


def _set(data: dict[str, Any]) -> InferenceSet:
    values: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in data.items()}
    return InferenceSet(**values)
