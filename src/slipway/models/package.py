"""A version's files on disk: copied with their digests, put in place at once, then never changed.

All functions block. The order is what makes a crash harmless: copy into a draft folder, write the
manifest, rename the draft to its place. A folder in place is therefore whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from slipway.assets.errors import translated
from slipway.assets.keys import checked_key
from slipway.assets.storage import remove_tree, sync_directory
from slipway.base.errors import Invalid, NotFound, SlipwayError
from slipway.models.types import PackageFile

_BLOCK_BYTES = 1 << 20


class CopyStoppedError(Exception):
    """Somebody else has the work now, or the platform is closing. Nothing was put in place."""


class CopyDamagedError(SlipwayError):
    status = 500
    code = "copy_damaged"


def manifest_path(folder: Path) -> Path:
    """Beside the folder, so that a mounted version holds the model's own files only."""
    return folder.with_name(f"{folder.name}.manifest.json")


def bring_in(
    source: Path, folder: Path, draft: Path, *, verify: bool, stop: threading.Event
) -> tuple[PackageFile, ...]:
    """Copy `source` to `folder`, or find that an earlier try already did. Returns what it holds."""
    if not folder.is_dir():
        files = _copy(source, draft, stop)
        if verify:
            _verify(draft, files, stop)
        _put_in_place(draft, folder, files)
    make_read_only(folder)
    return read_manifest(folder)


def read_manifest(folder: Path) -> tuple[PackageFile, ...]:
    try:
        entries = json.loads(manifest_path(folder).read_bytes())["files"]
    except FileNotFoundError as error:
        raise NotFound("The files of this version are gone.", code="files_gone") from error
    return tuple(PackageFile(**entry) for entry in entries)


def remove_source(source: Path, files: tuple[PackageFile, ...]) -> None:
    """Remove what was copied and is unchanged since, then the folders that are empty."""
    for file in files:
        path = source / file.path
        try:
            status = path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        if status.st_size == file.size_bytes and status.st_mtime_ns == file.modified_ns:
            path.unlink()
    for directory, _folders, _files in os.walk(source, topdown=False):
        if not os.listdir(directory):  # noqa: PTH208
            os.rmdir(directory)  # noqa: PTH106


def remove(folder: Path, doomed: Path) -> None:
    """Take the folder away at once (by a rename), then remove it and its manifest."""
    if folder.is_dir():
        folder.chmod(0o755)
        folder.rename(doomed)
    if doomed.is_dir():
        for directory, _folders, _files in os.walk(doomed):
            Path(directory).chmod(0o755)
        remove_tree(doomed)
    manifest_path(folder).unlink(missing_ok=True)


def make_read_only(folder: Path) -> None:
    for directory, _folders, names in os.walk(folder, topdown=False):
        for name in names:
            path = Path(directory, name)
            executable = path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o555 if executable else 0o444)
        Path(directory).chmod(0o555)


def links_below(source: Path) -> int:
    """Links are not copied: a copy must not reach further than its source."""
    return sum(
        Path(directory, name).is_symlink()
        for directory, folders, names in os.walk(source)
        for name in (*folders, *names)
    )


def _copy(source: Path, draft: Path, stop: threading.Event) -> tuple[PackageFile, ...]:
    if not source.is_dir():
        raise NotFound("The source folder is not there any more.", code="source_gone")
    remove_tree(draft)
    with translated(str(draft.name)):
        draft.mkdir(parents=True)
        files = tuple(_copy_one(source, draft, path, stop) for path in _regular_files(source))
    if not files:
        raise Invalid("The source folder holds no files.", field="source", code="empty_source")
    return files


def _regular_files(source: Path) -> Iterator[str]:
    for directory, folders, names in os.walk(source):
        folders.sort()
        for name in sorted(names):
            path = Path(directory, name)
            if stat.S_ISREG(path.lstat().st_mode):
                relative = path.relative_to(source).as_posix()
                checked_key(relative)
                yield relative


def _copy_one(source: Path, draft: Path, relative: str, stop: threading.Event) -> PackageFile:
    target = draft / relative
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size_bytes = hashlib.sha256(), 0
    with (source / relative).open("rb") as old, target.open("xb") as new:
        status = os.fstat(old.fileno())
        while block := old.read(_BLOCK_BYTES):
            _go_on(stop)
            new.write(block)
            digest.update(block)
            size_bytes += len(block)
        new.flush()
        os.fsync(new.fileno())
    if status.st_mode & stat.S_IXUSR:
        target.chmod(0o755)
    os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))
    return PackageFile(relative, size_bytes, digest.hexdigest(), status.st_mtime_ns)


def _verify(draft: Path, files: tuple[PackageFile, ...], stop: threading.Event) -> None:
    for file in files:
        digest = hashlib.sha256()
        with (draft / file.path).open("rb") as copy:
            while block := copy.read(_BLOCK_BYTES):
                _go_on(stop)
                digest.update(block)
        if digest.hexdigest() != file.sha256:
            raise CopyDamagedError(
                f"The copy of {file.path} differs from what was read. Check the disk."
            )


def _put_in_place(draft: Path, folder: Path, files: tuple[PackageFile, ...]) -> None:
    with translated(folder.name):
        folder.parent.mkdir(parents=True, exist_ok=True)
        manifest, new = manifest_path(folder), draft.with_name(f"{draft.name}.manifest")
        with new.open("w", encoding="utf-8") as file:
            json.dump({"files": [asdict(entry) for entry in files]}, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(manifest)
        draft.rename(folder)
        parent = os.open(folder.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            sync_directory(parent)
        finally:
            os.close(parent)


def _go_on(stop: threading.Event) -> None:
    if stop.is_set():
        raise CopyStoppedError
