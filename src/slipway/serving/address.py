"""Addresses of other people's servers, as users type them."""

from __future__ import annotations

from urllib.parse import urlsplit

from slipway.base.errors import Invalid


def checked_url(url: str, *, field: str) -> str:
    """An http or https address without name, password and fragment, and no slash at its end."""
    try:
        where = urlsplit(url)
        port_fits = where.port is None or 0 < where.port < 65536
    except ValueError:
        where, port_fits = urlsplit(""), False
    usable = where.scheme in ("http", "https") and bool(where.hostname) and port_fits
    if not usable or len(url) > 500 or not url.isascii() or any(c.isspace() for c in url):
        raise Invalid("The address must look like https://host/v1.", field=field)
    if "@" in where.netloc or where.fragment:
        raise Invalid("The address must hold no name, password or fragment.", field=field)
    return url.rstrip("/")
