"""The engines that a service of a language model can be asked to run on."""

from __future__ import annotations

from dataclasses import dataclass

from slipway.base.errors import Invalid
from slipway.environments.choose import Chosen
from slipway.runtime.serve.engines import OTHERS, EngineName
from slipway.serving.config import Runtime, VersionConfig

_OWN_NEEDS = "Nothing more: it runs on a processor or a GPU, with adapters and GGUF files"
_AUTO_NEEDS = "Takes llama.cpp for a GGUF file, vLLM or SGLang on a GPU, else Slipway's own"


@dataclass(frozen=True, slots=True)
class Engine:
    """`missing`: why it cannot run in the platform's own environment, as a sentence part."""

    name: EngineName
    needs: str
    needs_gpu: bool
    missing: str | None


def list_engines() -> list[Engine]:
    own = [
        Engine(EngineName.AUTO, _AUTO_NEEDS, False, None),
        Engine(EngineName.SLIPWAY, _OWN_NEEDS, False, None),
    ]
    others = [Engine(e.name, e.needs, e.needs_gpu, e.not_installed()) for e in OTHERS.values()]
    return own + others


def check_engine(config: VersionConfig, environment: Chosen) -> None:
    """What is known before it starts; the rest the instance's log says."""
    name = config.engine
    if name == EngineName.AUTO:
        return
    if config.runtime != Runtime.LLM or config.command.strip():
        raise Invalid(
            "An engine is chosen for an LLM service without a start command of its own.",
            field="engine",
        )
    engine = OTHERS.get(name)
    if engine is None:
        return
    if engine.needs_gpu and not config.gpus:
        raise Invalid(f"The engine {name} runs on a GPU. Ask for one.", field="engine")
    if not environment.is_custom and (reason := engine.not_installed()):
        raise Invalid(
            f"The engine {name} cannot be used: {reason}.", field="engine", code="no_engine"
        )
