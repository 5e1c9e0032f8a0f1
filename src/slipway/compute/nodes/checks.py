"""Is a machine fit to join? Rules over what it says of itself (RES-09, RES-10, RES-20, RES-38).

Nothing here touches a disk: a machine keeps its system, and a data directory is only written to.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MIN_DISK_BYTES = 100 * 10**9
MIN_ENVIRONMENT_BYTES = 2 * 10**9


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"  # may join; somebody should know
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    level: Level
    sentence: str


def check_machine(
    facts: Mapping[str, Any], joined: Sequence[Mapping[str, Any]], *, overlay: Sequence[str] = ()
) -> list[Check]:
    """`facts` as in `facts.py`; `joined` those of the nodes of the group. What is not said is not judged."""
    found = [
        _disk(facts), _environment_space(facts), _storage(facts), _ports(facts),
        _networks(facts, joined, overlay), _internet(facts), _cpu_vendor(facts, joined), _sharing(facts),
    ]  # fmt: skip
    return [check for check in found if check is not None]


def blocking(checks: Iterable[Check]) -> list[Check]:
    return [check for check in checks if check.level == Level.BLOCKED]


def _disk(facts: Mapping[str, Any]) -> Check | None:
    disks = facts.get("disks")
    if not disks:
        return None
    data = [disk for disk in disks if not disk.get("system")]
    largest = max((int(disk["size_bytes"]) for disk in data or disks), default=0)
    what = "data disk" if data else "system disk"
    if largest < MIN_DISK_BYTES:
        return Check(
            "disk", Level.BLOCKED,
            f"The {what} has {_gb(largest)} GB; at least {_gb(MIN_DISK_BYTES)} GB are needed for environments and data.",
        )  # fmt: skip
    return Check("disk", Level.OK, f"The {what} has {_gb(largest)} GB.")


def _environment_space(facts: Mapping[str, Any]) -> Check | None:
    free = facts.get("environment_free_bytes")
    if free is None:
        return None
    if is_short_of_space(facts):
        return Check(
            "environment_space", Level.BLOCKED,
            f"{_gb(free)} GB are free for environments; large ones cannot be fetched below {_gb(MIN_ENVIRONMENT_BYTES)} GB.",
        )  # fmt: skip
    return Check("environment_space", Level.OK, f"{_gb(free)} GB are free for environments.")


def is_short_of_space(facts: Mapping[str, Any], minimum: int = MIN_ENVIRONMENT_BYTES) -> bool:
    free = facts.get("environment_free_bytes")
    return free is not None and int(free) < minimum


def _storage(facts: Mapping[str, Any]) -> Check | None:
    reaches = facts.get("reaches_storage")
    if reaches is None:
        return None
    if not reaches:
        return Check(
            "storage", Level.BLOCKED,
            "The machine does not reach the platform's storage. Mount the shared directory at the same path, or open the network to it.",
        )  # fmt: skip
    return Check("storage", Level.OK, "The machine reaches the platform's storage.")


def _ports(facts: Mapping[str, Any]) -> Check | None:
    closed = facts.get("closed_ports")
    if closed is None:
        return None
    if closed:
        listed = ", ".join(str(port) for port in closed[:10])
        return Check(
            "ports", Level.BLOCKED,
            f"These ports are closed between the machine and the platform: {listed}. Open them in both directions.",
        )  # fmt: skip
    return Check("ports", Level.OK, "The needed ports are open.")


def _networks(
    facts: Mapping[str, Any], joined: Sequence[Mapping[str, Any]], overlay: Sequence[str]
) -> Check | None:
    """Different networks may be mixed as long as their ranges do not clash; the same one is no clash."""
    own = facts.get("networks")
    if own is None:
        return None
    others = {net for other in joined for net in other.get("networks") or ()} | set(overlay)
    for mine in own:
        for theirs in sorted(others):
            if mine != theirs and _overlap(mine, theirs):
                return Check(
                    "networks", Level.BLOCKED,
                    f"The machine's network {mine} overlaps with {theirs}, which is in use here already.",
                )  # fmt: skip
    return Check("networks", Level.OK, "The machine's networks do not clash with those in use.")


def _overlap(one: str, other: str) -> bool:
    try:
        return ipaddress.ip_network(one, strict=False).overlaps(
            ipaddress.ip_network(other, strict=False)
        )
    except (ValueError, TypeError):
        return False


def _internet(facts: Mapping[str, Any]) -> Check | None:
    reaches = facts.get("reaches_internet")
    if reaches is None or reaches:
        return None
    return Check(
        "internet", Level.WARNING,
        "The machine has no way to the internet; environments that fetch packages cannot be built on it.",
    )  # fmt: skip


def _cpu_vendor(facts: Mapping[str, Any], joined: Sequence[Mapping[str, Any]]) -> Check | None:
    own = facts.get("cpu_vendor")
    others = {o.get("cpu_vendor") for o in joined} - {None, "", own}
    if not own or not others:
        return None
    return Check(
        "cpu_vendor", Level.WARNING,
        f"The machine has {own} processors, others of the group {', '.join(sorted(map(str, others)))}: "
        "equal grants may perform differently.",
    )  # fmt: skip


def _sharing(facts: Mapping[str, Any]) -> Check | None:
    reason = facts.get("sharing_off")
    return Check("sharing", Level.WARNING, str(reason)) if reason else None


def _gb(size_bytes: int) -> str:
    return f"{size_bytes / 10**9:.0f}" if size_bytes >= 10**10 else f"{size_bytes / 10**9:.1f}"
