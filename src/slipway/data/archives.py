"""Unpacking an uploaded archive without trusting it.

Refused: paths that leave the folder, links and devices, encrypted entries, and archives that grow
far beyond their size (the bytes are counted as they come out, whatever the archive says).
"""

from __future__ import annotations

import contextlib
import hashlib
import lzma
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from slipway.assets.keys import checked_key
from slipway.base.errors import Invalid
from slipway.data.errors import ImportRefusedError, refuse
from slipway.data.progress import Ticker
from slipway.data.snapshot import Snapshot, StoredFile, content_hash, is_hidden

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
MAX_ENTRIES = 2_000_000
_MAX_GROWTH = 100
_ALWAYS_ALLOWED_BYTES = 1 << 30
_BLOCK_BYTES = 1 << 20


def is_archive(path: Path) -> bool:
    return path.name.lower().endswith(SUFFIXES)


def unpack(
    archive: Path, target: Path, ticker: Ticker, *, share: float, keep_top: bool = False
) -> Snapshot:
    """Unpack into `target` (made here). A single folder around everything is left out.

    `keep_top`: keep that folder if there are files directly in it (it may be a class's name).
    """
    work = target.with_name("unpacking")
    work.mkdir()
    size = archive.stat().st_size
    ticker.begin(share, size)
    budget = _Budget(max(_ALWAYS_ALLOWED_BYTES, _MAX_GROWTH * size), shutil.disk_usage(work).free)
    read = _read_zip if archive.name.lower().endswith(".zip") else _read_tar
    with _damage_named(archive.name):
        files = [
            _store(work, entry, budget, ticker) for entry in read(archive) if _is_wanted(entry.path)
        ]
    if not files:
        raise refuse("The archive holds no files.", file=archive.name)
    root, prefix = _without_wrapper(work, keep_top=keep_top)
    root.rename(target)
    if prefix:
        work.rmdir()
    files = [StoredFile(f.path.removeprefix(prefix), f.size_bytes, f.sha256) for f in files]
    files.sort(key=lambda file: file.path)
    return Snapshot(tuple(files), content_hash(files))


@dataclass(slots=True)
class _Budget:
    """What may come out of the archive in all."""

    limit_bytes: int
    free_bytes: int
    seen: set[str] = field(default_factory=set)
    used_bytes: int = 0

    def enter(self, path: str) -> None:
        if path in self.seen:
            raise refuse("The archive holds this path twice.", file=path)
        self.seen.add(path)
        if len(self.seen) > MAX_ENTRIES:
            raise refuse(f"The archive holds more than {MAX_ENTRIES} files.")

    def spend(self, size: int, path: str) -> None:
        self.used_bytes += size
        if self.used_bytes > self.free_bytes:
            raise refuse("Unpacking the archive would fill the disk.", file=path)
        if self.used_bytes > self.limit_bytes:
            raise refuse(
                f"The archive unpacks to more than {self.limit_bytes} bytes, far more than its "
                "size suggests. It was not imported.",
                file=path,
            )


@dataclass(frozen=True, slots=True)
class _Entry:
    path: str
    file: IO[bytes]


def _read_zip(archive: Path) -> Iterator[_Entry]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            path = _safe_path(_zip_name(info))
            mode = info.external_attr >> 16
            if info.is_dir():
                continue
            if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
                raise refuse("The archive holds a link or a device, which is refused.", file=path)
            if info.flag_bits & 1:
                raise refuse("The archive is encrypted. Upload it without a password.", file=path)
            with opened.open(info) as file:
                yield _Entry(path, file)


def _read_tar(archive: Path) -> Iterator[_Entry]:
    with tarfile.open(archive, "r|*") as opened:
        for member in opened:
            if member.isdir():
                continue  # folders are made for the files in them
            path = _safe_path(member.name.removeprefix("./"))
            file = opened.extractfile(member) if member.isreg() else None
            if file is None:
                raise refuse("The archive holds a link or a device, which is refused.", file=path)
            yield _Entry(path, file)


def _zip_name(info: zipfile.ZipInfo) -> str:
    """The entry's name. Old programs used the machine's own encoding and did not say so."""
    if info.flag_bits & 0x800:
        return info.filename
    raw = info.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        with contextlib.suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    return info.filename


def _safe_path(name: str) -> str:
    path = name.replace("\\", "/")
    try:
        if path[1:3] == ":/":
            raise Invalid("It names a drive.")
        return "/".join(checked_key(path))
    except Invalid as error:
        raise refuse(
            "The archive holds a path that is not possible or leads outside its folder; "
            "nothing was imported.",
            file=name[:200],
        ) from error


def _is_wanted(path: str) -> bool:
    return not any(is_hidden(part) for part in path.split("/"))


def _store(work: Path, entry: _Entry, budget: _Budget, ticker: Ticker) -> StoredFile:
    budget.enter(entry.path)
    place = work / entry.path
    whole, size = hashlib.sha256(), 0
    with _clash_named(entry.path):
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as out:
            while block := entry.file.read(_BLOCK_BYTES):
                budget.spend(len(block), entry.path)
                whole.update(block)
                out.write(block)
                size += len(block)
                ticker.advance(
                    len(block) / 2
                )  # a guess: what comes out is larger than what goes in
    ticker.check()
    return StoredFile(entry.path, size, whole.hexdigest())


def _without_wrapper(work: Path, *, keep_top: bool) -> tuple[Path, str]:
    top = list(work.iterdir())
    if len(top) != 1 or not top[0].is_dir():
        return work, ""
    if keep_top and any(path.is_file() for path in top[0].iterdir()):
        return work, ""
    return top[0], top[0].name + "/"


@contextlib.contextmanager
def _clash_named(path: str) -> Iterator[None]:
    try:
        yield
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise refuse("In the archive this is both a file and a folder.", file=path) from error


@contextlib.contextmanager
def _damage_named(name: str) -> Iterator[None]:
    """What the unpackers raise for a broken archive, in one sentence."""
    broken = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError)
    try:
        yield
    except ImportRefusedError:
        raise
    except broken as error:
        raise refuse(f"The archive is damaged or not an archive ({error}).", file=name) from error
    except (NotImplementedError, RuntimeError) as error:
        raise refuse(f"The archive cannot be unpacked ({error}).", file=name) from error
