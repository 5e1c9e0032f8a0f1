"""Where the instances of this task listen, by the names that the host file and the host list use."""

import json
import os


def peer(name: str) -> tuple[str, int]:
    """Raises KeyError for a name that is not of this task."""
    host, port = json.loads(os.environ["SLIPWAY_MPI_PEERS"])[name]
    return str(host), int(port)
