"""A scikit-learn estimator saved with joblib: `x` in; the prediction, and probabilities where known.

Loading runs code that the file holds, as `model_service.py` would.
"""

from __future__ import annotations

from typing import Any

import joblib
from mosec.errors import ValidationError

from slipway.runtime.serve.formats.tensor_model import TensorModel


class SklearnModel(TensorModel):
    format = "sklearn"
    names = ("x",)

    def load(self) -> bool:
        self.estimator = joblib.load(self.file)
        return True

    def run(self, inputs: dict[str, Any]) -> dict[str, Any]:
        x = inputs["x"]
        try:
            found = {"prediction": self.estimator.predict(x)}
            if hasattr(self.estimator, "predict_proba"):
                found["probabilities"] = self.estimator.predict_proba(x)
        except ValueError as error:
            raise ValidationError(str(error).splitlines()[0]) from error
        return found
