"""What the file system refuses, in the words of the one error tree."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator

from slipway.base.errors import Conflict, Invalid, NotFound, StorageFull, Unavailable


@contextlib.contextmanager
def translated(subject: str) -> Iterator[None]:
    """Raise what the operating system says about `subject` as one of our errors."""
    try:
        yield
    except OSError as error:
        raise _translate(error, subject) from error


def storage_full() -> StorageFull:
    return StorageFull("The disk is full. Free some space, then try again; nothing was stored.")


def _translate(
    error: OSError, subject: str
) -> Conflict | Invalid | NotFound | StorageFull | Unavailable:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return storage_full()
        case errno.ENOENT:
            return NotFound(f"There is no {subject}.")
        case errno.ENOTDIR | errno.EISDIR | errno.EEXIST | errno.ENOTEMPTY:
            return Conflict(
                f"A file and a folder cannot both be called {subject}.", code="path_taken"
            )
        case errno.ENAMETOOLONG:
            return Invalid(f"The path {subject} is too long.", field="key", code="bad_path")
        case errno.ELOOP:
            return Invalid(f"{subject} is a link that leads to itself.", field="key")
        case _:
            return Unavailable(f"The storage could not handle {subject}: {error.strerror}.")
