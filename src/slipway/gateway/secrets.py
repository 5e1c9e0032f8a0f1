"""Secrets of others that the gateway uses: they come sealed, are kept sealed, and open here.

The control plane seals them with a key that both derive from the gateway's token, so neither the
feed nor the state file ever holds one in the clear.
"""

import base64
import hashlib
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken


class Unsealer:
    """Opens sealed texts and remembers them; few are in use at a time."""

    def __init__(self, token_file: Path) -> None:
        self._token_file = token_file
        self._open: dict[str, str] = {}

    def open(self, sealed: str) -> str:
        """'' where it cannot be opened: the call then fails at the provider, with its words."""
        if not sealed:
            return ""
        found = self._open.get(sealed)
        if found is None:
            found = self._open[sealed] = self._opened(sealed)
        return found

    def _opened(self, sealed: str) -> str:
        try:
            return (
                Fernet(derived_key(self._token_file.read_text().strip()))
                .decrypt(sealed.encode())
                .decode()
            )
        except (OSError, InvalidToken, ValueError):
            return ""


def derived_key(token: str) -> bytes:
    digest = hashlib.sha256(b"slipway gateway secrets\0" + token.encode()).digest()
    return base64.urlsafe_b64encode(digest)
