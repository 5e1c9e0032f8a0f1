"""A text classifier of transformers: two layers with weights of a seed, and a tokenizer of words."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

from slipway.runtime.serve.demos import write_files

_SERVICE = """
import os

import torch
import tiinfer
from transformers import AutoModelForSequenceClassification, AutoTokenizer


class Demo(tiinfer.Model):
    def load(self):
        folder = os.path.join(self.model_dir, "model")
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
        return True

    def preprocess(self, request):
        return self.tokenizer(request["text"], return_tensors="pt")

    def predict(self, request):
        with torch.inference_mode():
            return self.model(**request).logits.softmax(1)[0]

    def postprocess(self, request):
        best = int(request.argmax())
        label = self.model.config.id2label[best]
        return {"label": label, "score": round(float(request[best]), 4)}
"""
_LABELS = ("negative", "positive")
_TEXT = "great and fast"
_WORDS = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "good", "great", "fast", "bad", "slow"]


def write_nlp(directory: Path) -> None:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(_WORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=64, initializer_range=0.5,
        id2label=dict(enumerate(_LABELS)), label2id={name: at for at, name in enumerate(_LABELS)},
    )  # fmt: skip
    network = BertForSequenceClassification(config)
    network.eval()  # type: ignore[no-untyped-call]
    tokenizer = _tokenizer()
    with torch.inference_mode():
        scores = network(**tokenizer(_TEXT, return_tensors="pt")).logits.softmax(1)[0]
    best = int(scores.argmax())
    expected = {"label": _LABELS[best], "score": round(float(scores[best]), 4)}
    model = write_files(
        directory, service=_SERVICE, request={"text": _TEXT}, expected=expected
    )  # fmt: skip
    network.save_pretrained(model)
    tokenizer.save_pretrained(model)


def _tokenizer() -> PreTrainedTokenizerFast:
    raw = Tokenizer(models.WordLevel({word: at for at, word in enumerate(_WORDS)}, "[UNK]"))
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=raw, unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        pad_token="[PAD]",
    )  # fmt: skip
