"""The gateway's proof of who it is: a secret in a file that only this user can read."""

from __future__ import annotations

import hmac
import os
from pathlib import Path

from slipway.base.ids import new_secret


def token_file(home: Path) -> Path:
    return home / "run" / "gateway.token"


def ensure_gateway_token(home: Path) -> str:
    """The token below `home`, made on first use with mode 0600."""
    path = token_file(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        path.chmod(0o600)
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        token = new_secret("gw-", 48)
        file.write(token)
    return token


def is_gateway(home: Path, authorization: str | None) -> bool:
    """Whether the header carries the token; compared in constant time."""
    try:
        token = token_file(home).read_text().strip()
    except OSError:
        return False
    given = (authorization or "").encode()
    return bool(token) and hmac.compare_digest(given, f"Bearer {token}".encode())
