"""Checkpoints on disk: which are whole, which to go on from, and what their cards say.

A kill can leave a directory half written. The files themselves tell: a safetensors file announces
its own length in its header, and a torch file is a zip whose directory is written last.
"""

import json
import re
import shutil
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from slipway.runtime.recipes.errors import CheckpointError

STATE_FILE = "trainer_state.json"  # the Trainer writes it last
CARD_FILE = "slipway-checkpoint.json"
_NAME = re.compile(r"checkpoint-(\d+)")
_HEADER_BYTES = 8


@dataclass(frozen=True, slots=True)
class CheckpointCard:
    """What a checkpoint says of itself; None where it does not say."""

    path: str
    step: int | None
    epoch: float | None
    loss: float | None
    learning_rate: float | None
    conv_template_name: str | None


def find_newest_complete(output_dir: Path) -> Path | None:
    complete = [path for path in list_checkpoints(output_dir) if is_complete(path)]
    return complete[-1] if complete else None


def list_checkpoints(output_dir: Path) -> list[Path]:
    """Directories `checkpoint-<step>` directly below, by step."""
    if not output_dir.is_dir():
        return []
    steps = {
        path: int(match[1])
        for path in output_dir.iterdir()
        if path.is_dir() and (match := _NAME.fullmatch(path.name))
    }
    return sorted(steps, key=lambda path: steps[path])


def is_complete(checkpoint: Path) -> bool:
    """Whether training can go on from here: weights, optimizer, schedule, random state, state."""
    torch_files = [checkpoint / "optimizer.pt", checkpoint / "scheduler.pt"]
    random_states = list(checkpoint.glob("rng_state*.pth"))
    return (
        _is_json_object(checkpoint / STATE_FILE)
        and _has_whole_weights(checkpoint)
        and bool(random_states)
        and all(zipfile.is_zipfile(path) for path in [*torch_files, *random_states])
    )


def choose_start(
    output_dir: Path, *, resume: bool, overwrite: bool, asked_for: str | None
) -> Path | None:
    """The checkpoint to go on from, or None for a fresh start.

    `asked_for` is the platform's own choice (`RESUME_FROM_CHECKPOINT`) and wins.
    """
    if asked_for:
        if not is_complete(Path(asked_for)):
            raise CheckpointError(
                f"RESUME_FROM_CHECKPOINT names {asked_for}, which is not a complete checkpoint."
            )
        return Path(asked_for)
    if resume and not overwrite:
        return find_newest_complete(output_dir)
    if not resume and not overwrite and _is_filled(output_dir):
        raise CheckpointError(
            f"{output_dir} is not empty and ResumeFromCheckpoint is false. Set it to true to go "
            'on, choose another output directory, or add "overwrite_output_dir": true.'
        )
    return None


def remove_checkpoints(output_dir: Path) -> int:
    """Overwriting means: our own checkpoints go, other files stay."""
    old = list_checkpoints(output_dir)
    for checkpoint in old:
        shutil.rmtree(checkpoint)
    return len(old)


def read_card(checkpoint: Path) -> CheckpointCard:
    """Fields come from the Trainer's state; a checkpoint of another program may lack them."""
    state = _read_object(checkpoint / STATE_FILE)
    ours = _read_object(checkpoint / CARD_FILE)
    history = [entry for entry in state.get("log_history", []) if "loss" in entry]
    last = history[-1] if history else {}
    name = _NAME.fullmatch(checkpoint.name)
    return CheckpointCard(
        path=str(checkpoint),
        step=state.get("global_step", int(name[1]) if name else None),
        epoch=state.get("epoch"),
        loss=last.get("loss"),
        learning_rate=last.get("learning_rate"),
        conv_template_name=ours.get("conv_template_name"),
    )


def write_card(checkpoint: Path, conv_template_name: str) -> None:
    (checkpoint / CARD_FILE).write_text(json.dumps({"conv_template_name": conv_template_name}))
    card = asdict(read_card(checkpoint))
    (checkpoint / CARD_FILE).write_text(json.dumps(card, ensure_ascii=False, indent=1))


def _is_filled(directory: Path) -> bool:
    return directory.is_dir() and any(not path.name.startswith(".") for path in directory.iterdir())


def _has_whole_weights(checkpoint: Path) -> bool:
    weights = list(checkpoint.glob("*.safetensors"))
    if not weights or not all(_is_whole_safetensors(path) for path in weights):
        return False
    index = checkpoint / "model.safetensors.index.json"
    if not index.exists():
        return True
    shards = set(_read_object(index).get("weight_map", {}).values())
    return bool(shards) and shards <= {path.name for path in weights}


def _is_whole_safetensors(path: Path) -> bool:
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        header_length = int.from_bytes(file.read(_HEADER_BYTES), "little")
        if not 0 < header_length <= size_bytes - _HEADER_BYTES:
            return False
        try:
            header = json.loads(file.read(header_length))
        except ValueError:
            return False
    ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    return bool(_HEADER_BYTES + header_length + max(ends, default=0) == size_bytes)


def _is_json_object(path: Path) -> bool:
    return bool(_read_object(path))


def _read_object(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
