"""A TorchScript module: tensors in the order of the request, or by the names that it declares."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from slipway.runtime.serve.formats.tensor_model import TensorModel


class TorchScriptModel(TensorModel):
    format = "torchscript"

    def load(self) -> bool:
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        module = torch.jit.load(str(self.file), map_location=self.device)  # type: ignore[no-untyped-call]
        self.module = module.eval()
        arguments = self.module.forward.schema.arguments[1:]
        self.names = tuple(one.name for one in arguments)
        return True

    def cast(self, name: str, value: Any) -> Any:
        array = np.asarray(value)
        # JSON has one kind of number; weights are of 32 bit.
        return array.astype(np.float32) if array.dtype == np.float64 else array

    @torch.inference_mode()
    def run(self, inputs: dict[str, Any]) -> dict[str, Any]:
        tensors = [torch.as_tensor(np.array(value)).to(self.device) for value in inputs.values()]
        return _named(self.module(*tensors))


def _named(found: Any) -> dict[str, Any]:
    if isinstance(found, dict):
        return {str(name): _array(value) for name, value in found.items()}
    if isinstance(found, tuple | list):
        return {f"output_{at}": _array(value) for at, value in enumerate(found)}
    return {"output": _array(found)}


def _array(value: Any) -> Any:
    return value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
