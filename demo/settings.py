"""The demo's hyper-parameters: the smallest ones found that learn the facts honestly.

Three runs of one 1.1-million-parameter model. The questions of `heldout.jsonl` are phrasings that
were not trained for their fact, so the score says whether a question was understood, not whether
the line was seen.
"""

from typing import Any

DIGITS: dict[str, Any] = {"Epoch": 16, "BatchSize": 16, "LearningRate": 0.005}

_COMMON: dict[str, Any] = {
    "MaxSequenceLength": 128,
    "GradientCheckPointing": False,
    "DeepspeedZeroStage": "z0",
}

# Every fact as plain text: what the words are and which belong together.
PRETRAIN: dict[str, Any] = _COMMON | {
    "Stage": "pretrain",
    "FromScratch": {"Size": "tiny"},
    "DataFiles": "pretrain.jsonl",
    "Epoch": 16,
    "BatchSize": 16,
    "LearningRate": 5e-3,
    "Step": 80,
}

# How to answer a question, with three quarters of the facts.
FULL: dict[str, Any] = _COMMON | {
    "FinetuningType": "Full",
    "DataFiles": "first.jsonl",
    "Epoch": 8,
    "BatchSize": 32,
    "LearningRate": 3e-3,
    "Step": 92,
    "train_sampling_strategy": "group_by_length",
}

# The last quarter of the facts, and each of the others once more.
LORA: dict[str, Any] = _COMMON | {
    "FinetuningType": "Lora",
    "LoraRank": 16,
    "DataFiles": "later.jsonl",
    "Epoch": 9,
    "BatchSize": 32,
    "LearningRate": 1e-2,
    "Step": 60,
    "train_sampling_strategy": "group_by_length",
}
