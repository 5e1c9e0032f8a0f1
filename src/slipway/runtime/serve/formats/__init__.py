"""Model files that need no code to be served: which format a folder holds, and what serves it.

A folder without `model_service.py` whose files are of one of these formats gets a ready-made
service (`<format>.py` here). It takes and gives tensors, as JSON on the predict path or by the Open
Inference Protocol: `{"input name": [[...]], ...}` in, `{"output name": [[...]], ...}` out.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Format:
    """module: beside this file. packages: importable name -> what to install."""

    name: str
    module: str
    patterns: tuple[str, ...]
    packages: tuple[tuple[str, str], ...]

    def file(self, directory: Path) -> Path | None:
        """The model in the directory or its `model/`, where exactly one is there."""
        for folder in (directory, directory / "model"):
            found = [path for pattern in self.patterns for path in sorted(folder.glob(pattern))]
            if len(found) == 1:
                return found[0]
        return None

    def missing(self) -> str | None:
        absent = [what for name, what in self.packages if importlib.util.find_spec(name) is None]
        if not absent:
            return None
        return (
            f"A model of the format {self.name} needs {' and '.join(absent)}, which this "
            "environment does not have. Build an environment with it and choose it for the service."
        )


FORMATS = (
    Format("ONNX", "onnx", ("*.onnx",), (("onnxruntime", "onnxruntime"),)),
    Format("TorchScript", "torchscript", ("*.pt", "*.pth", "*.torchscript"), (("torch", "torch"),)),
    Format("scikit-learn", "sklearn", ("*.joblib",), (("sklearn", "scikit-learn"),)),
    Format("SavedModel", "saved_model", ("saved_model.pb", "*/saved_model.pb"), (("tensorflow", "tensorflow"),)),
    Format("PMML", "pmml", ("*.pmml",), (("pypmml", "pypmml (and Java)"),)),
)  # fmt: skip


def find_format(directory: Path) -> Format | None:
    """None where there is none, or where files of several would fit."""
    found = [one for one in FORMATS if one.file(directory) is not None]
    return found[0] if len(found) == 1 else None


def find_file(name: str, directory: Path) -> Path:
    """The model's file, for the ready-made services."""
    one = next(one for one in FORMATS if one.module == name)
    file = one.file(directory)
    if file is None:
        raise FileNotFoundError(f"{directory} holds no single file of the format {one.name}")
    return file
