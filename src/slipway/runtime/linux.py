"""The Linux calls that Python 3.11 has no name for. Importing this does nothing anywhere."""

import ctypes
import os
import signal

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
MS_NOATIME, MS_NODIRATIME, MS_RELATIME = 1024, 2048, 1 << 21
MNT_DETACH = 2

_PR_SET_PDEATHSIG = 1
_PR_SET_NAME = 15
_PR_CAPBSET_DROP = 24
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_CAPABILITY_VERSION_3 = 0x20080522
_SYS_CLONE3 = 435  # the same on every architecture
_CLONE_INTO_CGROUP = 0x200000000

# What root keeps: enough for package managers and servers that change user, nothing that
# mounts, traces, loads, makes device nodes or enters other namespaces. In order: chown,
# dac_override, fowner, fsetid, kill, setgid, setuid, net_bind_service, ipc_lock.
KEPT_CAPABILITIES = frozenset((0, 1, 3, 4, 5, 6, 7, 10, 14))

# statvfs flag -> mount flag: a remount must repeat those that the mount already has.
_MOUNT_FLAGS = {
    1: MS_RDONLY,
    2: MS_NOSUID,
    4: MS_NODEV,
    8: MS_NOEXEC,
    1024: MS_NOATIME,
    2048: MS_NODIRATIME,
    4096: MS_RELATIME,
}

_libc = ctypes.CDLL(None, use_errno=True)
# Calls that keep the interpreter's lock.
_libc_locked = ctypes.PyDLL(None, use_errno=True)


class _CloneArgs(ctypes.Structure):
    _fields_ = tuple(
        (name, ctypes.c_uint64)
        for name in (
            *("flags", "pidfd", "child_tid", "parent_tid", "exit_signal", "stack"),
            *("stack_size", "tls", "set_tid", "set_tid_size", "cgroup"),
        )
    )


class _CapHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapData(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def _check(result: int, path: str = "") -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path or None)


def fork_into(cgroup: int) -> int:
    """`os.fork` with the child born in the control group of that descriptor. Raises OSError.

    Moving a process later waits for a lock that costs up to 20 ms on a quiet machine. For
    single-threaded processes only.
    """
    args = _CloneArgs(flags=_CLONE_INTO_CGROUP, exit_signal=signal.SIGCHLD, cgroup=cgroup)
    ctypes.pythonapi.PyOS_BeforeFork()
    pid: int = _libc_locked.syscall(
        ctypes.c_long(_SYS_CLONE3), ctypes.byref(args), ctypes.c_size_t(ctypes.sizeof(args))
    )
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        return 0
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    _check(pid)
    return pid


def trim_memory() -> None:
    """Give back what imports and the like have left free; nothing where libc is not glibc."""
    if hasattr(_libc, "malloc_trim"):
        _libc.malloc_trim(0)


def unshare(flags: int) -> None:
    _check(_libc.unshare(flags))


def setns(fd: int, kind: int) -> None:
    _check(_libc.setns(fd, kind))


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    result = _libc.mount(
        os.fsencode(source), os.fsencode(target), kind.encode(),
        ctypes.c_ulong(flags), options.encode(),
    )  # fmt: skip
    _check(result, target)


def bind(source: str, target: str) -> None:
    """Show `source` at `target`, with everything that is mounted below it."""
    mount(source, target, "", MS_BIND | MS_REC)


def make_read_only(path: str) -> None:
    """Remount the one mount at `path`; the file system itself stays as it is for others."""
    has = os.statvfs(path).f_flag
    keep = sum(flag for bit, flag in _MOUNT_FLAGS.items() if has & bit)
    mount("", path, "", MS_REMOUNT | MS_BIND | MS_RDONLY | keep)


def make_mounts_private() -> None:
    """From now on nothing mounted here reaches the rest of the machine, or back."""
    mount("", "/", "", MS_REC | MS_PRIVATE)


def pivot_root(new_root: str, put_old: str) -> None:
    _check(_libc.pivot_root(os.fsencode(new_root), os.fsencode(put_old)), new_root)


def detach(path: str) -> None:
    _check(_libc.umount2(os.fsencode(path), MNT_DETACH), path)


def mounts_below(path: str) -> list[str]:
    """Mount points at or below `path`."""
    with open("/proc/self/mountinfo", "rb") as file:
        points = [os.fsdecode(_unescape(line.split(b" ")[4])) for line in file]
    return sorted({p for p in points if p == path or p.startswith(path.rstrip("/") + "/")})


def _unescape(field: bytes) -> bytes:
    # Blanks and the like are written as \040.
    first, *rest = field.split(b"\\")
    return first + b"".join(bytes([int(part[:3], 8)]) + part[3:] for part in rest)


def die_with_parent(by: signal.Signals = signal.SIGKILL) -> None:
    _check(_libc.prctl(_PR_SET_PDEATHSIG, by, 0, 0, 0))


def adopt_orphans() -> None:
    """Descendants whose parent dies become our children instead of init's."""
    _check(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))


def name_process(name: str) -> None:
    _libc.prctl(_PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def drop_privileges(keep: frozenset[int]) -> None:
    """Give up all capabilities but `keep`, for good: no later program can get them back."""
    for capability in range(64):
        if capability in keep:
            continue
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:
            break  # past the last one that this kernel knows
    _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    _limit_capabilities(sum(1 << capability for capability in keep))
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def _limit_capabilities(mask: int) -> None:
    header = _CapHeader(_CAPABILITY_VERSION_3, 0)
    data = (_CapData * 2)()
    _check(_libc.capget(ctypes.byref(header), data))
    for half in range(2):
        part = (mask >> (32 * half)) & 0xFFFFFFFF & data[half].permitted
        data[half].permitted = data[half].effective = part
        data[half].inheritable = 0
    _check(_libc.capset(ctypes.byref(header), data))
