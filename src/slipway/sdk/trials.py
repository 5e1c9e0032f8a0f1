from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from slipway.sdk.errors import SlipwayError
from slipway.sdk.http import Http
from slipway.sdk.types import TrialList, TrialView
from slipway.sdk.waiting import wait_until

_BASE = "/trials"


class Trials:
    """Light trials: checkpoints of training tasks, served for a while to chat with."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def start(self, task_id: str, checkpoint: str, **form: Any) -> TrialView:
        """`checkpoint`: its path, as in `tasks.checkpoints`; also resource_group, cpu_cores,
        memory_bytes, gpus, gpu_model, idle_s."""
        return self._http.post(
            TrialView, _BASE, {"task_id": task_id, "checkpoint": checkpoint, **form}
        )

    def list(self, task_id: str | None = None) -> Sequence[TrialView]:
        return self._http.get(TrialList, _BASE, task_id=task_id).items

    def get(self, trial_id: str) -> TrialView:
        return self._http.get(TrialView, f"{_BASE}/{trial_id}")

    def wait(
        self,
        trial_id: str,
        *,
        timeout_s: float | None = None,
        progress: Callable[[TrialView], None] | None = None,
    ) -> TrialView:
        """Until it is Ready; raises with the reason when it will not be."""
        done = wait_until(
            lambda: self.get(trial_id), ("Ready", "Failed", "Stopped"), timeout_s=timeout_s,
            progress=progress,
        )  # fmt: skip
        if done.state != "Ready":
            raise SlipwayError(
                f"The trial {done.id} is {done.state}: {done.reason}", code="trial_failed"
            )
        return done

    def chat(self, trial_id: str, messages: Sequence[dict[str, str]], **body: Any) -> str:
        """The answer to a conversation such as [{"role": "user", "content": "Hello"}]."""
        trial = self.get(trial_id)
        answer = self._http.request(
            "POST", f"/services/{trial.service_id}/chat", json={"messages": messages, **body}
        ).json()
        content: str = answer["choices"][0]["message"]["content"]
        return content

    def stop(self, trial_id: str) -> TrialView:
        return self._http.post(TrialView, f"{_BASE}/{trial_id}/stop")

    def delete(self, trial_id: str) -> None:
        self._http.delete(f"{_BASE}/{trial_id}")
