"""A PMML model: each field is an input, a value or a list with one value a record."""

from __future__ import annotations

from typing import Any

import numpy as np
import pypmml

from slipway.runtime.serve.formats.tensor_model import TensorModel


class PmmlModel(TensorModel):
    format = "pmml"

    def load(self) -> bool:
        self.model = pypmml.Model.load(str(self.file))
        self.names = tuple(self.model.inputNames)
        return True

    def run(self, inputs: dict[str, Any]) -> dict[str, Any]:
        columns = {name: np.atleast_1d(value).tolist() for name, value in inputs.items()}
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        found = [self.model.predict(row) for row in rows]
        return {name: np.array([one[name] for one in found]) for name in found[0]}
