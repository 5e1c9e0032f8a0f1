"""TorchScript demos: a classifier, a detector, a reader of digits, a judge of words."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from slipway.runtime.serve.demos import picture, praise, write_files, write_words

_LOAD = """
import os

import torch
import tiinfer
from tiinfer.utils import image_to_cv2_mat


class Demo(tiinfer.Model):
    def load(self):
        file = os.path.join(self.model_dir, "model", "model.pt")
        self.model = torch.jit.load(file, map_location="cpu").eval()
        return True
"""
_CLASSIFY = f"""
{_LOAD}
    def preprocess(self, request):
        image = image_to_cv2_mat(request["image"]).astype("float32") / 255
        return torch.from_numpy(image).permute(2, 0, 1).unsqueeze(0)

    def predict(self, request):
        with torch.inference_mode():
            return self.model(request).softmax(1)[0]

    def postprocess(self, request):
        best = int(request.argmax())
        return {{"label": ["blue", "green", "red"][best], "score": round(float(request[best]), 4)}}
"""
_DETECT = f"""
{_LOAD}
    def preprocess(self, request):
        image = image_to_cv2_mat(request["image"]).astype("float32") / 255
        return torch.from_numpy(image).mean(2)

    def predict(self, request):
        with torch.inference_mode():
            return self.model(request)

    def postprocess(self, request):
        boxes, scores = request
        return {{"boxes": boxes.tolist(), "scores": [round(s, 4) for s in scores.tolist()]}}
"""
_OCR = f"""
{_LOAD}
    def preprocess(self, request):
        image = image_to_cv2_mat(request["image"]).astype("float32") / 255
        return torch.from_numpy(image[4::8, 4::8, 0].copy())  # eight pixels a dot

    def predict(self, request):
        with torch.inference_mode():
            return self.model(request)

    def postprocess(self, request):
        return {{"text": "".join(str(digit) for digit in request.tolist())}}
"""
_NLP = f"""
{_LOAD.replace("        return True", "")}
        with open(os.path.join(self.model_dir, "model", "vocab.txt")) as file:
            self.ids = {{word: at for at, word in enumerate(file.read().split())}}
        return True

    def preprocess(self, request):
        return torch.tensor([self.ids.get(word, 0) for word in request["text"].lower().split()])

    def predict(self, request):
        with torch.inference_mode():
            return self.model(request)

    def postprocess(self, request):
        best = int(request.argmax())
        return {{"label": ["negative", "positive"][best], "score": round(float(request[best]), 4)}}
"""
# Three dots wide, five high, row by row.
_DIGITS = (
    "111101101101111", "010110010010111", "111001111100111", "111001111001111", "101101111001001",
    "111100111001111", "111100111101111", "111001001001001", "111101111101111", "111101111001111",
)  # fmt: skip


class Colours(nn.Module):
    """How blue, green and red a picture is."""

    def forward(self, image: Tensor) -> Tensor:
        return image.mean(dim=(2, 3)) * 4


class BrightBox(nn.Module):
    """The box around what is bright, and how bright it is."""

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        found = torch.nonzero(image > 0.5)
        if found.shape[0] == 0:
            return torch.zeros(0, 4), torch.zeros(0)
        top, left = int(found[:, 0].min()), int(found[:, 1].min())
        bottom, right = int(found[:, 0].max()) + 1, int(found[:, 1].max()) + 1
        box = torch.tensor([[left, top, right, bottom]])
        return box, image[top:bottom, left:right].mean().reshape(1)


class Reader(nn.Module):
    """Each digit is a kernel; the one that fits best at a place is what stands there."""

    def __init__(self) -> None:
        super().__init__()
        dots = torch.tensor([[float(dot) for dot in digit] for digit in _DIGITS])
        self.kernels = nn.Parameter((dots * 2 - 1).reshape(10, 1, 5, 3))

    def forward(self, image: Tensor) -> Tensor:
        found = nn.functional.conv2d(image[None, None] * 2 - 1, self.kernels, stride=[5, 4])
        return found[0, :, 0].argmax(0)


class Judge(nn.Module):
    """The mean of the words' weights."""

    def __init__(self, weights: list[list[float]]) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.tensor(weights))

    def forward(self, words: Tensor) -> Tensor:
        return self.weights[words].mean(0).softmax(0)


def write_classify(directory: Path) -> None:
    image = np.zeros((32, 32, 3), np.uint8)
    image[:, :, 2] = 255  # red, as OpenCV orders colours
    _write(
        directory, Colours(), _CLASSIFY, {"image": picture(image)},
        {"label": "red", "score": 0.9647},
    )  # fmt: skip


def write_detect(directory: Path) -> None:
    image = np.zeros((64, 96), np.uint8)
    image[16:40, 24:72] = 255
    _write(
        directory, BrightBox(), _DETECT, {"image": picture(image)},
        {"boxes": [[24, 16, 72, 40]], "scores": [1.0]},
    )  # fmt: skip


def write_ocr(directory: Path) -> None:
    _write(directory, Reader(), _OCR, {"image": picture(_drawn("2026"))}, {"text": "2026"})


def write_nlp(directory: Path) -> None:
    model = _write(
        directory, Judge(praise()), _NLP, {"text": "great and fast"},
        {"label": "positive", "score": 0.935},
    )  # fmt: skip
    write_words(model)


def _drawn(text: str) -> np.ndarray:
    dots = np.zeros((5, 4 * len(text) - 1), np.uint8)
    for at, digit in enumerate(text):
        shape = np.array([int(dot) for dot in _DIGITS[int(digit)]]).reshape(5, 3)
        dots[:, 4 * at : 4 * at + 3] = shape * 255
    return np.kron(dots, np.ones((8, 8), np.uint8))


def _write(
    directory: Path, module: nn.Module, service: str, request: object, expected: object
) -> Path:
    model = write_files(directory, service=service, request=request, expected=expected)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is on its way out of PyTorch, and still what is served
        torch.jit.save(torch.jit.script(module.eval()), str(model / "model.pt"))
    return model
