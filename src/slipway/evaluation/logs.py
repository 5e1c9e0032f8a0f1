"""The two logs of an evaluation (EVA-25): its calls, and what its model servers said."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from slipway.compute.output.files import InstanceFiles
from slipway.compute.types import Instance

INFERENCE_LOG = "inference.log"


class LogKind(StrEnum):
    CALL = "call"
    INFERENCE = "inference"


class InferenceFiles(InstanceFiles):
    """Shows the servers' log of the evaluation in the place of the instances' own logs."""

    def __init__(self, evaluation_id: str, folder: Path) -> None:
        super().__init__(folder)
        self._log = {evaluation_id: folder / INFERENCE_LOG}

    def logs(self, instances: list[Instance]) -> dict[str, Path]:
        return dict(self._log)
