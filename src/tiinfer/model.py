"""The base class of a model in the four-hook style."""

from __future__ import annotations

from typing import Any


class Model:
    """Subclass it once in `model_service.py`; what is not overridden does nothing.

    With TI_INFERENCE_MAX_BATCH_SIZE above 1 the hooks that run in the inference process
    get and return a list of requests instead of one.
    """

    def __init__(self, model_dir: str) -> None:
        self.model_dir = model_dir
        self.ready = False
        # Number of inference processes where TI_INFERENCE_NUMS does not say it.
        self.workers = 1

    def load(self) -> bool:
        """Load the weights; called once in each inference process. False: cannot serve."""
        self.ready = True
        return self.ready

    def preprocess(self, request: Any) -> Any:
        """The parsed body in, what `predict` wants out."""
        return request

    def predict(self, request: Any) -> Any:
        return request

    def postprocess(self, request: Any) -> Any:
        """What `predict` returned in, the response body out."""
        return request
