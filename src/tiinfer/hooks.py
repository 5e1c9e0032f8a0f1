"""mosec workers that run the hooks of a `tiinfer.Model`.

Worker classes travel to spawned processes by name, so every layout is a class here.
"""

from __future__ import annotations

import logging
from typing import Any

from mosec import Worker

from tiinfer import settings
from tiinfer.loading import import_package
from tiinfer.model import Model
from tiinfer.stages import model_classes

logger = logging.getLogger("tiinfer")


class LoadError(Exception):
    """`load` said that the model cannot be used."""


def _new_model() -> Model:
    (model,) = model_classes(import_package())
    return model(settings.TI_MODEL_DIR)


class Preprocess(Worker):
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.model = _new_model()

    def forward(self, data: Any) -> Any:
        return self.model.preprocess(data)


class Postprocess(Worker):
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.model = _new_model()

    def forward(self, data: Any) -> Any:
        return self.model.postprocess(data)


class Predict(Worker):
    """The process that holds the weights."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.model = _new_model()
        loaded = self.model.load()
        if loaded is None:
            logger.warning("load() returned nothing; taking it for success. Return True instead.")
        elif not loaded:
            raise LoadError(f"{type(self.model).__name__}.load() returned {loaded!r}")

    def forward(self, data: Any) -> Any:
        return self.model.predict(data)


class PreprocessPredict(Predict):
    def forward(self, data: Any) -> Any:
        return self.model.predict(self.model.preprocess(data))


class PredictPostprocess(Predict):
    def forward(self, data: Any) -> Any:
        return self.model.postprocess(self.model.predict(data))


class AllHooks(Predict):
    def forward(self, data: Any) -> Any:
        return self.model.postprocess(self.model.predict(self.model.preprocess(data)))


def inference_worker(*, with_pre: bool, with_post: bool) -> type[Predict]:
    if with_pre:
        return AllHooks if with_post else PreprocessPredict
    return PredictPostprocess if with_post else Predict
