"""Secrets at rest: one key file below the home (mode 0600) seals what must be readable again."""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path

from cryptography.fernet import Fernet


class Sealer:
    def __init__(self, key: bytes) -> None:
        self._key, self._fernet = key, Fernet(key)

    @classmethod
    def open(cls, path: Path) -> Sealer:
        """Use the key at `path`, made on first use."""
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(Fernet.generate_key())
        return cls(path.read_bytes())

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def unseal(self, sealed: str) -> str:
        return self._fernet.decrypt(sealed.encode()).decode()

    def derive(self, name: str) -> str:
        """A secret of its own for `name`: always the same, so nothing has to be stored."""
        return hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()


def fingerprint(secret: str) -> str:
    """SHA-256 in hex: enough for random 200-bit secrets, and quick to look up."""
    return hashlib.sha256(secret.encode()).hexdigest()
