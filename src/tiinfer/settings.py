"""The environment variables of a model package and their functions.

A `set_` function called while `model_service.py` is imported wins over the environment,
since the processes start after the import. Setting writes the variable itself, so worker
processes see the same value.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

logger = logging.getLogger("tiinfer")

DEFAULT_MODEL_DIR = "/data/model/"
DEFAULTS = {
    "TI_PREPROCESS_NUMS": 0,
    "TI_INFERENCE_NUMS": 1,
    "TI_POSTPROCESS_NUMS": 0,
    "TI_INFERENCE_MAX_BATCH_SIZE": 1,
    # Beyond the published package: how long a batch waits to fill (0: 10 ms), and what its
    # waiting and its work together should stay within (0: no target).
    "TI_INFERENCE_MAX_BATCH_WAIT_MS": 0,
    "TI_INFERENCE_LATENCY_TARGET_MS": 0,
}
DEVICES_VARIABLE = "TI_DEVICES"
MEMORY_VARIABLE = "TI_DEVICE_MEMORY_FRACTION"

# Absolute, because the server changes into it and worker processes start elsewhere.
TI_MODEL_DIR: str = str(Path(os.environ.get("TI_MODEL_DIR") or DEFAULT_MODEL_DIR).absolute())


def get_ti_model_dir() -> str:
    return TI_MODEL_DIR


def get_ti_preprocess_nums() -> int:
    return _read("TI_PREPROCESS_NUMS")


def set_ti_preprocess_nums(value: int) -> None:
    _write("TI_PREPROCESS_NUMS", value)


def get_ti_inference_nums() -> int:
    return _read("TI_INFERENCE_NUMS")


def set_ti_inference_nums(value: int) -> None:
    _write("TI_INFERENCE_NUMS", value)


def get_ti_postprocess_nums() -> int:
    return _read("TI_POSTPROCESS_NUMS")


def set_ti_postprocess_nums(value: int) -> None:
    _write("TI_POSTPROCESS_NUMS", value)


def get_ti_inference_max_batch_size() -> int:
    return _read("TI_INFERENCE_MAX_BATCH_SIZE")


def set_ti_inference_max_batch_size(value: int) -> None:
    """Above 1 the hooks get lists. Too large a batch may exhaust the GPU's memory."""
    _write("TI_INFERENCE_MAX_BATCH_SIZE", value)


def get_ti_inference_max_batch_wait_ms() -> int:
    return max(0, _read("TI_INFERENCE_MAX_BATCH_WAIT_MS"))


def get_ti_inference_latency_target_ms() -> int:
    return max(0, _read("TI_INFERENCE_LATENCY_TARGET_MS"))


def devices() -> list[str]:
    """Cards that inference processes are spread over, as CUDA names them; none: all see all."""
    return [
        name.strip() for name in os.environ.get(DEVICES_VARIABLE, "").split(",") if name.strip()
    ]


def memory_fraction() -> float:
    """The part of a card's memory that one process may take; 0: no limit."""
    text = os.environ.get(MEMORY_VARIABLE, "")
    try:
        value = float(text) if text else 0.0
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        logger.warning(
            "%s=%r is not a part between 0 and 1; no limit is set", MEMORY_VARIABLE, text
        )
        return 0.0
    return value


def inference_nums_given() -> bool:
    """Whether the process count is set at all; otherwise the model's `workers` counts."""
    return bool(os.environ.get("TI_INFERENCE_NUMS"))


def log_settings() -> None:
    logger.info("TI_MODEL_DIR=%s", TI_MODEL_DIR)
    for name in DEFAULTS:
        logger.info("%s=%d", name, _read(name, warn=True))


def _read(name: str, *, warn: bool = False) -> int:
    text = os.environ.get(name)
    default = DEFAULTS[name]
    if not text:
        return default
    try:
        return int(text)
    except ValueError:
        if warn:
            logger.warning("%s=%r is not an integer; using %d", name, text, default)
        return default


def _write(name: str, value: int) -> None:
    os.environ[name] = str(int(value))
