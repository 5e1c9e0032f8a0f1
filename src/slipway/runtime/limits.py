"""What bounds an instance: control groups where we may make them, and resource limits.

CPU is a share, not a ceiling: an instance gets at least what it asked for when others want the
processor too, and may use what is idle. Memory and process count are hard. Version 1 and
version 2 of the control groups are both in use on current machines.
"""

import contextlib
import functools
import os
import re
import resource
import signal
import time
from typing import NamedTuple

from slipway.runtime import linux
from slipway.runtime.spec import Limits

_OPEN_FILES = 65536
_CLEAN_UP_S = 2.0
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")


class Hierarchy(NamedTuple):
    """One mounted tree of control groups, and where in it new groups may go."""

    unified: bool
    controllers: frozenset[str]
    bases: tuple[str, ...]  # tried in order


class Cgroup:
    """The control groups of one instance: a directory per hierarchy."""

    def __init__(self, directories: list[tuple[Hierarchy, str]], enforced: frozenset[str]) -> None:
        self._directories = directories
        self.enforced = enforced
        self._born_inside = False

    @property
    def paths(self) -> list[str]:
        return [path for _, path in self._directories]

    def fork(self) -> int:
        """`os.fork`, where possible with the child already in the version 2 group.

        The child has to `join` the others.
        """
        unified = next((path for h, path in self._directories if h.unified), None)
        if unified is None:
            return os.fork()
        fd = os.open(unified, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._born_inside = True
            return linux.fork_into(fd)
        except OSError:  # a kernel before 5.7, or a filter that does not know the call
            self._born_inside = False
            return os.fork()
        finally:
            os.close(fd)

    def join(self) -> None:
        """Move the calling single-threaded process in. Raises OSError."""
        for hierarchy, path in self._directories:
            if not hierarchy.unified:
                # Moving just the calling thread skips a lock that costs several milliseconds;
                # with one thread it means the same.
                _write(f"{path}/tasks", "0")
            elif not self._born_inside:
                _write(f"{path}/cgroup.procs", "0")

    def kill(self) -> None:
        kill_members(self.paths)

    def is_empty(self) -> bool:
        return not any(_members(path) for path in self.paths)

    def oom_kills(self) -> int:
        """How many processes the kernel killed for the memory limit."""
        path = self._memory_path()
        if path is None:
            return 0
        version_2 = _field(f"{path}/memory.events", "oom_kill")
        return version_2 or _field(f"{path}/memory.oom_control", "oom_kill") or 0

    def memory_bytes(self) -> int | None:
        """Memory in use without what the kernel only caches; None where it is not counted."""
        path = self._memory_path()
        for usage, inactive in (
            ("memory.current", "inactive_file"),
            ("memory.usage_in_bytes", "total_inactive_file"),
        ):
            used = _read_int(f"{path}/{usage}") if path else None
            if used is not None:
                return max(0, used - (_field(f"{path}/memory.stat", inactive) or 0))
        return None

    def _memory_path(self) -> str | None:
        return next((p for h, p in self._directories if "memory" in h.controllers), None)

    def remove(self) -> None:
        remove_groups(self.paths)


def join_group(path: str) -> None:
    """Move the calling process into one control group of an instance. Raises OSError."""
    _write(f"{path}/cgroup.procs", "0")


def create(instance_id: str, limits: Limits) -> tuple[Cgroup, list[str]]:
    """Make the instance's control groups; what cannot be enforced comes back as notes."""
    wanted = {
        name
        for name, value in (
            ("memory", limits.memory_bytes),
            ("cpu", limits.cpu_cores),
            ("pids", limits.pids),
        )
        if value
    }
    group = "slipway-" + _UNSAFE.sub("_", instance_id)
    directories, enforced = [], set()
    for hierarchy in hierarchies():
        useful = wanted & hierarchy.controllers
        # Even without a limit one group is of use: it tells which processes are ours.
        tracks = (hierarchy.unified and len(hierarchies()) == 1) or "pids" in hierarchy.controllers
        if not useful and not tracks:
            continue
        path, got = _make(hierarchy, group, useful, limits)
        if path:
            directories.append((hierarchy, path))
            enforced |= got
    notes = [
        f"The {name} limit is not enforced: control groups are not available or not writable."
        for name in sorted(wanted - enforced)
    ]
    return Cgroup(directories, frozenset(enforced)), notes


def set_resource_limits() -> None:
    """For the calling process: enough open files, no core dumps."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    soft = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    with contextlib.suppress(ValueError):  # macOS has a lower bound that it does not tell
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def kill_members(paths: list[str]) -> None:
    """Send SIGKILL to every process in these groups."""
    for path in paths:
        try:
            _write(f"{path}/cgroup.kill", "1")
        except OSError:
            for pid in _members(path):
                _kill(pid)


def remove_groups(paths: list[str]) -> None:
    """Remove the groups; a process that has just died may keep one busy for a moment."""
    deadline = time.monotonic() + _CLEAN_UP_S
    for path in paths:
        while os.path.isdir(path):
            try:
                os.rmdir(path)
            except OSError:
                if time.monotonic() > deadline:
                    break
                time.sleep(0.002)


@functools.cache
def hierarchies() -> list[Hierarchy]:
    """The mounted hierarchies that this process is in. The agent asks once for all runners."""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:
            mounts = file.readlines()
        with open("/proc/self/cgroup", encoding="utf-8", errors="replace") as file:
            memberships = [line.strip().split(":", 2) for line in file]
    except OSError:
        return []
    own = {frozenset(c.split(",")) if c else frozenset(): path for _, c, path in memberships}
    found = []
    for line in mounts:
        before, _, after = line.partition(" - ")
        root, point = before.split()[3:5]
        kind, _, options = after.split()[:3]
        if kind == "cgroup2" and frozenset() in own:
            inside = _inside(point, root, own[frozenset()])
            controllers = frozenset((_read(f"{inside}/cgroup.controllers") or "").split())
            found.append(Hierarchy(True, controllers, _version_2_bases(point, inside)))
        elif kind == "cgroup":
            for controllers, path in own.items():
                if controllers and controllers <= set(options.split(",")):
                    found.append(Hierarchy(False, controllers, (_inside(point, root, path),)))
    return found


def _inside(point: str, root: str, own: str) -> str:
    """Our own group's directory; in a container only a part of the tree may be mounted."""
    below = (
        os.path.relpath(own, root) if own == root or own.startswith(root.rstrip("/") + "/") else "."
    )
    path = os.path.normpath(os.path.join(point, below))
    return path if os.path.isdir(path) else point


def _version_2_bases(point: str, inside: str) -> tuple[str, ...]:
    # A group that holds processes cannot pass controllers on (the root can), so a group
    # beside our own is the second choice.
    parent = os.path.dirname(inside)
    return (inside, parent) if inside != point else (inside,)


def _make(
    hierarchy: Hierarchy, group: str, useful: set[str], limits: Limits
) -> tuple[str | None, set[str]]:
    best: tuple[str | None, set[str]] = (None, set())
    for base in hierarchy.bases:
        if hierarchy.unified:
            _pass_on(base, useful)
        path = f"{base}/{group}"
        try:
            os.makedirs(path, exist_ok=True)
        except OSError:
            continue
        got = {name for name in useful if _apply(path, name, limits, hierarchy.unified)}
        if best[0]:
            remove_groups([best[0] if len(got) > len(best[1]) else path])
        if not best[0] or len(got) > len(best[1]):
            best = (path, got)
        if got == useful:
            break
    return best


def _pass_on(base: str, controllers: set[str]) -> None:
    enabled = (_read(f"{base}/cgroup.subtree_control") or "").split()
    for name in controllers.difference(enabled):
        _try_write(f"{base}/cgroup.subtree_control", f"+{name}")


def _apply(path: str, controller: str, limits: Limits, unified: bool) -> bool:
    if controller == "memory" and limits.memory_bytes:
        return _limit_memory(path, limits.memory_bytes, unified)
    if controller == "cpu" and limits.cpu_cores:
        # 1024 and 100 are what the kernel gives a group that says nothing: one core's worth.
        if unified:
            weight = min(10000, max(1, round(limits.cpu_cores * 100)))
            return _try_write(f"{path}/cpu.weight", str(weight))
        return _try_write(f"{path}/cpu.shares", str(max(2, round(limits.cpu_cores * 1024))))
    return _try_write(f"{path}/pids.max", str(limits.pids))


def _limit_memory(path: str, limit_bytes: int, unified: bool) -> bool:
    """Bound memory and swap together, or the limit would only push the instance into swap."""
    if not unified:
        done = _try_write(f"{path}/memory.limit_in_bytes", str(limit_bytes))
        _try_write(f"{path}/memory.memsw.limit_in_bytes", str(limit_bytes))
        return done
    done = _try_write(f"{path}/memory.max", str(limit_bytes))
    _try_write(f"{path}/memory.swap.max", "0")
    _try_write(f"{path}/memory.oom.group", "1")
    return done


def _members(path: str) -> list[int]:
    return [int(pid) for pid in (_read(f"{path}/cgroup.procs") or "").split()]


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _field(path: str, name: str) -> int | None:
    for line in (_read(path) or "").splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return None


def _read_int(path: str) -> int | None:
    text = _read(path)
    return int(text) if text else None


def _read(path: str) -> str | None:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read().decode()
    except OSError:
        return None


def _try_write(path: str, text: str) -> bool:
    try:
        _write(path, text)
    except OSError:
        return False
    return True


def _write(path: str, text: str) -> None:
    # No O_CREAT: these files are the kernel's, and a missing one must stay missing.
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)
