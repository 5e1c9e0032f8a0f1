"""Load a causal language model with its tokenizer from a local directory.

The directory is a Hugging Face checkpoint, or a LoRA adapter (`adapter_config.json`) that is
merged into its base at load, so serving costs the same as the base alone, or it holds one GGUF
file, whose weights are made full numbers again. Nothing is looked up on a hub.
"""

from __future__ import annotations

import importlib.util
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slipway.runtime.gpu_share import limit_torch

if TYPE_CHECKING:
    import torch

DEFAULT_MAX_LEN = 8192
SMALL_PARAMETERS = 20_000_000
_ADAPTER_CONFIG = "adapter_config.json"
_CONFIG = "config.json"
_TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json", "tokenizer_config.json")


class CheckpointError(Exception):
    """The directory cannot be served; the text says why and what to do."""


@dataclass(frozen=True)
class Checkpoint:
    """A model that is ready to generate."""

    model: Any
    tokenizer: Any
    device: torch.device
    max_len: int
    stop_ids: frozenset[int]
    # What the model's own generation_config.json asks for where a request says nothing.
    temperature: float
    top_p: float
    top_k: int


def go_offline() -> None:
    """Before transformers is imported: a local path must never become a hub request."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    # A bar redrawn by carriage returns is noise in a log of lines.
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


def find_model(directory: Path) -> Path:
    """The directory that holds the checkpoint: itself, or its only child that does."""
    if not directory.is_dir():
        raise CheckpointError(f"The model directory {directory} does not exist.")
    if _is_model(directory):
        return directory
    children = [
        child for child in sorted(directory.iterdir()) if child.is_dir() and _is_model(child)
    ]
    if len(children) == 1:
        return children[0]
    if children:
        names = ", ".join(child.name for child in children)
        raise CheckpointError(f"{directory} holds several models ({names}). Choose one of them.")
    raise CheckpointError(
        f"{directory} holds no language model: config.json (a Hugging Face checkpoint), "
        f"{_ADAPTER_CONFIG} (a LoRA adapter) or one *.gguf file is expected."
    )


def find_gguf(model: Path) -> Path | None:
    """The GGUF file of a model directory; None where it is a checkpoint of another form."""
    if (model / _CONFIG).is_file() or (model / _ADAPTER_CONFIG).is_file():
        return None
    files = sorted(model.glob("*.gguf"))
    first = [path for path in files if "-00001-of-" in path.name]
    if first:
        return first[0]  # a model in several parts; the engine finds the others itself
    return files[0] if len(files) == 1 else None


def _is_model(directory: Path) -> bool:
    if (directory / _CONFIG).is_file() or (directory / _ADAPTER_CONFIG).is_file():
        return True
    return find_gguf(directory) is not None


def find_base(adapter: Path, base_dir: Path | None) -> Path:
    """The base checkpoint of an adapter: as given, or where its own config points to."""
    if base_dir is not None:
        base = find_model(base_dir)
        if (base / _CONFIG).is_file():
            return base
        raise CheckpointError(f"The base model directory {base_dir} holds no config.json.")
    name = read_json(adapter / _ADAPTER_CONFIG).get("base_model_name_or_path")
    if not isinstance(name, str) or not name:
        raise CheckpointError(f"{adapter / _ADAPTER_CONFIG} names no base model. Give --base-dir.")
    for place in (Path(name), adapter / name, adapter / "base", adapter.parent / Path(name).name):
        if (place / _CONFIG).is_file():
            return place
    raise CheckpointError(
        f"{adapter} is a LoRA adapter of {name}, which is not on this machine. "
        "Give the base model's directory with --base-dir."
    )


def read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise CheckpointError(f"{path} is not a JSON object.")
    return value


def load(
    directory: Path,
    *,
    base_dir: Path | None = None,
    max_len: int = DEFAULT_MAX_LEN,
    dtype: str = "auto",
    device: str = "auto",
) -> Checkpoint:
    """Load and prepare. dtype auto: 32 bit on a CPU (16 bit is slower there), else as saved."""
    import torch

    limit_torch()
    place = torch.device(_device(device))
    adapter = (directory / _ADAPTER_CONFIG).is_file()
    weights = find_base(directory, base_dir) if adapter else directory
    gguf = find_gguf(directory)
    _check_gguf(gguf)
    tokenizer = _load_tokenizer(directory if _has_tokenizer(directory) else weights, gguf)
    model = _load_weights(weights, _dtype(dtype, place), gguf)
    if adapter:
        model = _merge(model, directory, len(tokenizer))
    model.to(place).eval().requires_grad_(False)
    _set_threads(model, place)
    limit = getattr(model.config.get_text_config(), "max_position_embeddings", None) or max_len
    defaults = _generation_defaults(model)
    return Checkpoint(
        model=model,
        tokenizer=tokenizer,
        device=place,
        max_len=min(max_len, limit),
        stop_ids=_stop_ids(model, tokenizer),
        temperature=float(defaults.get("temperature", 1.0)),
        top_p=float(defaults.get("top_p", 1.0)),
        top_k=int(defaults.get("top_k", 0)),
    )


def _device(name: str) -> str:
    import torch

    if name != "auto":
        return name
    return "cuda" if torch.cuda.is_available() else "cpu"


def _dtype(name: str, device: torch.device) -> Any:
    import torch

    if name == "auto":
        return torch.float32 if device.type == "cpu" else "auto"
    return getattr(torch, name)


def _has_tokenizer(directory: Path) -> bool:
    return any((directory / name).is_file() for name in _TOKENIZER_FILES)


def _check_gguf(gguf: Path | None) -> None:
    if gguf is not None and importlib.util.find_spec("gguf") is None:
        raise CheckpointError(
            f"{gguf.name} is a GGUF file: install llama.cpp (llama-server on the PATH), or the "
            "package gguf, with which this server reads it."
        )


def _gguf_options(gguf: Path | None) -> dict[str, str]:
    return {} if gguf is None else {"gguf_file": gguf.name}


def _load_tokenizer(directory: Path, gguf: Path | None) -> Any:
    from transformers import AutoTokenizer

    own = {} if _has_tokenizer(directory) else _gguf_options(gguf)
    try:
        return AutoTokenizer.from_pretrained(directory, local_files_only=True, **own)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise CheckpointError(f"The tokenizer in {directory} cannot be loaded: {error}") from error


def _load_weights(directory: Path, dtype: Any, gguf: Path | None) -> Any:
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return AutoModelForCausalLM.from_pretrained(
            directory, dtype=dtype, local_files_only=True, **_gguf_options(gguf)
        )
    except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
        raise CheckpointError(f"The model in {directory} cannot be loaded: {error}") from error


def _merge(model: Any, adapter: Path, vocabulary: int) -> Any:
    """Fold the adapter into the base, so that no extra product is computed for each token."""
    from peft import PeftModel

    if vocabulary > model.get_input_embeddings().num_embeddings:
        model.resize_token_embeddings(vocabulary)  # the fine-tuning added tokens
    try:
        return PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise CheckpointError(
            f"The LoRA adapter in {adapter} does not fit its base model: {error}"
        ) from error


def _set_threads(model: Any, device: torch.device) -> None:
    """Layers that are done in microseconds lose by being shared between threads.

    Measured with 2 layers of 32: on a busy machine of 2 cores, where one thread has to wait
    for the other to be scheduled at each layer, 213 tokens/s instead of 1,800.
    """
    import torch

    if device.type == "cpu" and model.num_parameters() < SMALL_PARAMETERS:
        torch.set_num_threads(1)


def _generation_defaults(model: Any) -> dict[str, Any]:
    """Sampling settings saved with the model; its greedy default is not one (OpenAI's is 1)."""
    config = model.generation_config
    if not getattr(config, "do_sample", False):
        return {}
    wanted = {name: getattr(config, name, None) for name in ("temperature", "top_p", "top_k")}
    return {name: value for name, value in wanted.items() if value is not None}


def _stop_ids(model: Any, tokenizer: Any) -> frozenset[int]:
    found: set[int] = set()
    for value in (model.generation_config.eos_token_id, tokenizer.eos_token_id):
        if isinstance(value, int):
            found.add(value)
        elif value is not None:
            found.update(int(item) for item in value)
    return frozenset(found)
