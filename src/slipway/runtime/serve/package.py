"""Serve a `model_service.py` package: `python -m slipway.runtime.serve.package --model-dir DIR`.

Installs what `requirements.txt` asks for and this Python does not have, into a virtual
environment beside the platform's (never into it), then becomes `python -m tiinfer`.

A folder without `model_service.py` that holds one model of a known format (`formats/`) gets a
ready-made one, in a folder of its own with links to the model's files.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from slipway.runtime.serve.formats import FORMATS, find_format
from slipway.runtime.serve.requirements import RequirementsError, python_with

SERVICE = "model_service.py"


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
    if not (directory / SERVICE).is_file():
        directory = _ready_made(directory)
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
    if (directory / SERVICE).is_file():
        return None
    found = find_format(directory)
    if found is not None:
        return found.missing()
    formats = ", ".join(one.name for one in FORMATS)
    return (
        f"model_service.py not found in {directory}: a model package has this file at its top. "
        f"Put it there, or have one model of these formats in the folder: {formats}."
    )


def _ready_made(directory: Path) -> Path:
    """A folder with the format's service; the model's own may be read-only."""
    found = find_format(directory)
    assert found is not None
    folder = Path(tempfile.mkdtemp(prefix="slipway-model-"))
    for path in directory.iterdir():
        (folder / path.name).symlink_to(path)
    module = f"slipway.runtime.serve.formats.{found.module}"
    (folder / SERVICE).write_text(f"from {module} import *  # noqa: F403\n")
    print(f"format: {found.name}", flush=True)
    return folder


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
