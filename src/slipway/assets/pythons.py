"""The Python interpreters of this machine that an environment can be built with."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_ASK = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2], sys.executable)"
_ANSWERS_WITHIN_S = 10
_NAMED = re.compile(r"python3\.(\d+)")
_OLDEST = 9


@dataclass(frozen=True, slots=True)
class Interpreter:
    version: str  # such as "3.11"
    path: Path


def own_version() -> str:
    return f"{sys.version_info[0]}.{sys.version_info[1]}"


@lru_cache(maxsize=1)
def list_interpreters() -> tuple[Interpreter, ...]:
    """Newest first. Asks each once; what cannot make a virtual environment is left out. Blocking."""
    found = {own_version(): Interpreter(own_version(), Path(sys.executable))}
    for name in _names():
        interpreter = _ask(name)
        if interpreter is not None:
            found.setdefault(interpreter.version, interpreter)
    return tuple(sorted(found.values(), key=lambda i: int(i.version.split(".")[1]), reverse=True))


def _names() -> list[str]:
    names = set()
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        try:
            entries = [entry.name for entry in Path(folder or ".").iterdir()]
        except OSError:
            continue
        names |= {e for e in entries if (m := _NAMED.fullmatch(e)) and int(m[1]) >= _OLDEST}
    return sorted(names)


def _ask(name: str) -> Interpreter | None:
    path = shutil.which(name)
    if path is None:
        return None
    try:
        answer = subprocess.run(
            [path, "-I", "-c", _ASK], capture_output=True, text=True, timeout=_ANSWERS_WITHIN_S
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version, _, place = answer.stdout.strip().partition(" ")
    # A version switcher's stand-in answers with the real path, or with an error.
    return Interpreter(version, Path(place)) if answer.returncode == 0 and place else None
