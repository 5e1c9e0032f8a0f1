"""Which worker classes run in which stage, in how many processes."""

from __future__ import annotations

import inspect
import logging
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tiinfer import settings
from tiinfer.model import Model

if TYPE_CHECKING:
    from mosec import Worker

logger = logging.getLogger("tiinfer")


class PackageError(Exception):
    """The model package cannot be served; the text says what to change."""


@dataclass(frozen=True)
class Stage:
    """One stage of the pipeline: `num` processes of `worker`."""

    worker: type[Worker]
    num: int = 1
    start_method: str = "spawn"
    env: tuple[dict[str, str], ...] | None = None
    max_batch_size: int = 1
    max_wait_ms: int = 0
    timeout_s: float = 0
    latency_target_ms: int = 0


_appended: list[Stage] = []


def append_worker(
    worker: type[Worker],
    num: int = 1,
    start_method: str = "spawn",
    env: list[dict[str, str]] | None = None,
    *,
    max_batch_size: int = 1,
    max_wait_time: int = 0,
    timeout: float = 0,
    latency_target: int = 0,
) -> None:
    """Add a stage; stages run in the order of the calls.

    env: one dict of variables for each of the `num` processes. max_wait_time: milliseconds
    that a batch may wait to fill (0: 10). timeout: seconds for one `forward` (0: the
    service's). latency_target: milliseconds that waiting and `forward` of a batch should stay
    within; the largest batch adapts to it (0: no target). Raises PackageError naming a bad
    argument.
    """
    _check_worker(worker)
    _check_int("num", num, 1)
    _check_int("max_batch_size", max_batch_size, 1)
    _check_int("max_wait_time", max_wait_time, 0)
    _check_int("latency_target", latency_target, 0)
    if start_method not in ("spawn", "fork"):
        raise PackageError(f"append_worker: start_method {start_method!r} is not 'spawn' or 'fork'")
    if not isinstance(timeout, int | float) or timeout < 0:
        raise PackageError(f"append_worker: timeout must be 0 or more seconds, not {timeout!r}")
    variables = _device_env(num) if env is None else _check_env(env, num)
    _appended.append(
        Stage(
            worker,
            num,
            start_method,
            variables,
            max_batch_size,
            max_wait_time,
            timeout,
            latency_target,
        )
    )


def stages_of(module: ModuleType) -> list[Stage]:
    """The stages of an imported `model_service.py`; Model subclasses win over workers."""
    models = model_classes(module)
    if len(models) > 1:
        names = ", ".join(model.__name__ for model in models)
        raise PackageError(f"model_service.py has more than one tiinfer.Model class: {names}")
    if models:
        if _appended:
            logger.warning("append_worker calls are ignored: %s is used", models[0].__name__)
        return model_stages(models[0])
    if not _appended:
        raise PackageError(
            "model_service.py has neither a subclass of tiinfer.Model "
            "nor a call of tiinfer.append_worker"
        )
    return list(_appended)


def model_classes(module: ModuleType) -> list[type[Model]]:
    """Subclasses of Model among the module's names, without those that others extend."""
    found = {
        value
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, Model) and value is not Model
    }
    leaves = [cls for cls in found if not any(cls in sub.__mro__[1:] for sub in found)]
    return sorted(leaves, key=lambda cls: cls.__name__)


def model_stages(model: type[Model]) -> list[Stage]:
    """Lay out the four hooks: a hook whose count is 0 runs in the inference process."""
    from tiinfer import hooks

    pre, post = settings.get_ti_preprocess_nums(), settings.get_ti_postprocess_nums()
    count = _inference_count(model)
    batch = settings.get_ti_inference_max_batch_size()
    if count < 1:
        raise PackageError(f"TI_INFERENCE_NUMS is {count}; at least 1 inference process is needed")
    if batch < 1:
        raise PackageError(f"TI_INFERENCE_MAX_BATCH_SIZE is {batch}; it must be at least 1")
    if pre < 0 or post < 0:
        raise PackageError("TI_PREPROCESS_NUMS and TI_POSTPROCESS_NUMS cannot be negative")
    inference = hooks.inference_worker(with_pre=pre == 0, with_post=post == 0)
    stages = [
        Stage(
            inference,
            count,
            env=_device_env(count),
            max_batch_size=batch,
            max_wait_ms=settings.get_ti_inference_max_batch_wait_ms(),
            latency_target_ms=settings.get_ti_inference_latency_target_ms(),
        )
    ]
    if pre:
        stages.insert(0, Stage(hooks.Preprocess, pre))
    if post:
        stages.append(Stage(hooks.Postprocess, post))
    return stages


def _inference_count(model: type[Model]) -> int:
    """TI_INFERENCE_NUMS, one for each device, or what the constructor leaves in `self.workers`."""
    if settings.inference_nums_given():
        return settings.get_ti_inference_nums()
    if devices := settings.devices():
        return len(devices)
    if not any(_sets_workers(cls) for cls in model.__mro__[: model.__mro__.index(Model)]):
        return settings.DEFAULTS["TI_INFERENCE_NUMS"]
    workers = getattr(model(settings.TI_MODEL_DIR), "workers", 1)
    return workers if isinstance(workers, int) else settings.DEFAULTS["TI_INFERENCE_NUMS"]


def _sets_workers(cls: type) -> bool:
    """Whether it is worth building a model here, which may be slow, to read `workers`."""
    constructor = vars(cls).get("__init__")
    code = getattr(constructor, "__code__", None)
    return "workers" in vars(cls) or (code is not None and "workers" in code.co_names)


def _device_env(num: int) -> tuple[dict[str, str], ...] | None:
    """Each process sees one of the devices, in turn, and its share of that one's memory."""
    devices = settings.devices()
    if not devices:
        return None
    share = settings.memory_fraction()
    limit = {"PYTORCH_ALLOC_CONF": f"per_process_memory_fraction:{share:g}"} if share else {}
    return tuple({"CUDA_VISIBLE_DEVICES": devices[at % len(devices)], **limit} for at in range(num))


def _check_worker(worker: Any) -> None:
    from mosec import Worker

    if not inspect.isclass(worker) or not issubclass(worker, Worker):
        raise PackageError(f"append_worker: worker {worker!r} is not a subclass of mosec.Worker")
    if inspect.isabstract(worker):
        raise PackageError(f"append_worker: worker {worker.__name__} has no forward method")


def _check_int(name: str, value: Any, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise PackageError(f"append_worker: {name}={value!r} is not an integer of at least {least}")


def _check_env(env: Any, num: int) -> tuple[dict[str, str], ...]:
    texts = isinstance(env, list) and all(
        isinstance(item, dict)
        and all(isinstance(part, str) for pair in item.items() for part in pair)
        for item in env
    )
    if not texts:
        raise PackageError("append_worker: env must be a list of dicts from text to text")
    if len(env) != num:
        raise PackageError(f"append_worker: env has {len(env)} entries for num={num} processes")
    return tuple(env)
