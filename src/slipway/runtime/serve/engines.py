"""The programs that can serve a language model, behind one small contract.

Whatever the engine, the platform relies on four things: a start command; `GET /health`, which
answers 200 once the model can be asked; OpenAI answers whose `usage` counts the tokens (also in a
stream that asks for it), which is what the gateway meters; and the load under `metrics_path`, in the
engine's own names (`gauges`). An engine that is not there says what is missing and what to do.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from slipway.runtime.serve.checkpoint import CheckpointError, read_json

READINESS_PATH = "/health"
# Our own engine decodes on a processor; these know of nothing else than a GPU.
_NEEDS_GPU = "it runs on a GPU, and none is visible here"


class EngineName(StrEnum):
    AUTO = "auto"
    SLIPWAY = "slipway"
    VLLM = "vllm"
    SGLANG = "sglang"
    TRANSFORMERS = "transformers"
    LLAMACPP = "llama.cpp"


class Load(StrEnum):
    RUNNING = "running"  # requests being answered
    WAITING = "waiting"  # requests in the queue
    CACHE_USE = "cache_use"  # part of the key-value cache that is taken, 0 to 1


@dataclass(frozen=True)
class Wanted:
    """What is to be served. gguf: the file, where the model is one; base: of a LoRA adapter."""

    model: Path
    names: tuple[str, ...]
    host: str
    port: int
    max_len: int
    base: Path | None = None
    gguf: Path | None = None
    max_batch: int = 8
    dtype: str = "auto"
    device: str = "auto"
    log_level: str = "info"
    extra: tuple[str, ...] = ()


class LlmEngine(Protocol):
    name: EngineName
    metrics_path: str | None
    gauges: Mapping[Load, str]
    needs: str  # in words, for people who choose
    needs_gpu: bool

    def not_installed(self) -> str | None:
        """What is missing in this Python or on its PATH, as a sentence part; None where nothing is."""

    def missing(self) -> str | None:
        """Why it cannot run here and what to do, as a sentence part; None where it can."""

    def refuses(self, wanted: Wanted) -> str | None:
        """Why it cannot serve this model; None where it can."""

    def command(self, wanted: Wanted) -> list[str]: ...


class Vllm:
    name = EngineName.VLLM
    metrics_path: str | None = "/metrics"
    gauges: Mapping[Load, str] = MappingProxyType(
        {
            Load.RUNNING: "vllm:num_requests_running",
            Load.WAITING: "vllm:num_requests_waiting",
            Load.CACHE_USE: "vllm:kv_cache_usage_perc",
        }
    )

    needs = "A GPU, and an environment with the package vllm"
    needs_gpu = True

    def not_installed(self) -> str | None:
        return _missing_package("vllm", "vllm")

    def missing(self) -> str | None:
        return self.not_installed() or (None if gpu_visible() else _NEEDS_GPU)

    def refuses(self, wanted: Wanted) -> str | None:
        return None if wanted.gguf is None else "it is asked for Hugging Face checkpoints only"

    def command(self, wanted: Wanted) -> list[str]:
        """An adapter is kept beside its base; the served name then names the adapter."""
        words = _program("vllm", "vllm.entrypoints.cli.main")
        words += ["serve", str(wanted.base or wanted.model), *_address(wanted)]
        words += ["--max-model-len", str(wanted.max_len)]
        if wanted.base is None:
            return [*words, "--served-model-name", *wanted.names]
        words += ["--served-model-name", f"{wanted.names[0]}-base", "--enable-lora"]
        words += ["--max-lora-rank", str(_adapter_rank(wanted.model))]
        return [*words, "--lora-modules", *(f"{name}={wanted.model}" for name in wanted.names)]


class Sglang:
    name = EngineName.SGLANG
    metrics_path: str | None = "/metrics"
    gauges: Mapping[Load, str] = MappingProxyType(
        {
            Load.RUNNING: "sglang:num_running_reqs",
            Load.WAITING: "sglang:num_queue_reqs",
            Load.CACHE_USE: "sglang:token_usage",
        }
    )

    needs = "A GPU, and an environment with the package sglang"
    needs_gpu = True

    def not_installed(self) -> str | None:
        return _missing_package("sglang", "sglang")

    def missing(self) -> str | None:
        return self.not_installed() or (None if gpu_visible() else _NEEDS_GPU)

    def refuses(self, wanted: Wanted) -> str | None:
        if wanted.base is not None:
            return "a LoRA adapter is served by the engines vllm and slipway"
        return None

    def command(self, wanted: Wanted) -> list[str]:
        words = [sys.executable, "-m", "sglang.launch_server", "--enable-metrics"]
        words += ["--model-path", str(wanted.gguf or wanted.model), *_address(wanted)]
        words += ["--served-model-name", wanted.names[0], "--context-length", str(wanted.max_len)]
        return [*words, *(["--load-format", "gguf"] if wanted.gguf else [])]


class Transformers:
    name = EngineName.TRANSFORMERS
    metrics_path: str | None = None
    gauges: Mapping[Load, str] = MappingProxyType({})

    needs = "The package transformers[serving]; no adapters, no GGUF"
    needs_gpu = False

    def not_installed(self) -> str | None:
        if Path(sys.executable).with_name("transformers").is_file():
            return None
        return "its command is not installed here (pip install 'transformers[serving]')"

    def missing(self) -> str | None:
        return self.not_installed()

    def refuses(self, wanted: Wanted) -> str | None:
        if wanted.base is not None:
            return "it serves no LoRA adapter; use slipway"
        return None if wanted.gguf is None else "for a GGUF file use llama.cpp or slipway"

    def command(self, wanted: Wanted) -> list[str]:
        script = str(Path(sys.executable).with_name("transformers"))
        words = [script, "serve", str(wanted.model), *_address(wanted), "--continuous-batching"]
        if wanted.device != "auto" or not gpu_visible():
            words += ["--device", wanted.device if wanted.device != "auto" else "cpu"]
            # Its cache takes most of a GPU's memory, and on a processor all that there is.
            words += ["--cb-num-blocks", str(_blocks(wanted)), "--cb-block-size", str(_BLOCK)]
            words += ["--no-cb-use-cuda-graph"]
        return [*words, "--log-level", wanted.log_level]


class LlamaCpp:
    """llama.cpp's own server, or llama-cpp-python's where only that is installed."""

    name = EngineName.LLAMACPP
    metrics_path: str | None = "/metrics"
    gauges: Mapping[Load, str] = MappingProxyType(
        {
            Load.RUNNING: "llamacpp:requests_processing",
            Load.WAITING: "llamacpp:requests_deferred",
        }
    )

    needs = "A GGUF file, and llama-server or the package llama-cpp-python[server]"
    needs_gpu = False

    def missing(self) -> str | None:
        return self.not_installed()

    def not_installed(self) -> str | None:
        if llama_server() or importlib.util.find_spec("llama_cpp"):
            return None
        return (
            "neither the program llama-server is on the PATH (or named by LLAMA_SERVER) "
            "nor the package llama-cpp-python[server] installed"
        )

    def refuses(self, wanted: Wanted) -> str | None:
        if wanted.gguf is None:
            return "it serves GGUF files (*.gguf), and the model is none"
        return None

    def command(self, wanted: Wanted) -> list[str]:
        program = llama_server()
        if program is None:
            words = [sys.executable, "-m", "llama_cpp.server", "--model", str(wanted.gguf)]
            words += ["--model_alias", wanted.names[0], "--n_ctx", str(wanted.max_len)]
            return [*words, *_address(wanted)]
        words = [program, "--model", str(wanted.gguf), *_address(wanted), "--metrics", "--jinja"]
        words += ["--alias", ",".join(wanted.names), "--parallel", str(wanted.max_batch)]
        # Its context is shared by the requests that are answered together.
        return [*words, "--ctx-size", str(wanted.max_len * wanted.max_batch)]


OTHERS: dict[EngineName, LlmEngine] = {
    engine.name: engine for engine in (Vllm(), Sglang(), Transformers(), LlamaCpp())
}
OWN_METRICS_PATH = "/metrics"
OWN_GAUGES = {
    Load.RUNNING: "slipway_llm_sequences_running",
    Load.WAITING: "slipway_llm_sequences_waiting",
}
_BLOCK = 32


def choose_engine(asked: EngineName, wanted: Wanted) -> EngineName:
    """Raises CheckpointError where the engine asked for is not there or cannot serve the model."""
    if asked is EngineName.AUTO:
        candidates = (EngineName.LLAMACPP,) if wanted.gguf else (EngineName.VLLM, EngineName.SGLANG)
        for name in candidates:
            if _reason(OTHERS[name], wanted) is None:
                return name
        return EngineName.SLIPWAY
    if asked is not EngineName.SLIPWAY:
        reason = _reason(OTHERS[asked], wanted)
        if reason is not None:
            raise CheckpointError(f"The engine {asked} cannot be used: {reason}.")
    return asked


def _reason(engine: LlmEngine, wanted: Wanted) -> str | None:
    return engine.missing() or engine.refuses(wanted)


def gpu_visible() -> bool:
    hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
    return not hidden and (
        Path("/dev/nvidiactl").exists() or shutil.which("nvidia-smi") is not None
    )


def llama_server() -> str | None:
    return shutil.which(os.environ.get("LLAMA_SERVER") or "llama-server")


def _address(wanted: Wanted) -> list[str]:
    return ["--host", wanted.host, "--port", str(wanted.port)]


def _missing_package(module: str, package: str) -> str | None:
    if importlib.util.find_spec(module) is not None:
        return None
    return (
        f"the package {package} is not installed in this environment. Build an environment with "
        f"{package} in its requirements and choose it for the service"
    )


def _program(script: str, module: str) -> list[str]:
    path = Path(sys.executable).with_name(script)
    return [str(path)] if path.is_file() else [sys.executable, "-m", module]


def _blocks(wanted: Wanted) -> int:
    """As many as `max_batch` requests of full length fill."""
    return max(1, -(-min(wanted.max_len, 4096) * wanted.max_batch // _BLOCK))


def _adapter_rank(adapter: Path) -> int:
    """The smallest rank that vLLM knows and that holds the adapter's."""
    rank = int(read_json(adapter / "adapter_config.json").get("r", 16))
    return next((size for size in (8, 16, 32, 64, 128, 256, 320, 512) if size >= rank), 512)
