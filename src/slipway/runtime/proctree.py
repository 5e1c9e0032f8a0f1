"""The processes of the machine as /proc shows them, and which of them descend from one."""

import os
from typing import NamedTuple

_PAGE = os.sysconf("SC_PAGE_SIZE")


class Process(NamedTuple):
    pid: int
    parent: int
    group: int
    session: int
    state: str
    cpu_ticks: int  # its own and those of its children that have been waited for
    rss_bytes: int


def processes() -> list[Process]:
    """All processes; empty where there is no /proc."""
    try:
        names = os.listdir("/proc")
    except OSError:
        return []
    found = (_process(int(name)) for name in names if name.isdigit())
    return [process for process in found if process]


def descendants(root: int) -> list[Process]:
    """Everything that descends from `root`, without `root` itself."""
    children: dict[int, list[Process]] = {}
    for process in processes():
        children.setdefault(process.parent, []).append(process)
    tree: list[Process] = []
    waiting = [root]
    while waiting:
        below = children.pop(waiting.pop(), [])
        tree += below
        waiting += [process.pid for process in below]
    return tree


def family(root: int) -> list[Process]:
    """As `descendants`, by asking each process for its children: costs what the tree costs, not the machine.

    One that is born while others die may be missed, which a chart can bear and a kill cannot.
    """
    if not os.path.exists(f"/proc/{root}/task/{root}/children"):
        return descendants(root)  # a kernel that does not tell
    tree: list[Process] = []
    waiting = [root]
    while waiting:
        below = [process for pid in _children(waiting.pop()) if (process := _process(pid))]
        tree += below
        waiting += [process.pid for process in below]
    return tree


def holds_variable(pid: int, assignment: str) -> bool:
    """Whether the process was started with `NAME=value` in its environment."""
    data = read_bytes(f"/proc/{pid}/environ")
    return data is not None and os.fsencode(assignment) in data.split(b"\0")


def read_bytes(path: str) -> bytes | None:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read()
    except OSError:
        return None


def _children(pid: int) -> list[int]:
    """Of all its threads."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []
    lists = (read_bytes(f"/proc/{pid}/task/{thread}/children") or b"" for thread in threads)
    return [int(child) for found in lists for child in found.split()]


def _process(pid: int) -> Process | None:
    data = read_bytes(f"/proc/{pid}/stat")
    if not data:
        return None
    # The name in brackets may itself hold brackets and blanks.
    fields = data[data.rindex(b")") + 2 :].split()
    return Process(
        pid=pid,
        parent=int(fields[1]),
        group=int(fields[2]),
        session=int(fields[3]),
        state=fields[0].decode(),
        cpu_ticks=sum(int(ticks) for ticks in fields[11:15]),
        rss_bytes=int(fields[21]) * _PAGE,
    )
