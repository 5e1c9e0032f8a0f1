"""Identifiers carry their kind: `train-8f3k2m9x0q4w`. Random, so they can be made anywhere."""

from __future__ import annotations

import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # no i, l, o, u: easy to read aloud


def new_id(kind: str, length: int = 12) -> str:
    """A fresh id such as `ds-4k8m...`; 12 characters hold 60 random bits."""
    return kind + "-" + "".join(secrets.choice(_ALPHABET) for _ in range(length))


def new_secret(prefix: str, length: int = 40) -> str:
    """A secret shown once; the prefix lets people and scanners recognise what leaked."""
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length))
