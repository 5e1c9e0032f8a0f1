"""An ONNX model on ONNX Runtime: a GPU where one is visible, else the processor."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
from mosec.errors import ValidationError

from slipway.runtime.serve.formats.tensor_model import TensorModel

_TYPES = {
    "tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16,
    "tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(uint8)": np.uint8,
    "tensor(int8)": np.int8, "tensor(bool)": np.bool_, "tensor(string)": np.object_,
}  # fmt: skip


class OnnxModel(TensorModel):
    format = "onnx"

    def load(self) -> bool:
        wanted = ("CUDAExecutionProvider", "CPUExecutionProvider")
        there = onnxruntime.get_available_providers()
        providers = [name for name in wanted if name in there]
        self.session = onnxruntime.InferenceSession(str(self.file), providers=providers)
        self.types = {one.name: _TYPES.get(one.type) for one in self.session.get_inputs()}
        self.names = tuple(self.types)
        self.outputs = [one.name for one in self.session.get_outputs()]
        return True

    def cast(self, name: str, value: Any) -> Any:
        return np.asarray(value, dtype=self.types[name])

    def run(self, inputs: dict[str, Any]) -> dict[str, Any]:
        try:
            found = self.session.run(self.outputs, inputs)
        except onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument as error:
            raise ValidationError(str(error).split("Please fix")[0].strip()) from error
        return dict(zip(self.outputs, found, strict=True))
