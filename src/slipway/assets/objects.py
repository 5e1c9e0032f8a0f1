"""A bucket as object storage sees it: any key names bytes, and folders are only in the keys.

Below it are the same plain files that tasks mount. Folders that exist only because an object needed
them are marked; they go with their last object, as clients expect, while folders that people made
stay. A key that ends with "/" and has no content is such a folder.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from slipway.assets.attributes import Attributes
from slipway.assets.errors import translated
from slipway.assets.folders import (
    is_folder_object,
    is_implied,
    is_marked_object,
    make_implied,
    mark_implied,
    mark_object,
)
from slipway.assets.keys import MAX_KEY_BYTES, Address, checked_key
from slipway.assets.odd import is_plain, odd_path, odd_root, prune_odd
from slipway.assets.storage import OpenFile, Storage, sync_directory
from slipway.assets.types import ObjectInfo, ObjectKind
from slipway.base.errors import Conflict, Invalid, NotFound

_EMPTY = Attributes("d41d8cd98f00b204e9800998ecf8427e", "application/x-directory")
_TRIES = 20


def checked_object_key(key: str) -> str:
    if not key:
        raise Invalid("An object needs a key.", field="key", code="bad_path")
    if len(key.encode()) > MAX_KEY_BYTES:
        raise Invalid(f"A key has at most {MAX_KEY_BYTES} bytes.", field="key", code="key_too_long")
    if "\0" in key:
        raise Invalid("A key holds no zero byte.", field="key", code="bad_path")
    return key


def open_object(storage: Storage, bucket: str, key: str) -> OpenFile:
    """Open for reading; NotFound if there is no such object. The caller closes it."""
    checked_object_key(key)
    if is_plain(key):
        try:
            return storage.open_file(bucket, key)
        except (NotFound, Invalid, Conflict):
            pass
    elif (folder := _folder_of(storage, bucket, key)) is not None:
        info = _folder_object(storage, folder, key)
        if info is not None:
            return OpenFile(Path(os.devnull).open("rb", buffering=0), info)
    return _open_odd(storage, bucket, key)


def find_object(storage: Storage, bucket: str, key: str) -> ObjectInfo | None:
    try:
        opened = open_object(storage, bucket, key)
    except NotFound:
        return None
    opened.file.close()
    return opened.info


def place_object(
    storage: Storage, bucket: str, key: str, temporary: Path, *, only_new: bool = False
) -> None:
    """Give a sealed temporary file its key. At once: readers see the old object or the new one."""
    if is_plain(key):
        for _ in range(_TRIES):  # a folder may be pruned while we are on the way into it
            try:
                _place_plain(storage, bucket, key, temporary, only_new)
            except FileNotFoundError:
                continue
            except (IsADirectoryError, NotADirectoryError):
                break
            _drop_odd(storage, bucket, key)
            return
    require_directory(storage, bucket)
    _place_odd(storage, bucket, key, temporary, only_new)


def make_folder_object(storage: Storage, bucket: str, key: str, attributes: Attributes) -> bool:
    """An empty object whose key ends with "/": a folder. False where none can be."""
    segments = _segments(key)
    if not segments:
        return False
    directory = storage.bucket_root(bucket)
    require_directory(storage, bucket)
    for segment in segments:
        directory /= segment
        if not make_implied(directory):
            return False
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        storage.check_opened(bucket, handle)
        mark_object(handle)
        storage.attributes.write(handle, attributes)
    finally:
        os.close(handle)
    _drop_odd(storage, bucket, key)
    return True


def set_attributes(storage: Storage, bucket: str, key: str, attributes: Attributes) -> None:
    """Replace what is known of an object; its bytes stay."""
    opened = open_object(storage, bucket, key)
    try:
        if opened.info.kind == ObjectKind.FOLDER:
            make_folder_object(storage, bucket, key, attributes)
        else:
            storage.attributes.write(opened.file.fileno(), attributes)
    finally:
        opened.file.close()


def delete_object(storage: Storage, bucket: str, key: str) -> None:
    """Remove the object, and the folders that existed only for it. Nothing there is fine."""
    checked_object_key(key)
    if _drop_odd(storage, bucket, key):
        return
    segments = _segments(key)
    if not segments:
        return
    root = storage.bucket_root(bucket)
    entry = root.joinpath(*segments)
    real = Path(os.path.realpath(entry.parent))
    if not real.is_relative_to(root):
        return
    entry = real / segments[-1]
    with translated(str(Address(bucket, key))):
        try:
            gone = _remove_folder(entry) if key.endswith("/") else _remove_file(storage, entry)
        except (FileNotFoundError, NotADirectoryError):
            return
    if gone:
        _prune(root, entry.parent)


def require_directory(storage: Storage, bucket: str) -> None:
    if not storage.bucket_root(bucket).is_dir():
        raise NotFound(f"There is no bucket {bucket}.", code="no_bucket")


def _segments(key: str) -> tuple[str, ...]:
    try:
        return checked_key(key)
    except Invalid:
        return ()


def _folder_of(storage: Storage, bucket: str, key: str) -> Path | None:
    if not key.endswith("/") or not _segments(key):
        return None
    try:
        path = storage.path_of(bucket, key)
    except Invalid:
        return None
    return path if path.is_dir() else None


def _folder_object(storage: Storage, folder: Path, key: str) -> ObjectInfo | None:
    with os.scandir(folder) as entries:
        empty = next(entries, None) is None
    if not is_folder_object(folder, empty=empty):
        return None
    return folder_info(storage, str(folder), key)


def folder_info(storage: Storage, path: str, key: str) -> ObjectInfo:
    status = os.stat(path)  # noqa: PTH116  called for every folder of a list
    info = storage.describe(path, status, key)
    known = storage.attributes.read(path, status, key)
    if not known.etag:
        known = _EMPTY
    return ObjectInfo(
        key, ObjectKind.FOLDER, 0, info.modified_at, _EMPTY.etag, known.content_type, known
    )


def _open_odd(storage: Storage, bucket: str, key: str) -> OpenFile:
    path = odd_path(storage, bucket, key)
    try:
        file = path.open("rb", buffering=0)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise NotFound(f"There is no object {Address(bucket, key)}.") from None
    return OpenFile(file, storage.describe(file.fileno(), os.fstat(file.fileno()), key))


def _place_plain(storage: Storage, bucket: str, key: str, temporary: Path, only_new: bool) -> None:
    *above, name = key.split("/")
    root = storage.bucket_root(bucket)
    directory = root.joinpath(*above)
    try:
        parent = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        require_directory(storage, bucket)
        place = root
        for segment in above:
            place /= segment
            if not make_implied(place):
                raise NotADirectoryError from None
        parent = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        storage.check_opened(bucket, parent)
        if only_new:
            _link_new(temporary, name, parent, key)
        else:
            os.replace(temporary, name, dst_dir_fd=parent)
        if storage.sync:
            sync_directory(parent)
    finally:
        os.close(parent)


def _link_new(temporary: Path, name: str, parent: int, key: str) -> None:
    try:
        os.link(temporary, name, dst_dir_fd=parent)
    except FileExistsError as error:
        if stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
            raise IsADirectoryError from error
        raise Conflict(f"There is already an object {key}.", code="path_taken") from error
    temporary.unlink()


def _place_odd(storage: Storage, bucket: str, key: str, temporary: Path, only_new: bool) -> None:
    path = odd_path(storage, bucket, key)
    for _ in range(_TRIES):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            if only_new:
                os.link(temporary, path)
                temporary.unlink()
            else:
                temporary.replace(path)
        except FileNotFoundError:
            continue
        except FileExistsError as error:
            raise Conflict(f"There is already an object {key}.", code="path_taken") from error
        return
    raise Conflict(f"The object {key} could not be placed; try again.", code="path_taken")


def _drop_odd(storage: Storage, bucket: str, key: str) -> bool:
    if not odd_root(storage, bucket).is_dir():
        return False
    path = odd_path(storage, bucket, key)
    try:
        path.unlink()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return False
    prune_odd(storage, bucket, path)
    return True


def _remove_file(storage: Storage, entry: Path) -> bool:
    status = entry.lstat()
    if stat.S_ISDIR(status.st_mode):
        return False
    entry.unlink()
    storage.attributes.forget(status)
    return True


def _remove_folder(entry: Path) -> bool:
    try:
        entry.rmdir()
    except FileNotFoundError:
        return False
    except OSError:
        if entry.is_dir() and is_marked_object(entry):
            mark_implied(entry)  # the object goes; what is in the folder stays
        return False
    return True


def _prune(root: Path, directory: Path) -> None:
    with contextlib.suppress(OSError):  # not empty: it has other objects
        while directory != root and is_implied(directory):
            directory.rmdir()
            directory = directory.parent
