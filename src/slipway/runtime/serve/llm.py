"""Serve a language model: `python -m slipway.runtime.serve.llm --model-dir DIR --port N`.

Engines (`engines.py`), first that fits with `--engine auto`:
- a GGUF file: llama.cpp where it is there, else our own;
- vllm, then sglang: a GPU is visible and the package is installed;
- slipway: our own server on transformers (`openai_server.py` says why);
- transformers: `transformers serve`, only when asked for.

SLIPWAY_LLM_ENGINE and SLIPWAY_LLM_ARGS stand for `--engine` and for what follows `--`: further
options of the engine.
"""

from __future__ import annotations

import argparse
import os
import shlex
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from slipway.runtime.serve.checkpoint import (
    DEFAULT_MAX_LEN,
    Checkpoint,
    CheckpointError,
    find_base,
    find_gguf,
    find_model,
    go_offline,
    load,
)
from slipway.runtime.serve.engines import OTHERS, EngineName, Wanted, choose_engine

_NOT_NEEDED = ("scipy", "sklearn", "torchvision")


def main(argv: Sequence[str] | None = None) -> int:
    arguments = parser().parse_args(argv)
    go_offline()
    try:
        return _run(arguments)
    except CheckpointError as error:
        print(f"llm: {error}", file=sys.stderr)
        return 1


def _run(arguments: argparse.Namespace) -> int:
    wanted = wanted_of(arguments)
    _check_port(arguments.host, arguments.port)
    name = choose_engine(EngineName(arguments.engine), wanted)
    print(f"engine: {name}; model: {wanted.gguf or wanted.model}", flush=True)
    if name is EngineName.SLIPWAY:
        return _serve_here(arguments, wanted)
    command = [*OTHERS[name].command(wanted), *wanted.extra]
    os.execvp(command[0], command)


def wanted_of(arguments: argparse.Namespace) -> Wanted:
    model = find_model(Path(arguments.model_dir).absolute())
    adapter = (model / "adapter_config.json").is_file()
    names = arguments.served_name or [model.name]
    return Wanted(
        model=model, names=tuple(names), host=arguments.host, port=arguments.port,
        max_len=arguments.max_model_len, gguf=find_gguf(model),
        base=find_base(model, arguments.base_dir) if adapter else None,
        max_batch=arguments.max_batch, dtype=arguments.dtype, device=arguments.device,
        log_level=arguments.log_level, extra=tuple(_extra(arguments.engine_arguments)),
    )  # fmt: skip


def _extra(given: list[str]) -> list[str]:
    try:
        return [*shlex.split(os.environ.get("SLIPWAY_LLM_ARGS", "")), *given]
    except ValueError as error:
        raise CheckpointError(f"SLIPWAY_LLM_ARGS cannot be read: {error}.") from error


def _serve_here(arguments: argparse.Namespace, wanted: Wanted) -> int:
    from slipway.runtime.serve.openai_engine import Engine
    from slipway.runtime.serve.openai_server import serve

    if wanted.extra:
        raise CheckpointError(f"The engine slipway has no options {shlex.join(wanted.extra)}.")
    whole = wanted.base is None and wanted.gguf is None
    _keep_out((*_NOT_NEEDED, "accelerate") if whole else _NOT_NEEDED)

    def load_model() -> Checkpoint:
        return load(
            wanted.model,
            base_dir=wanted.base,
            max_len=arguments.max_model_len,
            dtype=arguments.dtype,
            device=arguments.device,
        )

    engine = Engine(list(wanted.names), load_model, max_batch=arguments.max_batch)
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
    parser.add_argument(
        "--engine",
        choices=[name.value for name in EngineName],
        default=os.environ.get("SLIPWAY_LLM_ENGINE") or "auto",
    )
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
    parser.add_argument(
        "engine_arguments", nargs="*", metavar="-- OPTION", help="further options of the engine"
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
