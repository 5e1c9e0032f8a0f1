"""`python -m slipway.runtime.environment --config config.json --out DIR [--credentials FILE]`

Builds a Python environment in DIR/venv, or pulls a container image. `DIR/result.json` appears when
all of it is there and never before; `DIR/failed.json` says why it is not. The credentials file is
emptied as soon as it is read, since programs of packages run next.

Exit status: 0 built, 1 not.
"""

import argparse
import errno
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from slipway.runtime.environment.image import pull
from slipway.runtime.environment.running import BuildFailed
from slipway.runtime.environment.virtual import build_venv

_FULL = (
    "The disk is full. Free some space, or delete environments that nobody uses, then build again."
)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="slipway.runtime.environment", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--credentials", type=Path)
    options = parser.parse_args(arguments)
    config = json.loads(options.config.read_text())
    credentials = _taken(options.credentials)
    for name in ("result.json", "failed.json"):
        (options.out / name).unlink(missing_ok=True)
    try:
        _check_space(options.out, int(config["min_free_bytes"]))
        result = _build(config, options.out, credentials)
        _write(options.out / "result.json", result)
    except BuildFailed as error:
        return _failed(options.out, _FULL if error.disk_full else str(error))
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return _failed(options.out, _FULL if full else f"The build failed: {error}.")
    print(f"Built: {result['size_bytes'] / 2**20:.1f} MiB.", flush=True)
    return 0


def _build(config: dict[str, Any], out: Path, credentials: dict[str, str]) -> dict[str, Any]:
    if config["kind"] == "image":
        return pull(config, out, credentials)
    return build_venv(config, out, credentials)


def _taken(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    found: dict[str, str] = json.loads(path.read_text())
    path.write_text("{}")
    return found


def _check_space(out: Path, least_bytes: int) -> None:
    free = shutil.disk_usage(out).free
    if free < least_bytes:
        raise BuildFailed(
            f"Only {free / 2**30:.1f} GiB are free for environments on this node; "
            f"{least_bytes / 2**30:.1f} GiB are needed to begin."
        )


def _failed(out: Path, reason: str) -> int:
    print(f"Error: {reason}", file=sys.stderr, flush=True)
    try:
        shutil.rmtree(out / "venv", ignore_errors=True)
        _write(out / "failed.json", {"reason": reason})
    except OSError as error:
        print(f"The reason could not be written down: {error}.", file=sys.stderr, flush=True)
    return 1


def _write(path: Path, value: dict[str, Any]) -> None:
    """At once and durable: whoever finds the file finds everything it speaks of."""
    draft = path.with_suffix(".new")
    with draft.open("w") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


if __name__ == "__main__":
    sys.exit(main())
