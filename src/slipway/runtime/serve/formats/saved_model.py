"""A TensorFlow SavedModel's `serving_default`; of numbered sub-versions the newest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow

from slipway.runtime.serve.formats.tensor_model import TensorModel
from tiinfer.hot_update import newest


class SavedModel(TensorModel):
    format = "saved_model"

    @property
    def file(self) -> Path:
        version = newest()
        return version if version is not None else super().file.parent

    def load(self) -> bool:
        self.model = tensorflow.saved_model.load(str(self.file))
        self.signature = self.model.signatures["serving_default"]
        self.specs = self.signature.structured_input_signature[1]
        self.names = tuple(self.specs)
        return True

    def cast(self, name: str, value: Any) -> Any:
        return np.asarray(value, dtype=self.specs[name].dtype.as_numpy_dtype)

    def run(self, inputs: dict[str, Any]) -> dict[str, Any]:
        tensors = {name: tensorflow.constant(value) for name, value in inputs.items()}
        return {name: value.numpy() for name, value in self.signature(**tensors).items()}
