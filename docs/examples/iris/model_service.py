"""The iris model as a service: {"measures": [5.1, 3.5, 1.4, 0.2]} -> {"kind": "setosa"}."""

from pathlib import Path

import torch

import tiinfer

KINDS = ("setosa", "versicolor", "virginica")


class IrisService(tiinfer.Model):
    def load(self) -> bool:
        saved = torch.load(Path(self.model_dir) / "iris.pt")
        self.scale = saved["scale"]
        self.network = torch.nn.Linear(4, 3)
        self.network.load_state_dict(saved["weights"])
        self.ready = True
        return True

    def predict(self, request: dict) -> dict:
        measures = torch.tensor(request["measures"], dtype=torch.float32)
        with torch.inference_mode():
            scores = self.network((measures - self.scale[0]) / self.scale[1])
        return {"kind": KINDS[int(scores.argmax())]}
