"""Objects that arrive in parts: what has come so far, kept in a folder per upload.

    <storage>/.parts/<bucket>/<upload id>/upload.json     key and attributes, written first
                                          00007.json      what part 7 is, written after its bytes
                                          00007-<random>  its bytes

A part counts once its description is there, so a kill at any moment leaves a part whole or absent.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from slipway.assets.attributes import Attributes
from slipway.assets.errors import translated
from slipway.assets.storage import Storage
from slipway.assets.writing import Incoming
from slipway.base.errors import NotFound
from slipway.base.ids import new_secret

MOST_PARTS = 10_000
KEPT_FOR = timedelta(days=7)
_ID = re.compile(r"[0-9a-z]{32}")


@dataclass(frozen=True, slots=True)
class PartsUpload:
    id: str
    bucket: str
    key: str
    user_id: str
    started_at: datetime
    attributes: Attributes
    checksum: str | None  # algorithm the client announced
    checksum_type: str | None


@dataclass(frozen=True, slots=True)
class Part:
    number: int
    etag: str
    size_bytes: int
    modified_at: datetime
    checksums: dict[str, str]
    file: str


def begin_parts(
    storage: Storage, *, bucket: str, key: str, user_id: str, attributes: Attributes,
    checksum: str | None, checksum_type: str | None, now: datetime,
) -> PartsUpload:  # fmt: skip
    made = PartsUpload(
        new_secret("", 32), bucket, key, user_id, now, attributes, checksum, checksum_type
    )
    folder = _folder(storage, bucket, made.id)
    with translated(bucket):
        folder.mkdir(parents=True)
        _write(folder / "upload.json", asdict(made) | {"started_at": now.timestamp()})
    return made


def find_parts_upload(storage: Storage, bucket: str, key: str, upload_id: str) -> PartsUpload:
    """NotFound where the upload is not known, or belongs to another key."""
    found = _read_upload(_folder(storage, bucket, upload_id)) if _ID.fullmatch(upload_id) else None
    if found is None or found.key != key:
        raise NotFound(f"There is no upload {upload_id[:60]} under way.", code="no_upload")
    return found


def add_part(
    storage: Storage, upload: PartsUpload, number: int, incoming: Incoming,
    checksums: dict[str, str],
) -> Part:  # fmt: skip
    """Replaces an earlier part of the same number."""
    folder = _folder(storage, upload.bucket, upload.id)
    incoming.seal()
    name = f"{number:05d}-{new_secret('', 12)}"
    fact = {
        "etag": incoming.md5, "size_bytes": incoming.size_bytes, "checksums": checksums,
        "file": name,
    }  # fmt: skip
    description = folder / f"{number:05d}.json"
    before = _read(description)
    try:
        incoming.temporary.replace(folder / name)
        _write(description, fact)
    except FileNotFoundError:
        raise NotFound(f"The upload {upload.id} was ended.", code="no_upload") from None
    if before is not None:
        (folder / before["file"]).unlink(missing_ok=True)
    return _part(description, fact)


def list_parts(storage: Storage, upload: PartsUpload) -> list[Part]:
    """By number."""
    folder = _folder(storage, upload.bucket, upload.id)
    found = []
    for path in sorted(folder.glob("[0-9]*.json")):
        fact = _read(path)
        if fact is not None:
            with contextlib.suppress(FileNotFoundError):
                found.append(_part(path, fact))
    return found


def part_path(storage: Storage, upload: PartsUpload, part: Part) -> Path:
    return _folder(storage, upload.bucket, upload.id) / part.file


def list_parts_uploads(storage: Storage, bucket: str) -> list[PartsUpload]:
    """In key order, then by age."""
    found = [u for folder in _folders(storage.parts / bucket) if (u := _read_upload(folder))]
    return sorted(found, key=lambda upload: (upload.key, upload.started_at, upload.id))


def end_parts(storage: Storage, bucket: str, upload_id: str) -> None:
    """Forget an upload with all it holds; at once for everybody who looks."""
    folder = _folder(storage, bucket, upload_id)
    doomed = storage.temporary_path()
    try:
        folder.rename(doomed)
    except FileNotFoundError:
        return
    shutil.rmtree(doomed, ignore_errors=True)
    with contextlib.suppress(OSError):
        folder.parent.rmdir()


def sweep_parts(storage: Storage, now: datetime) -> int:
    """End uploads to which nothing was added for a week. Returns how many."""
    ended = 0
    for bucket in _folders(storage.parts):
        for folder in _folders(bucket):
            touched = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
            if touched < now - KEPT_FOR:
                end_parts(storage, bucket.name, folder.name)
                ended += 1
    return ended


def _folder(storage: Storage, bucket: str, upload_id: str) -> Path:
    return storage.parts / bucket / upload_id


def _folders(directory: Path) -> Iterator[Path]:
    with contextlib.suppress(FileNotFoundError):
        yield from [path for path in directory.iterdir() if path.is_dir()]


def _read_upload(folder: Path) -> PartsUpload | None:
    fact = _read(folder / "upload.json")
    if fact is None:
        return None
    known = fact["attributes"] | {"parts": ()}
    return PartsUpload(
        fact["id"], fact["bucket"], fact["key"], fact["user_id"],
        datetime.fromtimestamp(fact["started_at"], UTC), Attributes(**known), fact["checksum"],
        fact["checksum_type"],
    )  # fmt: skip


def _part(description: Path, fact: dict[str, Any]) -> Part:
    modified = datetime.fromtimestamp(description.stat().st_mtime, UTC)
    return Part(
        int(description.stem), fact["etag"], fact["size_bytes"], modified, fact["checksums"],
        fact["file"],
    )  # fmt: skip


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return found


def _write(path: Path, value: dict[str, Any]) -> None:
    temporary = path.with_name(new_secret(".new-", 12))
    temporary.write_text(json.dumps(value))
    temporary.replace(path)
