"""Files that must never be seen half written."""

import os
from pathlib import Path


def write_atomically(file: Path, data: bytes) -> None:
    """Readers see the old file or the new one, and only the owner may read it."""
    beside = file.with_name(f"{file.name}.{os.getpid()}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(file)
