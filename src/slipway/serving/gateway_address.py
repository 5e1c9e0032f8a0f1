"""Where the gateway is: for callers, and for the control plane itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from slipway.base.settings import Settings

_ANY = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  what listens everywhere listens here


def local_url(settings: Settings) -> str:
    """How this machine reaches it. With port 0 only the running gateway knows its port."""
    host = _ANY.get(settings.gateway_host, settings.gateway_host)
    scheme = "https" if settings.gateway_tls_cert is not None else "http"
    return f"{scheme}://{host}:{_port(settings.root) or settings.gateway_port}"


def public_url(request: Request) -> str:
    """How callers reach it, without a slash at the end."""
    settings: Settings = request.app.state.settings
    return (settings.gateway_public_url or local_url(settings)).rstrip("/")


def grpc_address(public_url: str, settings: Settings) -> str:
    """Host and port of the gateway's gRPC entrance."""
    return f"{urlsplit(public_url).hostname}:{settings.gateway_grpc_port}"


def _port(home: Path) -> int | None:
    try:
        return int(json.loads((home / "run" / "gateway.json").read_bytes())["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


PublicUrl = Annotated[str, Depends(public_url)]
