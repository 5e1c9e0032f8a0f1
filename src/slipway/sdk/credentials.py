"""What `slipway login` saves: the address and a token, readable by the user alone."""

from __future__ import annotations

import json
import os
from pathlib import Path


def path() -> Path:
    base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "slipway" / "credentials.json"


def load() -> dict[str, str]:
    try:
        data = json.loads(path().read_text())
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def save(url: str, token: str) -> Path:
    file = path()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = file.with_suffix(".new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as output:
        json.dump({"url": url, "token": token}, output)
    temporary.rename(file)
    return file


def forget() -> bool:
    try:
        path().unlink()
    except FileNotFoundError:
        return False
    return True
