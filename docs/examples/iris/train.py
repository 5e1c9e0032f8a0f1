"""Three kinds of iris from four measurements: a training program for the quick start.

On the platform the hyper-parameters are a file, the model goes to $ML_MODEL_DIR, and metrics are
reported with one call.
"""

import json
import os
import shutil
import time
from pathlib import Path

import torch
from sklearn.datasets import load_iris

from slipway.runtime.metrics import push_training_metrics

wish = {"epochs": 5} | json.loads(Path(os.environ["ML_HYPERPARAMETERS"]).read_text())
torch.manual_seed(0)
iris = load_iris()
measures = torch.tensor(iris.data, dtype=torch.float32)
kinds = torch.tensor(iris.target)
scale = torch.stack([measures.mean(0), measures.std(0)])
measures = (measures - scale[0]) / scale[1]

network = torch.nn.Linear(4, 3)
optimizer = torch.optim.Adam(network.parameters(), lr=0.1)
for epoch in range(1, wish["epochs"] + 1):
    for _ in range(20):
        loss = torch.nn.functional.cross_entropy(network(measures), kinds)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    accuracy = (network(measures).argmax(1) == kinds).float().mean().item()
    push_training_metrics(
        time.time(), {"loss": loss.item(), "accuracy": accuracy}, epoch=epoch, step=epoch
    )
    print(f"epoch {epoch}: loss {loss.item():.3f}, accuracy {accuracy:.3f}")

model = Path(os.environ["ML_MODEL_DIR"])
torch.save({"weights": network.state_dict(), "scale": scale}, model / "iris.pt")
shutil.copy(Path(__file__).with_name("model_service.py"), model)
