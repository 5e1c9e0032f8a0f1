"""What the code of a task is as it starts: a digest of its files, and where they are a Git working
copy its commit with what was changed since.

    python -m slipway.runtime.record --folder /opt/ml/code --into /opt/ml/record/code-0.json

Runs inside the instance, as the user's own code does. It never ends a task: what cannot be read is
left out.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

MAX_FILES = 5_000
MAX_BYTES = 512 << 20
_MAX_CHANGES_BYTES = 4 << 20
_GIT_S = 60.0
_LEFT_OUT = (".git", "__pycache__", ".ipynb_checkpoints")
# A working copy's own settings may name programs; none of them is run.
_GIT = (
    "git",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "safe.directory=*",
)


def digest_of(folder: Path) -> str | None:
    """Of all files below, by name and content; None where there are too many or they cannot be read."""
    whole, count, total = hashlib.sha256(), 0, 0
    try:
        for path in _files(folder):
            size = path.stat().st_size
            count, total = count + 1, total + size
            if count > MAX_FILES or total > MAX_BYTES:
                return None
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            whole.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    except (OSError, ValueError):
        return None
    return whole.hexdigest()


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _LEFT_OUT)
        found += [path for name in sorted(names) if (path := Path(root, name)).is_file()]
        if len(found) > MAX_FILES:
            break
    return found


def git_of(folder: Path) -> dict[str, Any] | None:
    """Commit, changes since (as a patch) and new files; None where it is no working copy."""
    if not (folder / ".git").exists() or shutil.which("git") is None:
        return None
    commit = _git(folder, "rev-parse", "HEAD").strip()
    if not commit:
        return None
    changes = _git(
        folder, "diff", "HEAD", "--no-ext-diff", "--no-textconv", "--no-color", "--binary"
    )
    new = _git(folder, "ls-files", "--others", "--exclude-standard", "-z").split("\0")
    return {
        "commit": commit, "changes": changes[:_MAX_CHANGES_BYTES],
        "cut": len(changes) > _MAX_CHANGES_BYTES, "new": [name for name in new if name][:MAX_FILES],
    }  # fmt: skip


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            [*_GIT, "-C", str(folder), *arguments], capture_output=True, timeout=_GIT_S,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_CONFIG_NOSYSTEM": "1"},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--into", type=Path, required=True)
    asked = parser.parse_args()
    found = {"digest": digest_of(asked.folder), "git": git_of(asked.folder)}
    scratch = asked.into.with_suffix(".part")
    scratch.write_text(json.dumps(found))
    scratch.replace(asked.into)


if __name__ == "__main__":
    main()
