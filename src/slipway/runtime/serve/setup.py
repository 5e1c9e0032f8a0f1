"""Prepare this Python for a model format, as the platform's built-in environment of it is.

`slipway serve setup -m ONNX -f onnx` installs tiinfer's own needs and the format's framework into
the Python that runs it: make a virtual environment for each format and call it there. CUDA and its
driver are the machine's own business.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from slipway.runtime.serve.inference_sets import InferenceSet, inference_sets

VERSION = "1.0"
SCENES = ("detect", "classify", "nlp", "ocr", "recommend")
# Format -> frameworks that it goes with, and scenes that there are of it.
PAIRS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "TorchScript": (("torch",), ("detect", "classify", "ocr", "nlp")),
    "Detectron2": (("torch",), ("detect",)),
    "MMDetection": (("torch",), ("detect",)),
    "HuggingFace": (("torch",), ("nlp",)),
    "ONNX": (("onnx",), ("detect",)),
    "FrozenGraph": (("tf",), ("nlp",)),
    "SavedModel": (("tf",), ("nlp", "recommend")),
    "PMML": (("jpmml",), ()),
    "scikit-learn": (("sklearn",), ("classify",)),
}
# The manual's releases; each stands for the framework as it is today.
RELEASES = {
    "torch1.9.0": "torch", "torch1.12.1": "torch", "onnx1.11.0": "onnx", "tf1.15.0": "tf",
    "tf2.4.0": "tf", "jpmml0.6.2": "jpmml",
}  # fmt: skip
# Releases that some formats of their framework were not served on.
_NOT_WITH = {
    "torch1.12.1": {"HuggingFace", "Detectron2", "MMDetection"},
    "tf1.15.0": {"SavedModel"},
}
FRAMEWORKS = (*dict.fromkeys(f for frameworks, _ in PAIRS.values() for f in frameworks), *RELEASES)


class SetupError(Exception):
    """What was asked for does not go together, or could not be done; the text says why."""


@dataclass(frozen=True)
class Asked:
    """scene: '' is the format's first one."""

    model_format: str
    framework: str
    scene: str = ""
    gpu: bool = False

    def checked(self) -> InferenceSet:
        """The set that fits; raises SetupError for what cannot go together."""
        if self.model_format not in PAIRS:
            raise SetupError(f"There is no format {self.model_format}: {', '.join(PAIRS)}.")
        if self.framework not in FRAMEWORKS:
            raise SetupError(f"There is no framework {self.framework}: {', '.join(FRAMEWORKS)}.")
        frameworks, scenes = PAIRS[self.model_format]
        family = RELEASES.get(self.framework, self.framework)
        if family not in frameworks or self.model_format in _NOT_WITH.get(self.framework, ()):
            fitting = [f for f in FRAMEWORKS if RELEASES.get(f, f) in frameworks]
            fitting = [f for f in fitting if self.model_format not in _NOT_WITH.get(f, ())]
            raise SetupError(
                f"{self.model_format} does not go with {self.framework}, but with "
                f"{', '.join(fitting)}."
            )
        if self.scene and self.scene not in scenes:
            known = f": {', '.join(scenes)}" if scenes else ""
            raise SetupError(f"{self.model_format} has no scene {self.scene}{known}.")
        return _set_for(family, gpu=self.gpu)

    def first_scene(self) -> str:
        scenes = PAIRS[self.model_format][1]
        return self.scene or (scenes[0] if scenes else "")


def install(found: InferenceSet, index_url: str | None, *, dry_run: bool = False) -> None:
    """With this Python's own pip, whose words go to the terminal."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(found.requirements) + "\n")
        file.flush()
        command = [sys.executable, "-m", "pip", "install", "--no-input", "-r", file.name]
        command += ["--index-url", index_url] if index_url else []
        command += ["--dry-run"] if dry_run else []
        if subprocess.run(command, check=False).returncode:
            raise SetupError("pip could not install the packages; what it says is above.")


def write_demo(asked: Asked, directory: Path) -> Path:
    """A package with its model, test.json and expected.json; what is there already stays."""
    from slipway.runtime.serve import demos

    writer = demos.find(asked.model_format, asked.first_scene())
    if writer is None:
        raise SetupError(f"There is no demo of {asked.model_format}.")
    if directory.exists() and any(directory.iterdir()):
        raise SetupError(f"The directory {directory} is not empty. Name another one.")
    directory.mkdir(parents=True, exist_ok=True)
    try:
        writer(directory)
    except ImportError as error:
        raise SetupError(
            f"The demo cannot be written: {error}. Install the packages first."
        ) from error
    return directory


def _set_for(family: str, *, gpu: bool) -> InferenceSet:
    wanted = "gpu" if gpu else "cpu"
    own = [one for one in inference_sets() if one.framework == family]
    fitting = next((one for one in own if wanted in one.hardware), None)
    if fitting is None:
        raise SetupError(f"{family} is not served on a {wanted.upper()} here.")
    return fitting
