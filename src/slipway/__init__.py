"""Slipway: a one-stop AI development platform that a team runs itself."""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from slipway.sdk.client import Client as Client

__all__ = ["Client", "__version__"]


def __getattr__(name: str) -> Any:
    # `import slipway` stays instant: the client and its HTTP library load on first use.
    if name == "Client":
        from slipway.sdk.client import Client

        return Client
    raise AttributeError(f"module 'slipway' has no attribute {name!r}")
