"""Slipway: a one-stop AI development platform that a team runs itself."""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from slipway.sdk.client import Client as Client
    from slipway.sdk.metrics import push_training_metrics as push_training_metrics
    from slipway.sdk.metrics import push_training_metrics_list as push_training_metrics_list

__all__ = ["Client", "__version__", "push_training_metrics", "push_training_metrics_list"]


def __getattr__(name: str) -> Any:
    # `import slipway` stays instant: the client and its HTTP library load on first use.
    if name == "Client":
        from slipway.sdk.client import Client

        return Client
    if name in ("push_training_metrics", "push_training_metrics_list"):
        from slipway.sdk import metrics

        return getattr(metrics, name)
    raise AttributeError(f"module 'slipway' has no attribute {name!r}")
