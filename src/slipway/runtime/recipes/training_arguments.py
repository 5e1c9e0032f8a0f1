"""Checked hyper-parameters -> TRL's `SFTConfig`."""

import dataclasses
import importlib.util
import types
import typing
from pathlib import Path
from typing import Any

import torch
from trl.trainer.sft_config import SFTConfig

from slipway.runtime.recipes.errors import HyperParameterError
from slipway.runtime.recipes.hyperparameters import HyperParameters, suggestion

# What the recipe itself must hold in its hand.
_RESERVED = {"output_dir", "resume_from_checkpoint", "dataset_kwargs", "push_to_hub"}


def training_arguments(wish: HyperParameters, output_dir: Path, steps_per_epoch: int) -> SFTConfig:
    """What the user passed on by the Trainer's own names wins over what we derive."""
    derived = _derived(wish, output_dir, steps_per_epoch)
    return SFTConfig(**(derived | _passed_on(wish)))


def _derived(wish: HyperParameters, output_dir: Path, steps_per_epoch: int) -> dict[str, Any]:
    planned = max(1, round(steps_per_epoch * wish["Epoch"]))
    validates = wish["ValidationShare"] > 0
    return {
        "output_dir": str(output_dir),
        "num_train_epochs": wish["Epoch"],
        "per_device_train_batch_size": wish["BatchSize"],
        "per_device_eval_batch_size": wish["BatchSize"],
        "gradient_accumulation_steps": wish["GradienAccumulationSteps"],
        "learning_rate": wish["LearningRate"],
        "activation_checkpointing": wish["GradientCheckPointing"],
        "max_length": wish["MaxSequenceLength"],
        "save_strategy": "steps",
        "save_steps": wish["Step"],
        "eval_strategy": "steps" if validates else "no",
        "eval_steps": wish["Step"] if validates else None,
        # About a hundred points a curve, but one for each of the first steps of a short run.
        "logging_steps": max(1, planned // 100),
        "logging_first_step": True,
        "lr_scheduler_type": "cosine",
        "warmup_steps": min(100, planned // 20),
        "bf16": _has_bf16(),
        "use_cpu": not torch.cuda.is_available(),
        "dataloader_pin_memory": torch.cuda.is_available(),
        "seed": wish["Seed"],
        "data_seed": wish["Seed"],
        "report_to": "none",
        "disable_tqdm": True,
        "ddp_find_unused_parameters": False,
        "deepspeed": _deepspeed(wish),
    }


def _has_bf16() -> bool:
    return torch.cuda.is_available() and torch.cuda.is_bf16_supported()


def _deepspeed(wish: HyperParameters) -> dict[str, Any] | None:
    stage = wish["DeepspeedZeroStage"]
    if stage == "z0":
        return None
    if not torch.cuda.is_available() or importlib.util.find_spec("deepspeed") is None:
        if "DeepspeedZeroStage" in wish.given:
            print(
                f"DeepspeedZeroStage {stage} needs a GPU and the package deepspeed; "
                "training goes on without it.",
                flush=True,
            )
        return None
    zero: dict[str, Any] = {"stage": int(stage[1]), "overlap_comm": True}
    if stage.endswith("offload"):
        zero["offload_optimizer"] = {"device": "cpu", "pin_memory": True}
        if zero["stage"] == 3:
            zero["offload_param"] = {"device": "cpu", "pin_memory": True}
    if zero["stage"] == 3:
        zero["stage3_gather_16bit_weights_on_model_save"] = True
    return {
        "zero_optimization": zero,
        "bf16": {"enabled": _has_bf16()},
        "gradient_clipping": "auto",
        "train_batch_size": "auto",
        "train_micro_batch_size_per_gpu": "auto",
        "gradient_accumulation_steps": "auto",
    }


def _passed_on(wish: HyperParameters) -> dict[str, Any]:
    hints = typing.get_type_hints(SFTConfig)
    known = {f.name for f in dataclasses.fields(SFTConfig) if f.init} - _RESERVED
    for name, value in wish.passed_on.items():
        if name in _RESERVED:
            raise HyperParameterError(f"{name}: is set by the platform and cannot be changed.")
        if name not in known:
            raise HyperParameterError(f"{name}: is not known.{suggestion(name, tuple(known))}")
        if not _fits(value, hints[name]):
            raise HyperParameterError(f"{name}: {value!r} has the wrong type.")
    return dict(wish.passed_on)


def _fits(value: Any, hint: Any) -> bool:
    """Whether a JSON value may stand where this type is declared. Unclear cases are let through."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return any(_fits(value, option) for option in typing.get_args(hint))
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if hint in (bool, str):
        return isinstance(value, hint)
    if hint is type(None):
        return value is None
    return isinstance(value, dict | list | str)
