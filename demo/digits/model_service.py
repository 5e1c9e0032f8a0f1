"""The digit classifier as a service.

Request  {"image": "<base64 of a PNG, JPEG, ...>"}
Answer   {"label": "7", "probabilities": {"0": 0.001, ...}} or {"error": "what is wrong"}
"""

import base64
import binascii
import io
import json
from pathlib import Path
from typing import Any

import torch
from network import DigitNet, to_pixels
from PIL import Image
from safetensors.torch import load_file

import tiinfer


class DigitService(tiinfer.Model):
    def load(self) -> bool:
        torch.set_num_threads(1)
        folder = Path(self.model_dir) / "model"
        self.classes = json.loads((folder / "classes.json").read_text())
        self.network = DigitNet(len(self.classes))
        self.network.load_state_dict(load_file(folder / "digits.safetensors"))
        self.network.eval()
        self.ready = True
        return self.ready

    def preprocess(self, request: Any) -> dict[str, Any]:
        try:
            content = base64.b64decode(request["image"], validate=True)
            with Image.open(io.BytesIO(content)) as image:
                return {"pixels": to_pixels(image)}
        except (KeyError, TypeError, binascii.Error, OSError):
            return {"error": 'Send {"image": "<base64 of an image file>"}.'}

    def predict(self, request: dict[str, Any]) -> dict[str, Any]:
        if "error" in request:
            return request
        with torch.inference_mode():
            scores = self.network(request["pixels"].unsqueeze(0))[0]
        return {"probabilities": torch.softmax(scores, dim=0).tolist()}

    def postprocess(self, request: dict[str, Any]) -> dict[str, Any]:
        if "error" in request:
            return request
        probabilities = dict(zip(self.classes, request["probabilities"], strict=True))
        return {
            "label": max(probabilities, key=lambda name: probabilities[name]),
            "probabilities": probabilities,
        }
