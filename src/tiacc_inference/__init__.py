"""The name by which packages load an accelerated model: `tiacc_inference.load("tiacc.pt")`.

The original loads the output of its own optimiser, which exists in its own images only. What
replaces it here is an export of PyTorch: TorchScript, or a program of `torch.export`.
"""

from __future__ import annotations

import os
import warnings
import zipfile
from pathlib import Path
from typing import Any

__all__ = ["load"]


def load(path: str | os.PathLike[str]) -> Any:
    """The model, ready to be called. ImportError says what to do with any other file."""
    try:
        import torch
    except ImportError as error:
        raise ImportError("tiacc_inference.load needs PyTorch: pip install torch") from error
    if not Path(path).is_file():
        raise FileNotFoundError(f"There is no accelerated model at {os.fspath(path)}.")
    names = zipfile.ZipFile(path).namelist() if zipfile.is_zipfile(path) else []
    if any(name.endswith("constants.pkl") for name in names):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of what the file is, not of us
            return torch.jit.load(os.fspath(path)).eval()
    if any("exported_program" in name or name.endswith("models/model.json") for name in names):
        return torch.export.load(path).module()
    raise ImportError(
        f"{os.fspath(path)} was not exported by PyTorch. tiacc_inference loads TorchScript "
        "(torch.jit.save) and torch.export files here; export the original model again with one of "
        "them, or load it with the library that wrote it."
    )
