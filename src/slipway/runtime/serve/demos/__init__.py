"""Demos: one small package for each format and scene, made on the spot, with a request and its answer.

Their models are tiny and their weights set by hand (or by a seed), so that nothing is downloaded and
the answer is known. `slipway serve check DIR` tries one as it would be deployed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

Writer = Callable[[Path], None]
_DEMOS = {
    ("TorchScript", "detect"): "torchscript:write_detect",
    ("TorchScript", "classify"): "torchscript:write_classify",
    ("TorchScript", "nlp"): "torchscript:write_nlp",
    ("TorchScript", "ocr"): "torchscript:write_ocr",
    # What these export is TorchScript, and so is what is served.
    ("Detectron2", "detect"): "torchscript:write_detect",
    ("MMDetection", "detect"): "torchscript:write_detect",
    ("HuggingFace", "nlp"): "huggingface:write_nlp",
    ("ONNX", "detect"): "onnx_detect:write_detect",
    ("SavedModel", "nlp"): "tensorflow_models:write_nlp",
    ("SavedModel", "recommend"): "tensorflow_models:write_recommend",
    ("FrozenGraph", "nlp"): "tensorflow_models:write_frozen_nlp",
    ("PMML", ""): "pmml:write_demo",
    ("scikit-learn", "classify"): "sklearn_classify:write_classify",
}
_PRAISE, _BLAME = ("good", "great", "fast", "love"), ("bad", "slow", "broken", "hate")


def listed() -> list[tuple[str, str]]:
    """Every (format, scene)."""
    return list(_DEMOS)


def find(model_format: str, scene: str) -> Writer | None:
    """Its library is loaded when it writes."""
    place = _DEMOS.get((model_format, scene))
    if place is None:
        return None
    module, _, name = place.partition(":")

    def write(directory: Path) -> None:
        getattr(import_module(f"{__name__}.{module}"), name)(directory)

    return write


def write_files(directory: Path, *, service: str, request: Any, expected: Any) -> Path:
    """The package around a model; returns the folder that the model goes into."""
    (directory / "model_service.py").write_text(service.lstrip())
    for name, content in (("test.json", request), ("expected.json", expected)):
        text = json.dumps(content, ensure_ascii=False, indent=2)
        (directory / name).write_text(text + "\n", encoding="utf-8")
    model = directory / "model"
    model.mkdir()
    return model


def write_words(model: Path) -> None:
    """The vocabulary that the NLP demos share."""
    (model / "vocab.txt").write_text("\n".join(("<unk>", *_PRAISE, *_BLAME)) + "\n")


def praise() -> list[list[float]]:
    """A weight for (negative, positive) of each word of the vocabulary."""
    return [[0.0, 0.0], *([-2.0, 2.0] for _ in _PRAISE), *([2.0, -2.0] for _ in _BLAME)]


def picture(pixels: Any) -> str:
    """A grey picture (rows of 0 to 255) as PNG in base64."""
    import base64

    import cv2
    import numpy as np

    written, png = cv2.imencode(".png", np.asarray(pixels, np.uint8))
    if not written:
        raise RuntimeError("the picture could not be encoded")
    return base64.b64encode(png.tobytes()).decode()
