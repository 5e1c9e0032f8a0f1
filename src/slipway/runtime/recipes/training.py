"""One run: encode, train, keep the result. Everything heavy is imported here and below."""

import json
import math
import os
import shutil
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import datasets
import torch
import transformers
from accelerate import PartialState
from accelerate.utils import broadcast_object_list
from datasets import Dataset
from peft import LoraConfig
from transformers import PrinterCallback
from trl.trainer.sft_trainer import SFTTrainer

from slipway.runtime.recipes.base_model import from_folder, from_scratch
from slipway.runtime.recipes.callbacks import CardWriter, GracefulStop, Reporter
from slipway.runtime.recipes.checkpoints import choose_start, remove_checkpoints
from slipway.runtime.recipes.errors import HyperParameterError, RecipeError
from slipway.runtime.recipes.hyperparameters import HyperParameters
from slipway.runtime.recipes.samples import Sample
from slipway.runtime.recipes.tokens import Encoded, encode, template_name
from slipway.runtime.recipes.training_arguments import training_arguments

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    Loaded = tuple[PreTrainedModel, PreTrainedTokenizerBase]


@dataclass(frozen=True, slots=True)
class Places:
    """The directories of a run."""

    output_dir: Path
    model_dir: Path
    base_model_dir: Path | None
    resume_from: str | None


def train(samples: Sequence[Sample], wish: HyperParameters, places: Places) -> bool:
    """Run to the end and write the model. False if SIGTERM stopped it after a checkpoint."""
    _quieten()
    start = _agree_on_start(wish, places)
    model, tokenizer = _load(samples, wish, places.base_model_dir)
    rows, held_out = _encode(samples, tokenizer, wish, model)
    stop = GracefulStop()
    trainer = _trainer(model, tokenizer, rows, held_out, wish, places, stop)
    trainer.train(resume_from_checkpoint=str(start) if start else None)
    if stop.stopped:
        return False
    measured = _final_metrics(trainer, validate=bool(held_out))
    _keep_model(trainer, tokenizer, wish, places.model_dir)
    if trainer.is_world_process_zero():
        summary = {"samples": len(samples), "steps": trainer.state.global_step, **measured}
        (places.model_dir / "metrics.json").write_text(json.dumps(summary, indent=1))
        print(f"The model is in {places.model_dir}: {json.dumps(summary)}", flush=True)
    return True


class RecipeTrainer(SFTTrainer):
    def create_model_card(self, *_: Any, **__: Any) -> None:
        """Leave it: a README among the checkpoints is nobody's wish."""


def _quieten() -> None:
    """Only our own lines in the log: no bars, and no word about what only PEFT can change."""
    warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing", category=FutureWarning)
    transformers.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    datasets.disable_progress_bars()


def _agree_on_start(wish: HyperParameters, places: Places) -> Path | None:
    """The main process decides, since the others may look after files have changed."""
    decision: list[Any] = [None]
    if PartialState().is_main_process:
        try:
            decision = [_decide_start(wish, places)]
        except RecipeError as error:
            decision = [error]
    broadcast_object_list(decision)
    if isinstance(decision[0], RecipeError):
        raise decision[0]
    start: Path | None = decision[0]
    if start and not start.exists():
        raise RecipeError(f"{start} is not visible on this node; use a shared output directory.")
    return start


def _decide_start(wish: HyperParameters, places: Places) -> Path | None:
    start = choose_start(
        places.output_dir,
        resume=wish["ResumeFromCheckpoint"],
        overwrite=wish["overwrite_output_dir"],
        asked_for=places.resume_from,
    )
    if start:
        print(f"Resuming from {start}", flush=True)
    elif wish["overwrite_output_dir"] and (count := remove_checkpoints(places.output_dir)):
        print(f"Overwriting: removed {count} old checkpoints", flush=True)
    elif wish["ResumeFromCheckpoint"]:
        print("No complete checkpoint found; starting from step 0", flush=True)
    return start


def _load(samples: Sequence[Sample], wish: HyperParameters, base: Path | None) -> "Loaded":
    if wish["FromScratch"] is not None:
        if base:
            raise RecipeError(
                f"FromScratch: there is also a base model in {base}. Keep one of the two."
            )
        return from_scratch(samples, wish)
    if base is None:
        raise RecipeError(
            "No base model: mount one (ML_BASE_MODEL_DIR), or add "
            '"FromScratch": "tiny" to train a small one from scratch.'
        )
    return from_folder(base, wish)


def _encode(
    samples: Sequence[Sample],
    tokenizer: "PreTrainedTokenizerBase",
    wish: HyperParameters,
    model: "PreTrainedModel",
) -> tuple[Dataset, Dataset | None]:
    longest = min(
        wish["MaxSequenceLength"], getattr(model.config, "max_position_embeddings", None) or 1 << 30
    )
    encoded = encode(samples, tokenizer, longest, pretrain=wish.pretrain)
    _describe(encoded, model, longest, wish)
    rows = list(encoded.rows)
    held_out_count = math.floor(len(rows) * wish["ValidationShare"])
    if not held_out_count:
        return Dataset.from_list(rows), None
    order = torch.randperm(
        len(rows), generator=torch.Generator().manual_seed(wish["Seed"])
    ).tolist()
    held_out = [rows[i] for i in order[:held_out_count]]
    kept = [rows[i] for i in sorted(order[held_out_count:])]
    return Dataset.from_list(kept), Dataset.from_list(held_out)


def _describe(
    encoded: Encoded, model: "PreTrainedModel", longest: int, wish: HyperParameters
) -> None:
    if not PartialState().is_main_process:
        return
    tokens = sum(len(row["input_ids"]) for row in encoded.rows)
    parameters = sum(p.numel() for p in model.parameters())
    print(
        f"{type(model).__name__} with {parameters:,} parameters, stage {wish['Stage']}, "
        f"{wish['FinetuningType']}; {len(encoded.rows):,} sequences, {tokens:,} tokens; "
        f"{encoded.cut} cut to {longest} tokens, {encoded.dropped} left out for it",
        flush=True,
    )


def _trainer(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerBase",
    rows: Dataset,
    held_out: Dataset | None,
    wish: HyperParameters,
    places: Places,
    stop: GracefulStop,
) -> RecipeTrainer:
    per_step = wish["BatchSize"] * wish["GradienAccumulationSteps"] * PartialState().num_processes
    try:
        arguments = training_arguments(wish, places.output_dir, math.ceil(len(rows) / per_step))
    except (TypeError, ValueError, ImportError) as error:
        raise HyperParameterError(f"The training arguments are refused: {error}") from error
    if held_out is None and arguments.eval_strategy != "no":
        raise HyperParameterError(
            "ValidationShare: is too small for this data, or 0, but evaluation is switched on."
        )
    model.config.use_cache = False  # of no use while training, and it would warn
    trainer = RecipeTrainer(
        model=model,
        args=arguments,
        train_dataset=rows,
        eval_dataset=held_out,
        processing_class=tokenizer,
        peft_config=_lora(wish) if wish.lora else None,
        callbacks=[
            Reporter(),
            CardWriter(template_name(tokenizer, str(model.config.model_type))),
            stop,
        ],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _lora(wish: HyperParameters) -> LoraConfig:
    targets = list(wish["LoraTarget"])
    return LoraConfig(
        task_type="CAUSAL_LM",
        r=wish["LoraRank"],
        lora_alpha=wish["LoraAlpha"] or 2 * wish["LoraRank"],
        lora_dropout=wish["LoraDropout"],
        target_modules=targets[0] if targets == ["all-linear"] else targets,
    )


def _final_metrics(trainer: RecipeTrainer, *, validate: bool) -> dict[str, float]:
    if validate and not any("eval_loss" in e for e in trainer.state.log_history[-2:]):
        trainer.evaluate()
    measured: dict[str, float] = {}
    for entry in trainer.state.log_history:
        measured |= {key: entry[key] for key in ("loss", "eval_loss") if key in entry}
    return measured


def _keep_model(
    trainer: RecipeTrainer,
    tokenizer: "PreTrainedTokenizerBase",
    wish: HyperParameters,
    target: Path,
) -> None:
    """A plain model folder. With LoRA the adapter lies beside it, in `adapter/`."""
    merge = wish.lora and wish["MergeAdapter"]
    trainer.save_model(str(target / "adapter" if merge else target))
    if not trainer.is_world_process_zero():
        return
    if merge:
        merged = trainer.accelerator.unwrap_model(trainer.model).merge_and_unload()
        merged.config.use_cache = True
        merged.save_pretrained(target)
        tokenizer.save_pretrained(target)
    for folder in (target, target / "adapter"):
        # The Trainer's pickled arguments are of no use to whoever loads the model.
        (folder / "training_args.bin").unlink(missing_ok=True)
    _set_use_cache(target)


def _set_use_cache(folder: Path) -> None:
    """Training switched the cache off in the config; who serves the model wants it on."""
    path = folder / "config.json"
    if path.exists():
        config = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(config | {"use_cache": True}, indent=2) + "\n")


def prepare_places(places: Places) -> None:
    """Make the directories; refuse early what would fail after hours of training."""
    for directory in (places.output_dir, places.model_dir):
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RecipeError(f"{directory} cannot be created: {error.strerror}") from error
        if not os.access(directory, os.W_OK):
            raise RecipeError(f"{directory} is not writable.")
    free_bytes = shutil.disk_usage(places.model_dir).free
    print(f"{free_bytes / 2**30:.1f} GiB free for the model", flush=True)
