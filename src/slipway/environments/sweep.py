"""Which builds go. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Unused:
    """A build that no environment names and nothing runs in; kept a while, in case it is asked for."""

    build_id: str
    size_bytes: int
    last_used_at: datetime


def to_remove(unused: Sequence[Unused], *, keep: int, held_bytes: int, max_bytes: int) -> set[str]:
    """All but the `keep` used last; more, oldest first, while all builds hold over `max_bytes`.

    `held_bytes`: of every build, used or not. `max_bytes` 0: no such limit.
    """
    newest_first = sorted(unused, key=lambda u: (u.last_used_at, u.build_id), reverse=True)
    doomed = {u.build_id for u in newest_first[keep:]}
    held = held_bytes - sum(u.size_bytes for u in newest_first[keep:])
    for candidate in reversed(newest_first[:keep]):
        if not max_bytes or held <= max_bytes:
            break
        doomed.add(candidate.build_id)
        held -= candidate.size_bytes
    return doomed
