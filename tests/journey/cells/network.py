"""The cell classifier: shared by training and serving."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

SIDE = 32


class CellNet(nn.Sequential):
    """(n, 3, 32, 32) in 0..1 -> (n, classes) scores before softmax."""

    def __init__(self, classes: int) -> None:
        super().__init__(
            nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(32 * (SIDE // 4) ** 2, 64), nn.ReLU(), nn.Linear(64, classes),
        )  # fmt: skip


def to_pixels(image: Image.Image) -> Tensor:
    small = image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return torch.from_numpy(np.asarray(small, dtype=np.float32) / 255).permute(2, 0, 1)
