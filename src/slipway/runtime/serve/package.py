"""Serve a `model_service.py` package: `python -m slipway.runtime.serve.package --model-dir DIR`.

Installs what `requirements.txt` asks for and this Python does not have, into a virtual
environment beside the platform's (never into it), then becomes `python -m tiinfer`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from slipway.runtime.serve.requirements import RequirementsError, python_with


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    directory = Path(arguments.model_dir).absolute()
    problem = _problem(directory)
    if problem:
        print(f"package: {problem}", file=sys.stderr)
        return 1
    try:
        python = python_with(directory / "requirements.txt", arguments.packages_dir)
    except RequirementsError as error:
        sys.stdout.flush()
        print(f"package: {error}", file=sys.stderr)
        return 1
    os.chdir(directory)
    os.environ["TI_MODEL_DIR"] = str(directory)
    os.environ["REST_PORT"] = str(arguments.port)
    command = [python, "-m", "tiinfer", "--port", str(arguments.port)]
    command += ["--address", arguments.host, "--timeout", str(arguments.timeout)]
    sys.stdout.flush()
    os.execv(python, command)


def _problem(directory: Path) -> str | None:
    if not directory.is_dir():
        return f"The model directory {directory} does not exist."
    if not (directory / "model_service.py").is_file():
        return (
            f"model_service.py not found in {directory}: a model package has this file at its top. "
            "Put it there, or choose the directory that holds it."
        )
    return None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="slipway.runtime.serve.package", description=__doc__)
    parser.add_argument("--model-dir", required=True, help="directory of model_service.py")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--timeout", type=int, default=30000, metavar="MS")
    parser.add_argument(
        "--packages-dir",
        type=Path,
        default=None,
        help="where environments for requirements.txt are kept (default: the temporary folder)",
    )
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
