"""What a task's code needs to report back: the platform's address and a token for this run alone.

Made when an instance is launched, so that no token stands in the database.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from slipway.base.crypto import Sealer
from slipway.compute.types import Instance, Workload
from slipway.iam.run_tokens import RunToken, seal_run_token
from slipway.training.follow import KIND


@dataclass(frozen=True, slots=True)
class TaskVariables:
    """`address` gives the platform's address for an engine: instances of `process` are on this machine."""

    address: Callable[[str], str]
    sealer: Sealer

    def __call__(self, workload: Workload, own: Instance) -> dict[str, str]:
        if workload.kind != KIND:
            return {}
        statement = RunToken(
            workload.owner_id, workload.id, workload.project_id, workload.created_by
        )
        token = seal_run_token(self.sealer, statement)
        url = self.address(own.engine)
        return {
            "SLIPWAY_URL": url,
            "SLIPWAY_TOKEN": token,
            "MLFLOW_TRACKING_URI": f"{url}/mlflow",
            "MLFLOW_TRACKING_TOKEN": token,
            "MLFLOW_EXPERIMENT_ID": workload.project_id,
            "MLFLOW_RUN_ID": workload.owner_id,
        }
