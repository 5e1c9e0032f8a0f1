"""Where the weights to train come from: a folder with a model, or nothing at all."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from accelerate import PartialState
from accelerate.utils import broadcast_object_list
from transformers import AutoModelForCausalLM, AutoTokenizer, set_seed

from slipway.runtime.gpu_share import limit_torch
from slipway.runtime.recipes.errors import RecipeError
from slipway.runtime.recipes.hyperparameters import HyperParameters
from slipway.runtime.recipes.samples import Sample
from slipway.runtime.recipes.scratch import (
    model_size,
    new_model,
    train_tokenizer,
    wrap_tokenizer,
)
from slipway.runtime.recipes.tokens import PLAIN_TEMPLATE

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def from_scratch(
    samples: Sequence[Sample], wish: HyperParameters
) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
    limit_torch()
    size = model_size(wish["FromScratch"])
    # One process trains the tokenizer: every process must cut the text the same way.
    main = PartialState().is_main_process
    shared = [train_tokenizer(samples, size.vocab_size) if main else None]
    broadcast_object_list(shared)
    tokenizer = wrap_tokenizer(str(shared[0]), size.max_position_embeddings)
    set_seed(wish["Seed"])
    return new_model(size, tokenizer), tokenizer


def from_folder(
    folder: Path, wish: HyperParameters
) -> "tuple[PreTrainedModel, PreTrainedTokenizerBase]":
    limit_torch()
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = AutoModelForCausalLM.from_pretrained(
            folder, local_files_only=True, dtype=_dtype(wish)
        )
    except (OSError, ValueError, KeyError) as error:
        raise RecipeError(f"The base model in {folder} cannot be loaded: {error}") from error
    if not getattr(tokenizer, "is_fast", False):
        raise RecipeError(f"The base model in {folder} has no fast tokenizer (tokenizer.json).")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    if not tokenizer.chat_template:
        tokenizer.chat_template = PLAIN_TEMPLATE
    return model, tokenizer


def _dtype(wish: HyperParameters) -> torch.dtype:
    """Frozen weights may be short; weights that are trained keep full precision."""
    short = wish.lora and torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    return torch.bfloat16 if short else torch.float32
