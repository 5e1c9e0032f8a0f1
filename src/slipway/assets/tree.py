"""Moving, copying, removing and making folders, inside one project's buckets."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from slipway.assets.errors import translated
from slipway.assets.keys import Address, checked_key
from slipway.assets.storage import Storage, remove_tree, sync_directory
from slipway.assets.types import ObjectInfo
from slipway.assets.writing import place
from slipway.base.errors import Conflict, Invalid, NotFound


def make_folder(storage: Storage, bucket: str, key: str) -> ObjectInfo:
    path = storage.entry_of(bucket, key)
    with storage.parent_of(bucket, path) as parent, translated(str(Address(bucket, key))):
        if path.exists() and not path.is_dir():
            raise Conflict(f"There is already a file {Address(bucket, key)}.", code="path_taken")
        path.mkdir(exist_ok=True)
        sync_directory(parent)
    return storage.info(bucket, key)


def delete_file(storage: Storage, bucket: str, key: str) -> int:
    """Remove one file or one empty folder. Returns how many files went."""
    entry = _existing(storage, bucket, key)
    is_folder = entry.is_dir() and not entry.is_symlink()
    with translated(str(Address(bucket, key))):
        if is_folder:
            if any(entry.iterdir()):
                raise Conflict(
                    f"The folder {Address(bucket, key.rstrip('/'))} is not empty. "
                    "Delete it with everything in it (recursive) if you mean to.",
                    code="not_empty",
                )
            entry.rmdir()
        else:
            entry.unlink()
    return 0 if is_folder else 1


def delete_below(storage: Storage, bucket: str, key: str) -> int:
    """Remove a folder with everything in it, or a file. Returns how many files went."""
    entry = _existing(storage, bucket, key)
    if entry.is_symlink() or not entry.is_dir():
        return delete_file(storage, bucket, key)
    doomed = storage.temporary_path()
    with translated(str(Address(bucket, key))):
        entry.rename(doomed)  # gone for everyone at once; removing then takes its time
        count = count_files(doomed)
        remove_tree(doomed)
    return count


def move(
    storage: Storage, source: Address, target: Address, *, overwrite: bool = False
) -> ObjectInfo:
    old = _existing(storage, source.bucket, source.key)
    new = _free_target(storage, source, target, overwrite=overwrite)
    with (
        translated(str(target)),
        storage.parent_of(target.bucket, new) as parent,
    ):
        os.replace(old, new.name, dst_dir_fd=parent)
        sync_directory(parent)
    return storage.info(target.bucket, target.key)


def copy(
    storage: Storage, source: Address, target: Address, *, overwrite: bool = False
) -> ObjectInfo:
    """Copy a file or a folder. Links are left out: a copy must not reach further."""
    _existing(storage, source.bucket, source.key)
    old = storage.path_of(source.bucket, source.key)
    new = _free_target(storage, source, target, overwrite=overwrite)
    temporary = storage.temporary_path()
    try:
        with translated(str(target)):
            if not old.is_dir():
                _copy_file(old, temporary)
                place(storage, target.bucket, temporary, new)
            else:
                shutil.copytree(old, temporary, ignore=_links_in, copy_function=_copy_file)
                with storage.parent_of(target.bucket, new) as parent:
                    os.replace(temporary, new.name, dst_dir_fd=parent)
    finally:
        remove_tree(temporary)
    return storage.info(target.bucket, target.key)


def size_of(storage: Storage, place: Address) -> int:
    """Bytes of a file, or of all files below a folder; links are not followed."""
    path = _existing(storage, place.bucket, place.key)
    if not path.is_dir():
        return path.lstat().st_size
    return sum(
        Path(folder, name).lstat().st_size for folder, _, files in os.walk(path) for name in files
    )


def count_files(directory: Path) -> int:
    return sum(len(files) for _, _, files in os.walk(directory))


def _copy_file(old: str | Path, new: str | Path) -> str:
    shutil.copyfile(old, new)
    # Times stay with the copy, and so does what we know of the content (see attributes.py).
    shutil.copystat(old, new)
    with Path(new).open("rb") as file:
        os.fsync(file.fileno())
    return str(new)


def _links_in(directory: str, names: list[str]) -> set[str]:
    return {
        name
        for name in names
        if (path := Path(directory, name)).is_symlink() or not (path.is_file() or path.is_dir())
    }


def _existing(storage: Storage, bucket: str, key: str) -> Path:
    entry = storage.entry_of(bucket, key)
    if not entry.exists() and not entry.is_symlink():
        raise NotFound(f"There is no {Address(bucket, key.rstrip('/'))}.")
    return entry


def _free_target(storage: Storage, source: Address, target: Address, *, overwrite: bool) -> Path:
    if not checked_key(target.key):
        raise Invalid("Name the new place: the path is empty.", field="to", code="bad_path")
    if target.bucket == source.bucket and (target.key + "/").startswith(source.key + "/"):
        raise Invalid(f"{source} cannot go into itself.", field="to", code="bad_path")
    path = storage.entry_of(target.bucket, target.key)
    if path.is_dir() or ((path.exists() or path.is_symlink()) and not overwrite):
        raise Conflict(f"There is already something at {target}.", code="path_taken", field="to")
    return path
