"""From the platform's variables to PyTorch's.

On the platform `WORLD_SIZE` and `RANK` count nodes. PyTorch reads the same names as process
counts. A launcher (torchrun) overwrites them for its children; without one this module does,
treating each node as one process.
"""

import os
from collections.abc import MutableMapping


def is_launched(env: MutableMapping[str, str] = os.environ) -> bool:
    """Whether a launcher has already set the variables of this very process."""
    return "LOCAL_RANK" in env


def prepare_environment(env: MutableMapping[str, str] = os.environ) -> None:
    """Make the environment mean to PyTorch what it means to the platform. Before importing it."""
    if not is_launched(env):
        if int(env.get("WORLD_SIZE") or 1) > 1:
            env["LOCAL_RANK"] = "0"
            env["LOCAL_WORLD_SIZE"] = "1"
        else:
            for name in ("WORLD_SIZE", "RANK", "MASTER_ADDR", "MASTER_PORT"):
                env.pop(name, None)
    if env.get("MASTER_ADDR") in ("127.0.0.1", "localhost", "::1"):
        # Gloo looks up the host's own name otherwise, which fails on machines without DNS.
        env.setdefault("GLOO_SOCKET_IFNAME", "lo")


def is_main(env: MutableMapping[str, str] = os.environ) -> bool:
    """Whether this process speaks for the run. Valid after `prepare_environment`."""
    return int(env.get("RANK") or 0) == 0
