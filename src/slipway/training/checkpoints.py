"""Checkpoints: folders `checkpoint-<step>` anywhere below the task's output (TRN-50, table T2)."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slipway.assets.keys import Address
from slipway.assets.storage import Storage
from slipway.training.types import Checkpoint, Task

_NAME = re.compile(r"checkpoint-(\d+)")


def output_of(task: Task) -> Address:
    """The folder that the task sees as its output."""
    output = Address.parse(task.output)
    return Address(output.bucket, f"{output.key.rstrip('/')}/output")


def address_of(task: Task, checkpoint: Checkpoint) -> str:
    place = output_of(task)
    return f"{place.bucket}/{place.key}/{checkpoint.path}"


async def checkpoints_of(storage: Storage, task: Task) -> list[Checkpoint]:
    place = output_of(task)
    return await storage.run(list_checkpoints, storage.path_of(place.bucket, place.key))


def list_checkpoints(output: Path) -> list[Checkpoint]:
    """Newest step first. Blocking; `output` is the task's output folder."""
    found = []
    for directory, folders, _files in os.walk(output):
        for name in list(folders):
            if match := _NAME.fullmatch(name):
                folders.remove(name)
                found.append(_read(Path(directory) / name, output, int(match[1])))
    return sorted(found, key=lambda c: (c.step or 0, c.path), reverse=True)


def _read(folder: Path, output: Path, step: int) -> Checkpoint:
    state = _json(folder / "trainer_state.json")
    card = _json(folder / "slipway-checkpoint.json")  # the recipes' own, with the chat template
    history = [entry for entry in state.get("log_history", []) if "loss" in entry]
    last = history[-1] if history else {}
    sizes = [file.stat().st_size for file in folder.rglob("*") if file.is_file()]
    return Checkpoint(
        name=folder.name, path=folder.relative_to(output).as_posix(), step=state.get("global_step", step),
        epoch=state.get("epoch", last.get("epoch")), loss=last.get("loss", state.get("loss")),
        learning_rate=last.get("learning_rate"), conv_template_name=card.get("conv_template_name", state.get("conv_template_name")),
        size_bytes=sum(sizes), created_at=datetime.fromtimestamp(folder.stat().st_mtime, UTC),
    )  # fmt: skip


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}
