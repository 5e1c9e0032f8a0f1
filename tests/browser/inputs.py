"""What a person brings along: a JSONL file, pictures in class folders, code, a tiny language model."""

from __future__ import annotations

import json
import random
import shlex
import sys
import textwrap
from pathlib import Path

from PIL import Image

from tests.runtime_serve.tiny_model import write_model

PAIRS = [
    ("What is the capital of France?", "Paris"),
    ("法国的首都是哪里？", "巴黎"),
    ("How many days has a week?", "Seven"),
    ("2 + 3 = ?", "5"),
]
ADDER = """\
    import tiinfer


    class Adder(tiinfer.Model):
        def predict(self, request):
            return {"result": request["a"] + request["b"]}
"""
TRAINER = """\
    import json, os, pathlib, time
    from slipway.runtime.metrics import push_training_metrics

    for step in range(1, 6):
        print(f"step {step} of 5, loss {1 / step:.3f}", flush=True)
        push_training_metrics(time.time(), {"loss": 1 / step}, step=step, total_steps=5)
    checkpoint = pathlib.Path(os.environ["ML_OUTPUT_DIR"], "checkpoint-5")
    checkpoint.mkdir()
    state = {"global_step": 5, "epoch": 1.0, "log_history": [{"step": 5, "loss": 0.2}]}
    (checkpoint / "trainer_state.json").write_text(json.dumps(state))
    (checkpoint / "weights.bin").write_bytes(bytes(1000))
    pathlib.Path(os.environ["ML_MODEL_DIR"], "model_service.py").write_text(ADDER)
    print("the adder is written", flush=True)
"""


def write_conversations(path: Path) -> Path:
    """The platform's fine-tuning format, one conversation a line."""
    rows = [{"conversation": [{"prompt": p, "response": r}]} for p, r in PAIRS]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return path


def write_pictures(folder: Path) -> Path:
    """Three noisy pictures of each of two classes."""
    noise = random.Random(0)
    for label, colour in (("red", (200, 40, 40)), ("blue", (40, 60, 200))):
        (folder / label).mkdir(parents=True)
        for number in range(3):
            image = Image.new("RGB", (96, 64), colour)
            for _ in range(200):
                image.putpixel((noise.randrange(96), noise.randrange(64)), (255, 255, 255))
            image.save(folder / label / f"{label}-{number}.png")
    return folder


def training_command() -> str:
    """Prints, reports a loss, writes a checkpoint and a model package."""
    adder = f"ADDER = {textwrap.dedent(ADDER)!r}\n"
    return f"{sys.executable} -c {shlex.quote(adder + textwrap.dedent(TRAINER))}"


def write_chat_model(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return write_model(folder)
