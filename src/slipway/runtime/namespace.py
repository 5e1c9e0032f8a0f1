"""A mount namespace in which the spec's targets are real paths.

Runs in the forked child, between fork and exec. Nothing is ever created on the machine's own
file systems: where a mount point is missing, its nearest existing parent is covered by a tmpfs
that shows the same children (bound one by one) and has room for a new one; where even the
first component is missing, the whole root is rebuilt that way.

As root this keeps honest programs apart; a hostile root program still shares devices and
/proc/sys with the machine. As an ordinary user the namespace lies in a user namespace.
"""

import errno
import os
import stat

from slipway.runtime import linux
from slipway.runtime.view import Bind, View

_NOT_PERMITTED = (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EINVAL, errno.ENOSPC)
_OLD_ROOT = "/.host"


class NotPermitted(Exception):
    """This machine does not let us make a mount namespace; the message says why."""


class NotPrepared(Exception):
    """The view could not be made although namespaces work; the message says what is wrong."""


def enter(view: View) -> None:
    """Move this process into its own namespace and build the view there.

    Raises NotPermitted before anything but this process has changed, NotPrepared for a fault
    in what was asked (a source that is missing, say).
    """
    _own_namespace()
    sources = [(bind, _open_source(bind, view.hide)) for bind in view.binds]
    try:
        _Builder(view).build(sources)
    except PermissionError as error:
        raise NotPermitted(f"mounting is not permitted here: {error}") from error
    except OSError as error:
        raise NotPrepared(f"could not prepare {error.filename}: {error.strerror}") from error
    finally:
        for _, fd in sources:
            os.close(fd)


def _own_namespace() -> None:
    try:
        if os.geteuid() == 0:
            linux.unshare(linux.CLONE_NEWNS)
        else:
            _own_user_namespace()
        linux.make_mounts_private()
    except OSError as error:
        if error.errno in _NOT_PERMITTED:
            raise NotPermitted(f"a mount namespace is not permitted here: {error}") from error
        raise NotPrepared(f"could not make a mount namespace: {error}") from error


def _own_user_namespace() -> None:
    """As an ordinary user: become the owner of a new user namespace, under the same ids."""
    uid, gid = os.geteuid(), os.getegid()
    linux.unshare(linux.CLONE_NEWUSER | linux.CLONE_NEWNS)
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{uid} {uid} 1"),
        ("gid_map", f"{gid} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def _open_source(bind: Bind, hide: tuple[str, ...]) -> int:
    """Hold the source by a descriptor: it stays reachable once directories are hidden."""
    try:
        fd = os.open(bind.source, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        what = f"the source of {bind.target}: {bind.source}"
        raise NotPrepared(f"could not open {what}: {error.strerror}") from error
    # A link that an earlier task left in its output must not open up what is hidden.
    reached = os.readlink(f"/proc/self/fd/{fd}")
    if any(reached.startswith(d + "/") and not _names(bind.source, reached, d) for d in hide):
        os.close(fd)
        raise NotPrepared(f"the source of {bind.target} leads through a link: {bind.source}")
    return fd


def _names(source: str, reached: str, hidden: str) -> bool:
    """Whether `source` is the plain path of `reached` from the hidden directory on."""
    inside = reached.removeprefix(hidden)
    return source.endswith(inside) and os.path.realpath(source.removesuffix(inside)) == hidden


class _Builder:
    def __init__(self, view: View) -> None:
        self._view = view
        self._ours: set[int] = set()  # devices of the tmpfs that we mounted
        self._to_seal: list[str] = []

    def build(self, sources: list[tuple[Bind, int]]) -> None:
        # Masks come first: whatever is bound afterwards shows a hidden directory as masked.
        for path in self._view.hide:
            self._mount_tmpfs(path, 0o755)
            self._to_seal.append(path)
        rebuilt = self._needs_new_root()
        if rebuilt:
            self._new_root()
        for bind, fd in sources:
            self._place(bind, fd)
        for path in self._to_seal:
            linux.make_read_only(path)
        if rebuilt:
            linux.detach(_OLD_ROOT)
            os.rmdir(_OLD_ROOT)

    def _needs_new_root(self) -> bool:
        tops = {os.path.realpath(bind.target).split("/")[1] for bind in self._view.binds}
        return not all(os.path.lexists(f"/{top}") for top in tops)

    def _new_root(self) -> None:
        names = os.listdir("/")
        base = next(path for path in ("/tmp", "/mnt", "/var") if os.path.isdir(path))
        self._mount_tmpfs(base, 0o755)
        os.mkdir(base + _OLD_ROOT)
        linux.pivot_root(base, base + _OLD_ROOT)
        os.chdir("/")
        _mirror(_OLD_ROOT, "/", names)

    def _place(self, bind: Bind, fd: int) -> None:
        target = os.path.realpath(bind.target)
        self._make_mount_point(target, stat.S_ISDIR(os.fstat(fd).st_mode))
        linux.bind(f"/proc/self/fd/{fd}", target)
        if bind.read_only:
            for point in linux.mounts_below(target):
                linux.make_read_only(point)

    def _make_mount_point(self, path: str, is_directory: bool) -> None:
        if os.path.exists(path):
            _expect_kind(path, is_directory)
            return
        anchor = os.path.dirname(path)
        while not os.path.isdir(anchor):
            anchor = os.path.dirname(anchor)
        if os.stat(anchor).st_dev not in self._ours:
            self._cover(anchor)
        if is_directory:
            os.makedirs(path)
        else:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            _touch(path)

    def _cover(self, path: str) -> None:
        """Put a tmpfs over `path` that shows what was there."""
        names = os.listdir(path)
        if os.statvfs(path).f_flag & os.ST_RDONLY:
            self._to_seal.append(path)
        fd = os.open(path, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._mount_tmpfs(path, stat.S_IMODE(os.fstat(fd).st_mode))
            _mirror(f"/proc/self/fd/{fd}", path, names)
        finally:
            os.close(fd)

    def _mount_tmpfs(self, path: str, mode: int) -> None:
        linux.mount("tmpfs", path, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, f"mode={mode:o}")
        self._ours.add(os.stat(path).st_dev)


def _mirror(source: str, target: str, names: list[str]) -> None:
    """Show the children of `source` in the empty directory `target`."""
    for name in names:
        there, here = f"{source}/{name}", os.path.join(target, name)
        try:
            mode = os.lstat(there).st_mode
            if stat.S_ISLNK(mode):
                os.symlink(os.readlink(there), here)
                continue
        except FileNotFoundError:
            continue  # gone since it was listed
        _mirror_one(there, here, stat.S_ISDIR(mode))


def _mirror_one(there: str, here: str, is_directory: bool) -> None:
    if is_directory:
        os.mkdir(here)
    else:
        _touch(here)
    try:
        linux.bind(there, here)
    except FileNotFoundError:
        (os.rmdir if is_directory else os.unlink)(here)


def _expect_kind(path: str, is_directory: bool) -> None:
    if os.path.isdir(path) != is_directory:
        have, want = ("a file", "a directory") if is_directory else ("a directory", "a file")
        raise NotPrepared(f"could not mount {want} at {path}: there is {have}")


def _touch(path: str) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o644))
