"""Serve a language model: `python -m slipway.runtime.serve.llm --model-dir DIR --port N`.

Engines, first that fits with `--engine auto`:
- vllm: a GPU is visible and the package is installed;
- slipway: our own server on transformers (`openai_server.py` says why);
- transformers: `transformers serve`, only when asked for.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import socket
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from slipway.runtime.serve.checkpoint import (
    DEFAULT_MAX_LEN,
    Checkpoint,
    CheckpointError,
    find_base,
    find_model,
    go_offline,
    load,
    read_json,
)

_NOT_NEEDED = ("scipy", "sklearn", "torchvision")


class EngineName(StrEnum):
    AUTO = "auto"
    SLIPWAY = "slipway"
    VLLM = "vllm"
    TRANSFORMERS = "transformers"


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser().parse_args(argv)
    go_offline()
    try:
        return _run(arguments)
    except CheckpointError as error:
        print(f"llm: {error}", file=sys.stderr)
        return 1


def _run(arguments: argparse.Namespace) -> int:
    model = find_model(Path(arguments.model_dir).absolute())
    adapter = (model / "adapter_config.json").is_file()
    base = find_base(model, arguments.base_dir) if adapter else None
    _check_port(arguments.host, arguments.port)
    engine = choose_engine(EngineName(arguments.engine))
    print(f"engine: {engine}; model: {model}", flush=True)
    if engine is EngineName.SLIPWAY:
        return _serve_here(arguments, model, base)
    if engine is EngineName.VLLM:
        command = vllm_command(arguments, model, base)
    else:
        command = transformers_command(arguments, model, base)
    os.execvp(command[0], command)


def choose_engine(wanted: EngineName) -> EngineName:
    """Raises CheckpointError where an engine is asked for that is not installed."""
    if wanted is EngineName.AUTO:
        gpu = Path("/dev/nvidiactl").exists() or shutil.which("nvidia-smi") is not None
        hidden = os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1")
        use_vllm = gpu and not hidden and importlib.util.find_spec("vllm") is not None
        return EngineName.VLLM if use_vllm else EngineName.SLIPWAY
    if wanted is not EngineName.SLIPWAY and importlib.util.find_spec(wanted) is None:
        raise CheckpointError(f"The engine {wanted} is not installed in this environment.")
    return wanted


def _serve_here(arguments: argparse.Namespace, model: Path, base: Path | None) -> int:
    from slipway.runtime.serve.openai_engine import Engine
    from slipway.runtime.serve.openai_server import serve

    _keep_out(_NOT_NEEDED if base else (*_NOT_NEEDED, "accelerate"))

    def load_model() -> Checkpoint:
        return load(
            model,
            base_dir=base,
            max_len=arguments.max_model_len,
            dtype=arguments.dtype,
            device=arguments.device,
        )

    engine = Engine(_names(arguments, model), load_model, max_batch=arguments.max_batch)
    code = serve(
        engine,
        arguments.host,
        arguments.port,
        log_level=arguments.log_level,
        grace_s=arguments.grace_s,
    )
    if engine.error:
        print(f"llm: load model error: {engine.error}", file=sys.stderr)
    return code


def _keep_out(packages: tuple[str, ...]) -> None:
    """Let transformers think that these are not installed.

    It imports what it finds, for training losses and beam helpers that serving never calls:
    0.5 s of the start and 50 MB for as long as the service runs. peft needs accelerate.
    """
    for name in packages:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]


def vllm_command(arguments: argparse.Namespace, model: Path, base: Path | None) -> list[str]:
    """vLLM keeps an adapter beside its base; the served name then names the adapter."""
    names = _names(arguments, model)
    command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server"]
    command += ["--model", str(base or model), "--host", arguments.host]
    command += ["--port", str(arguments.port), "--max-model-len", str(arguments.max_model_len)]
    if base is None:
        return [*command, "--served-model-name", *names]
    rank = _adapter_rank(model)
    command += ["--served-model-name", f"{names[0]}-base", "--enable-lora"]
    command += ["--max-lora-rank", str(rank)]
    return [*command, "--lora-modules", *(f"{name}={model}" for name in names)]


def _adapter_rank(adapter: Path) -> int:
    """The smallest rank that vLLM knows and that holds the adapter's."""
    rank = int(read_json(adapter / "adapter_config.json").get("r", 16))
    return next((size for size in (8, 16, 32, 64, 128, 256, 320, 512) if size >= rank), 512)


def transformers_command(
    arguments: argparse.Namespace, model: Path, base: Path | None
) -> list[str]:
    """It names the model by its path, so a request has to do the same."""
    if base is not None:
        raise CheckpointError("The engine transformers serves no LoRA adapter. Use slipway.")
    script = Path(sys.executable).with_name("transformers")
    if not script.is_file():
        raise CheckpointError("The command `transformers` is not installed in this environment.")
    command = [str(script), "serve", str(model), "--host", arguments.host]
    return [*command, "--port", str(arguments.port), "--log-level", arguments.log_level]


def _names(arguments: argparse.Namespace, model: Path) -> list[str]:
    return list(arguments.served_name or [model.name])


def _check_port(host: str, port: int) -> None:
    """Now, because the model would be loaded before a server finds out."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            text = f"Port {port} on {host} cannot be used ({error.strerror})."
            raise CheckpointError(text) from error


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="slipway.runtime.serve.llm", description=__doc__)
    parser.add_argument("--model-dir", required=True, help="checkpoint or LoRA adapter")
    parser.add_argument("--base-dir", type=Path, help="base model of a LoRA adapter")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument(
        "--served-name", action="append", help="name in requests; may be given several times"
    )
    parser.add_argument("--max-model-len", type=int, default=DEFAULT_MAX_LEN)
    parser.add_argument("--engine", choices=[name.value for name in EngineName], default="auto")
    parser.add_argument("--max-batch", type=int, default=8, help="requests decoded together")
    parser.add_argument(
        "--dtype", choices=["auto", "float32", "bfloat16", "float16"], default="auto"
    )
    parser.add_argument(
        "--grace-s", type=int, default=30, help="seconds that running answers get at the end"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1")
    parser.add_argument(
        "--log-level", choices=["debug", "info", "warning", "error"], default="info"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
