"""What a machine finds out before it joins: storage, ports in both directions, the internet (RES-09)."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

_REACH_S = 5.0
_PACKAGES = "https://pypi.org/simple/"

# (port, what it says there) -> whether the platform came through.
Probe = Callable[[int, str], bool]


def reach_facts(terms: dict[str, Any], probe: Probe) -> dict[str, Any]:
    """Further keys of `facts.py`: reaches_storage, closed_ports, reaches_internet."""
    closed = [f"to {address}" for address in terms["reach"] if not _connects(address)]
    if not _is_reached(terms["port"], probe):
        closed.append(f"{terms['port']} of this machine")
    facts: dict[str, Any] = {"closed_ports": closed, "reaches_internet": _reaches_packages()}
    if terms["marker"] is not None:
        facts["reaches_storage"] = _holds(Path(terms["marker"]), terms["marker_text"])
    return facts


def _connects(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=_REACH_S):
            return True
    except (OSError, ValueError):
        return False


def _is_reached(port: int, probe: Probe) -> bool:
    """The platform comes to one of the ports that instances get. Taken: somebody answers it already."""
    says = secrets.token_hex(8)
    try:
        with _saying(port, says) as own:
            return probe(own, says)
    except OSError:
        return True


@contextlib.contextmanager
def _saying(port: int, says: str) -> Iterator[int]:
    """Listen there, and tell everybody who comes."""
    with socket.create_server(("", port)) as listener:
        threading.Thread(target=_tell_all, args=(listener, says.encode()), daemon=True).start()
        yield port
        listener.shutdown(socket.SHUT_RDWR)


def _tell_all(listener: socket.socket, says: bytes) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, contextlib.suppress(OSError):
            connection.sendall(says)


def _reaches_packages() -> bool:
    """Whether environments could be built from packages here: asks the index that pip would ask."""
    try:
        httpx.head(os.environ.get("PIP_INDEX_URL", _PACKAGES), timeout=_REACH_S)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return True


def _holds(marker: Path, text: str) -> bool:
    try:
        return marker.read_text().strip() == text
    except OSError:
        return False
