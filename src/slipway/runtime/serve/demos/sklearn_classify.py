"""A scikit-learn classifier: no code is needed to serve it, its file is enough."""

from __future__ import annotations

import json
from pathlib import Path

import joblib
import numpy as np
from sklearn.linear_model import LogisticRegression


def write_classify(directory: Path) -> None:
    rows = np.array([[0, 0], [0, 1], [3, 0], [4, 1]], float)
    estimator = LogisticRegression().fit(rows, np.array(["low", "low", "high", "high"]))
    asked = [[0.0, 0.5], [5.0, 0.0]]
    probabilities = estimator.predict_proba(np.array(asked)).tolist()
    expected = {"prediction": ["low", "high"], "probabilities": probabilities}
    joblib.dump(estimator, directory / "model.joblib")
    for name, content in (("test.json", {"x": asked}), ("expected.json", expected)):
        (directory / name).write_text(json.dumps(content, indent=2) + "\n")
