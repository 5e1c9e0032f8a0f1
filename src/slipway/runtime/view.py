"""What a command is meant to see of the file system, worked out before it starts.

With a mount namespace the targets are real paths. Without one the same things lie elsewhere:
mounts at their sources, files below `work/` of the instance directory; `located` says where.
"""

import functools
import os
import sys
from typing import NamedTuple

from slipway.runtime.spec import Mount, Spec


class Bind(NamedTuple):
    source: str
    target: str
    read_only: bool


class View(NamedTuple):
    binds: tuple[Bind, ...]  # parents before children
    hide: tuple[str, ...]


def write_files(spec: Spec, directory: str) -> None:
    """Put the spec's files below `work/`. In a namespace they are bound from there."""
    for file in spec.files:
        path = file_path(directory, file.target)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(file.text)


def fault_in_sources(spec: Spec) -> str | None:
    """Why a mount's source cannot be used, if one cannot."""
    for mount in spec.mounts:
        try:
            os.stat(mount.source)
        except FileNotFoundError:
            return f"the source of {mount.target} does not exist: {mount.source}"
        except OSError as error:
            return f"the source of {mount.target}, {mount.source}, cannot be used: {error.strerror}"
    return None


def make_view(spec: Spec, directory: str, metrics_file: str) -> View:
    """The binds of a namespace. Creates missing mount points inside writable sources only.

    A target nested in another mount (/opt/ml/output in /opt/ml) needs a directory in that
    mount's source. A writable source gets it, as with Docker; it stays there empty, since
    another instance with the same source may be using it. Read-only sources are not touched.
    """
    binds = [Bind(m.source, m.target, m.read_only) for m in spec.mounts]
    binds += [Bind(file_path(directory, f.target), f.target, False) for f in spec.files]
    for bind in binds:
        _make_nested_mount_point(bind, spec.mounts)
    hide = tuple(os.path.realpath(path) for path in spec.hide if os.path.isdir(path))
    kept = [Bind(path, path, True) for path in platform_paths() if _is_below(path, hide)]
    if _is_below(os.path.realpath(metrics_file), hide):
        kept.append(Bind(metrics_file, metrics_file, False))
    # The sort is stable: at the same depth, what the user mounted wins over what we keep.
    return View(tuple(sorted(kept + binds, key=_depth)), hide)


def variables(spec: Spec, directory: str, namespace: bool) -> dict[str, str]:
    """The variables that say where mounts and files are."""
    targets = [(m.env, m.target) for m in spec.mounts] + [(f.env, f.target) for f in spec.files]
    return {
        env: target if namespace else located(target, spec, directory)
        for env, target in targets
        if env
    }


def located(path: str, spec: Spec, directory: str) -> str:
    """Where `path` of the command's view lies on this machine when there is no namespace."""
    if any(path == file.target for file in spec.files):
        return file_path(directory, path)
    mount = _mount_around(path, spec.mounts)
    if mount is None:
        return path
    return os.path.normpath(os.path.join(mount.source, os.path.relpath(path, mount.target)))


def file_path(directory: str, target: str) -> str:
    return os.path.join(directory, "work", target.lstrip("/"))


def _make_nested_mount_point(bind: Bind, mounts: tuple[Mount, ...]) -> None:
    around = [m for m in mounts if m.target != bind.target]
    parent = _mount_around(bind.target, tuple(around))
    if parent is None or parent.read_only or not os.path.isdir(parent.source):
        return
    point = os.path.join(parent.source, os.path.relpath(bind.target, parent.target))
    if os.path.lexists(point):
        return
    if os.path.isdir(bind.source):
        os.makedirs(point, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(point), exist_ok=True)
        with open(point, "a"):
            pass


def _mount_around(path: str, mounts: tuple[Mount, ...]) -> Mount | None:
    around = [m for m in mounts if path == m.target or path.startswith(m.target + "/")]
    return max(around, key=lambda m: len(m.target), default=None)


@functools.cache
def platform_paths() -> list[str]:
    """The Python environment that the platform runs in, and the platform's own code.

    `sys.executable` of a virtual environment is a link into the base installation, hence both.
    """
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    paths = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix, package}
    return sorted(os.path.realpath(path) for path in paths)


def _is_below(path: str, directories: tuple[str, ...]) -> bool:
    return any(path.startswith(directory + "/") for directory in directories)


def _depth(bind: Bind) -> int:
    return bind.target.count("/")
