"""What the ready-made services share: named tensors in, named tensors out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from mosec.errors import ValidationError

import tiinfer
from slipway.runtime.serve.formats import find_file


class TensorModel(tiinfer.Model):
    """A subclass has `format`, sets `names` (of its inputs, in order) and says how to `run`.

    names: empty where the model takes whatever comes, in the order of the request.
    """

    format = ""
    names: tuple[str, ...] = ()

    @property
    def file(self) -> Path:
        return find_file(self.format, Path(self.model_dir))

    def predict(self, request: Any) -> Any:
        if isinstance(request, list):  # a batch
            return [self.predict(one) for one in request]
        if not isinstance(request, dict) or not request:
            raise ValidationError('send an object of tensors, such as {"input": [[1, 2]]}')
        outputs = self.run(self._arrays(request))
        if any(isinstance(value, np.ndarray) for value in request.values()):
            return outputs  # the Open Inference Protocol takes arrays
        return {name: np.asarray(value).tolist() for name, value in outputs.items()}

    def run(self, inputs: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    def cast(self, name: str, value: Any) -> Any:
        return np.asarray(value)

    def _arrays(self, request: dict[str, Any]) -> dict[str, Any]:
        missing = [name for name in self.names if name not in request]
        if missing and len(self.names) == len(request) == 1:
            request = {self.names[0]: next(iter(request.values()))}  # there is no doubt
        elif missing or (self.names and set(request) - set(self.names)):
            raise ValidationError(
                f"the model's inputs are {', '.join(self.names)}; the request has "
                f"{', '.join(request)}"
            )
        try:
            return {name: self.cast(name, value) for name, value in request.items()}
        except (ValueError, TypeError) as error:
            raise ValidationError(f"an input is no tensor: {error}") from error
