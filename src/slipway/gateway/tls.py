"""HTTPS at the gateway: a certificate from files, TLS 1.2 and above, HTTP/1.1 inside."""

import ssl

from slipway.gateway.settings import Settings


def server_context(settings: Settings) -> ssl.SSLContext | None:
    """None where no certificate was given. Raises OSError for one that cannot be used."""
    if settings.tls_cert is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    context.load_cert_chain(settings.tls_cert, settings.tls_key)
    return context
