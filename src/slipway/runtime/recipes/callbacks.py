"""What happens beside the steps: the log line, the metrics, the checkpoint card, the stop."""

import contextlib
import math
import os
import signal
import time
from pathlib import Path
from types import FrameType
from typing import Any

from transformers import (
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)

from slipway.runtime.metrics import TooManyCalls, push_training_metrics_list
from slipway.runtime.recipes.checkpoints import write_card

# Our name for what the Trainer reports.
_METRICS = {
    "loss": "loss",
    "eval_loss": "eval_loss",
    "learning_rate": "learning_rate",
    "grad_norm": "grad_norm",
    "mean_token_accuracy": "token_accuracy",
    "eval_mean_token_accuracy": "eval_token_accuracy",
}


class Reporter(TrainerCallback):
    """A line in the log and a metrics record for every logging step."""

    def __init__(self) -> None:
        self._pending: list[dict[str, Any]] = []
        self._last_tokens = 0.0
        self._last_time = time.monotonic()

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        self._last_time = time.monotonic()

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **_: Any,
    ) -> None:
        if not state.is_world_process_zero or not logs:
            return
        metrics = {ours: float(logs[key]) for key, ours in _METRICS.items() if key in logs}
        if not metrics:
            return
        epoch = round(float(state.epoch or 0.0), 4)
        metrics |= {"epoch": epoch} | self._speed(logs)
        self._print(state, metrics)
        self._pending.append(
            {
                "timestamp": time.time(),
                "metrics": {k: v for k, v in metrics.items() if math.isfinite(v)},
                "epoch": epoch,
                "total_steps": state.max_steps,
                "step": state.global_step,
            }
        )
        self._push()

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        if self._pending:
            time.sleep(1.0)  # the limit is per second
            self._push()

    def _push(self) -> None:
        """Small models log faster than calls are taken: what is left goes with the next."""
        if not os.environ.get("SLIPWAY_METRICS_FILE"):
            self._pending.clear()  # not in a task: the log line is all there is
            return
        with contextlib.suppress(TooManyCalls):
            push_training_metrics_list(self._pending)
            self._pending.clear()

    def _speed(self, logs: dict[str, float]) -> dict[str, float]:
        if "num_tokens" not in logs:
            return {}
        now, tokens = time.monotonic(), float(logs["num_tokens"])
        seconds, self._last_time = now - self._last_time, now
        new, self._last_tokens = tokens - self._last_tokens, tokens
        return {"tokens_per_s": new / seconds} if new > 0 and seconds > 0 else {}

    def _print(self, state: TrainerState, metrics: dict[str, float]) -> None:
        values = "  ".join(f"{name} {value:.4g}" for name, value in metrics.items())
        print(f"step {state.global_step}/{state.max_steps}  {values}", flush=True)


class CardWriter(TrainerCallback):
    """Leaves beside each checkpoint what its card shows."""

    def __init__(self, conv_template_name: str) -> None:
        self._conv_template_name = conv_template_name

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        if state.is_world_process_zero:
            checkpoint = Path(str(args.output_dir)) / f"checkpoint-{state.global_step}"
            write_card(checkpoint, self._conv_template_name)
            print(f"Saved {checkpoint}", flush=True)


class GracefulStop(TrainerCallback):
    """SIGTERM: finish the step, save a checkpoint, leave. `stopped` tells afterwards."""

    def __init__(self) -> None:
        self._asked = False
        self.stopped = False

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        signal.signal(signal.SIGTERM, self._remember)

    def on_step_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        if self._agreed(args):
            self.stopped = True
            control.should_save = True
            control.should_training_stop = True

    def _remember(self, signum: int, frame: FrameType | None) -> None:
        self._asked = True

    def _agreed(self, args: TrainingArguments) -> bool:
        """All processes must leave after the same step, or the rest waits for them forever."""
        if args.world_size == 1:
            return self._asked
        import torch

        flag = torch.tensor(float(self._asked), device=args.device)
        torch.distributed.all_reduce(flag, op=torch.distributed.ReduceOp.MAX)
        return bool(flag.item() > 0)
