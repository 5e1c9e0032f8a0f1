"""Traffic of the node's RDMA cards: counters of the whole node, since they are not kept per process."""

import glob

_COUNTERS = "/sys/class/infiniband/*/ports/*/counters/port_{}_data"
_WORD_BYTES = 4  # the counters count four-byte words


def rdma_bytes() -> dict[str, int]:
    """Bytes received and sent since the cards came up; empty where there are none."""
    received, sent = _sum("rcv"), _sum("xmit")
    if received is None or sent is None:
        return {}
    return {"rdma_received_bytes": received, "rdma_sent_bytes": sent}


def _sum(direction: str) -> int | None:
    values = [_read(path) for path in glob.glob(_COUNTERS.format(direction))]
    known = [value for value in values if value is not None]
    return sum(known) * _WORD_BYTES if known else None


def _read(path: str) -> int | None:
    try:
        with open(path) as file:
            return int(file.read())
    except (OSError, ValueError):
        return None
