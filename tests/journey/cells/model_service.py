import base64
import io
import json
from pathlib import Path

import torch
from network import CellNet, to_pixels
from PIL import Image

import tiinfer


class CellService(tiinfer.Model):
    def load(self):
        torch.set_num_threads(1)
        folder = Path(self.model_dir) / "model"
        self.classes = json.loads((folder / "classes.json").read_text())
        self.network = CellNet(len(self.classes))
        self.network.load_state_dict(torch.load(folder / "cells.pt", weights_only=True))
        self.network.eval()
        return True

    def predict(self, request):
        with Image.open(io.BytesIO(base64.b64decode(request["image"]))) as image:
            scores = self.network(to_pixels(image).unsqueeze(0))
        return {"label": self.classes[int(scores.argmax())]}
