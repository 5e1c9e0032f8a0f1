"""An answer of the gateway's own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    status: int
    body: bytes
    content_type: bytes = b"application/json"
