"""Trains a classifier of blood cells on the boxes of a Pascal VOC folder ($ML_DATA_DIR)."""

import json
import os
import shutil
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import torch
from network import CellNet, to_pixels
from PIL import Image
from torch import nn

from slipway.runtime.metrics import push_training_metrics

CLASSES = ("Platelets", "RBC", "WBC")
HERE = Path(__file__).resolve().parent


def crops(folder: Path, files: list[Path]) -> tuple[torch.Tensor, torch.Tensor]:
    pixels, labels = [], []
    for file in files:
        with Image.open(folder / "JPEGImages" / f"{file.stem}.jpg") as image:
            image.load()
            for item in ET.parse(file).iter("object"):
                box = item.find("bndbox")
                corners = [int(box.findtext(n)) for n in ("xmin", "ymin", "xmax", "ymax")]
                if corners[2] - corners[0] < 4 or corners[3] - corners[1] < 4:
                    continue
                pixels.append(to_pixels(image.crop(tuple(corners))))
                labels.append(CLASSES.index(item.findtext("name")))
    return torch.stack(pixels), torch.tensor(labels)


def main() -> None:
    torch.manual_seed(0)
    folder = Path(os.environ["ML_DATA_DIR"])
    files = sorted((folder / "Annotations").glob("*.xml"))
    train, held = crops(folder, files[::2][:60]), crops(folder, files[1::6][:20])
    weights = 1 / torch.bincount(train[1], minlength=len(CLASSES)).clamp(min=1).float()
    network = CellNet(len(CLASSES))
    optimizer = torch.optim.AdamW(network.parameters(), lr=2e-3)
    for epoch in range(1, 7):
        network.train()
        for batch in torch.randperm(len(train[1])).split(32):
            loss = nn.functional.cross_entropy(network(train[0][batch]), train[1][batch], weights)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        network.eval()
        accuracy = (network(held[0]).argmax(1) == held[1]).float().mean().item()
        push_training_metrics(
            int(time.time()), {"loss": loss.item(), "accuracy": accuracy}, epoch=epoch
        )
        print(f"epoch {epoch} accuracy {accuracy:.3f}", flush=True)
    target = Path(os.environ["ML_MODEL_DIR"])
    (target / "model").mkdir(parents=True, exist_ok=True)
    torch.save(network.state_dict(), target / "model" / "cells.pt")
    (target / "model" / "classes.json").write_text(json.dumps(CLASSES))
    for name in ("model_service.py", "network.py"):
        shutil.copy(HERE / name, target / name)


main()
