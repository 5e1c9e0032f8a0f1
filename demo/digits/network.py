"""The digit classifier: shared by training and serving, so that they cannot drift apart."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

SIDE = 8  # pixels


class DigitNet(nn.Sequential):
    """(n, 1, 8, 8) grey values in 0..1 -> (n, classes) scores before softmax."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__(
            nn.Conv2d(1, 32, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(32, 64, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(64 * (SIDE // 2) ** 2, 128),
            nn.ReLU(),
            nn.Dropout(0.3),
            nn.Linear(128, classes),
        )


def to_pixels(image: Image.Image) -> Tensor:
    """Any picture -> (1, 8, 8) grey values in 0..1."""
    grey = image.convert("L")
    if grey.size != (SIDE, SIDE):
        grey = grey.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return torch.from_numpy(np.asarray(grey, dtype=np.float32) / 255).unsqueeze(0)


def read_class_folders(directory: Path) -> tuple[Tensor, Tensor, list[str]]:
    """`<class>/<file>.png` -> pixels (n, 1, 8, 8), labels (n,), class names by label."""
    classes = sorted(
        path.name for path in directory.iterdir() if path.is_dir() and any(path.glob("*.png"))
    )
    if len(classes) < 2:
        raise SystemExit(f"{directory} holds no class folders with PNG files.")
    pixels, labels = [], []
    for label, name in enumerate(classes):
        for path in sorted((directory / name).glob("*.png")):
            with Image.open(path) as image:
                pixels.append(to_pixels(image))
            labels.append(label)
    return torch.stack(pixels), torch.tensor(labels), classes
