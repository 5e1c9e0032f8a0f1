"""Train the digit classifier on one process or many.

Reads  $ML_DATA_DIR/<class>/<file>.png and, where there is one, $ML_HYPERPARAMETERS
       ({"Epoch": 16, "BatchSize": 16, "LearningRate": 0.005}).
Writes $ML_OUTPUT_DIR/checkpoint-<step>/ after each epoch and, at the end, a package that can be
       deployed as it is to $ML_MODEL_DIR: model_service.py, network.py, model/, metrics.json.

On the platform RANK and WORLD_SIZE count the instances and each runs this file once:
`python train.py`. Under torchrun they count processes, which is the same thing to this file.
"""

import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from network import DigitNet, read_class_folders
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from slipway.runtime.metrics import push_training_metrics

VALIDATE_EVERY = 10  # every tenth image is not trained on
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Group:
    rank: int
    size: int

    @property
    def leads(self) -> bool:
        return self.rank == 0


def main() -> None:
    torch.set_num_threads(1)  # the network is small; several threads would only wait
    torch.manual_seed(0)
    group = join_group()
    wish = read_hyperparameters()
    pixels, labels, classes = read_class_folders(Path(os.environ["ML_DATA_DIR"]))
    held_back = torch.arange(len(labels)) % VALIDATE_EVERY == 0
    network = DigitNet(len(classes))
    training = Training(network, group, wish, pixels[~held_back], labels[~held_back])
    report(group, f"{group.size} processes, {int((~held_back).sum())} images to train on, "
           f"{int(held_back.sum())} to check with, classes {classes}")  # fmt: skip
    accuracy = 0.0
    for epoch in range(1, wish["Epoch"] + 1):
        loss = training.run_epoch(epoch)
        if group.leads:
            accuracy = measure(network, pixels[held_back], labels[held_back])
            training.keep(epoch, loss, accuracy)
    if group.leads:
        write_package(network, classes, {"accuracy": accuracy, "loss": loss})
    if dist.is_initialized():
        dist.barrier()  # nobody leaves while the first one still writes
        dist.destroy_process_group()


def join_group() -> Group:
    """gloo: works on every machine. On one machine it must not ask the network for addresses."""
    size = int(os.environ.get("WORLD_SIZE", 1))
    if size == 1:
        return Group(0, 1)
    if os.environ.get("MASTER_ADDR") in ("127.0.0.1", "localhost"):
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    dist.init_process_group("gloo", rank=int(os.environ["RANK"]), world_size=size)
    return Group(dist.get_rank(), size)


def read_hyperparameters() -> dict[str, Any]:
    usual = {"Epoch": 16, "BatchSize": 16, "LearningRate": 5e-3}
    path = Path(os.environ.get("ML_HYPERPARAMETERS", "/opt/ml/input/config/hyperparameters.json"))
    return usual | json.loads(path.read_text()) if path.exists() else usual


class Training:
    """The loop over the images of one process; the gradients are those of all."""

    def __init__(
        self, network: DigitNet, group: Group, wish: dict[str, Any], pixels: Tensor, labels: Tensor
    ) -> None:
        self.network = network
        self.group = group
        self.pixels, self.labels = pixels, labels
        self.batch = wish["BatchSize"]
        # All processes take the same number of steps, or they would wait for each other forever.
        self.steps_per_epoch = len(labels) // (self.batch * group.size)
        if not self.steps_per_epoch:
            raise SystemExit(f"{len(labels)} images do not fill one batch on every process.")
        self.total_steps = self.steps_per_epoch * wish["Epoch"]
        self.step = 0
        self.history: list[dict[str, float]] = []
        self.wrapped = DistributedDataParallel(network) if group.size > 1 else network
        self.optimizer = torch.optim.AdamW(network.parameters(), lr=wish["LearningRate"])
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, max_lr=wish["LearningRate"], total_steps=self.total_steps
        )

    def run_epoch(self, epoch: int) -> float:
        """One pass over the images, shared out among the processes. Returns the mean loss."""
        self.network.train()
        order = torch.randperm(len(self.labels), generator=torch.Generator().manual_seed(epoch))
        mine = order[self.group.rank :: self.group.size]
        total = torch.zeros(())
        for number in range(self.steps_per_epoch):
            chosen = mine[number * self.batch : (number + 1) * self.batch]
            scores = self.wrapped(self.pixels[chosen])
            loss = nn.functional.cross_entropy(scores, self.labels[chosen])
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.schedule.step()
            self.step += 1
            total += loss.detach()
        if self.group.size > 1:
            dist.all_reduce(total)
        return float(total) / (self.steps_per_epoch * self.group.size)

    def keep(self, epoch: int, loss: float, accuracy: float) -> None:
        """Log line, metrics, checkpoint."""
        rate = self.schedule.get_last_lr()[0]
        print(f"epoch {epoch}  step {self.step}/{self.total_steps}  loss {loss:.4f}  "
              f"accuracy {accuracy:.4f}", flush=True)  # fmt: skip
        push_training_metrics(
            int(time.time()),
            {"loss": loss, "accuracy": accuracy, "learning_rate": rate},
            epoch=epoch,
            total_steps=self.total_steps,
            step=self.step,
        )
        entry = {"step": self.step, "epoch": epoch, "loss": loss, "learning_rate": rate}
        self.history.append(entry | {"accuracy": accuracy})
        folder = Path(os.environ["ML_OUTPUT_DIR"]) / f"checkpoint-{self.step}"
        folder.mkdir(parents=True, exist_ok=True)
        save_file(self.network.state_dict(), folder / "digits.safetensors")
        state = {"global_step": self.step, "epoch": epoch, "log_history": self.history}
        (folder / "trainer_state.json").write_text(json.dumps(state, indent=1))


def measure(network: DigitNet, pixels: Tensor, labels: Tensor) -> float:
    network.eval()
    with torch.inference_mode():
        return float((network(pixels).argmax(1) == labels).float().mean())


def write_package(network: DigitNet, classes: list[str], metrics: dict[str, float]) -> None:
    target = Path(os.environ["ML_MODEL_DIR"])
    (target / "model").mkdir(parents=True, exist_ok=True)
    save_file(network.state_dict(), target / "model" / "digits.safetensors")
    (target / "model" / "classes.json").write_text(json.dumps(classes))
    (target / "metrics.json").write_text(json.dumps(metrics, indent=1))
    for name in ("model_service.py", "network.py"):
        shutil.copyfile(HERE / name, target / name)
    print(f"The model is in {target}: {metrics}", flush=True)


def report(group: Group, text: str) -> None:
    if group.leads:
        print(text, flush=True)


if __name__ == "__main__":
    main()
