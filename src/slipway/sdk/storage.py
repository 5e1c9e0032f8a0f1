"""Buckets, files and folders; addresses have the form `bucket/path`."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

from slipway.sdk.errors import Invalid
from slipway.sdk.http import Http
from slipway.sdk.types import BucketList, BucketView, LinkList, LinkView, ObjectView

_PARALLEL = 8
_PIECE = 1 << 20

Progress = Callable[[int, int], None]  # files done, files in all


class Storage:
    def __init__(self, http: Http) -> None:
        self._http = http

    def buckets(self) -> Sequence[BucketView]:
        return self._http.get(BucketList, "/buckets").items

    def default_bucket(self) -> str:
        """The project's own bucket: the first of the list."""
        return self.buckets()[0].name

    def create_bucket(self, name: str, description: str = "") -> BucketView:
        return self._http.post(BucketView, "/buckets", {"name": name, "description": description})

    def list(self, address: str, *, recursive: bool = False) -> Iterator[ObjectView]:
        bucket, key = _split(address)
        prefix = f"{key.rstrip('/')}/" if key else ""
        return self._http.pages(
            ObjectView,
            f"/buckets/{bucket}/objects",
            prefix=prefix,
            delimiter="" if recursive else "/",
        )

    def upload(self, local: str | Path, address: str, *, progress: Progress | None = None) -> int:
        """A file to `address`, or everything in a folder below it; returns how many files went up."""
        source = Path(local)
        if source.is_file():
            name = f"{address}{source.name}" if address.endswith("/") else address
            self.upload_file(source, name)
            return 1
        if not source.is_dir():
            raise Invalid(f"There is no file or folder {source}.", code="no_file")
        files = sorted(path for path in source.rglob("*") if path.is_file())
        base = address.rstrip("/")
        with ThreadPoolExecutor(_PARALLEL) as pool:
            sent = (
                pool.submit(self.upload_file, f, f"{base}/{f.relative_to(source).as_posix()}")
                for f in files
            )
            for done, future in enumerate(list(sent), 1):
                future.result()
                if progress:
                    progress(done, len(files))
        return len(files)

    def upload_file(self, local: Path, address: str) -> None:
        bucket, key = _split(address)
        kind = mimetypes.guess_type(local.name)[0] or "application/octet-stream"
        with local.open("rb") as file:
            self._http.request(
                "PUT", f"/buckets/{bucket}/objects/{quote(key)}", content=iter(lambda: file.read(_PIECE), b""),
                headers={"Content-Type": kind, "Content-Length": str(local.stat().st_size)},
            )  # fmt: skip

    def write(self, address: str, content: bytes) -> None:
        bucket, key = _split(address)
        self._http.request("PUT", f"/buckets/{bucket}/objects/{quote(key)}", content=content)

    def read(self, address: str) -> bytes:
        bucket, key = _split(address)
        return self._http.request("GET", f"/buckets/{bucket}/objects/{quote(key)}").content

    def download(self, address: str, local: str | Path) -> int:
        """A file to `local`, or a folder into it; returns how many files came down."""
        target = Path(local)
        bucket, key = _split(address)
        below = list(self.list(address, recursive=True)) if not key or address.endswith("/") else []
        if not below:
            self._http.download(
                f"/buckets/{bucket}/objects/{quote(key)}",
                target / Path(key).name if target.is_dir() else target,
            )
            return 1
        prefix = f"{key.rstrip('/')}/" if key else ""
        for item in below:
            self._http.download(
                f"/buckets/{bucket}/objects/{quote(item.key)}",
                target / item.key.removeprefix(prefix),
            )
        return len(below)

    def delete(self, address: str, *, recursive: bool = False) -> None:
        bucket, key = _split(address)
        self._http.delete(f"/buckets/{bucket}/objects/{quote(key)}", recursive=recursive or None)

    def move(self, source: str, target: str, *, overwrite: bool = False) -> None:
        """A file or a folder to another place of the project's storage."""
        self._transfer("move", source, target, overwrite)

    def copy(self, source: str, target: str, *, overwrite: bool = False) -> None:
        """A file or a folder to another place of the project's storage."""
        self._transfer("copy", source, target, overwrite)

    def share(self, address: str, lasts_s: int = 86_400) -> LinkView:
        """An address at which anybody can download the file for that long (at most 7 days)."""
        bucket, key = _split(address)
        return self._http.post(
            LinkView, f"/buckets/{bucket}/links", {"key": key, "lasts_s": lasts_s}
        )

    def links(self, bucket: str) -> Sequence[LinkView]:
        return self._http.get(LinkList, f"/buckets/{bucket}/links").items

    def unshare(self, bucket: str, link_id: str) -> None:
        """Whoever has the link is refused from now on."""
        self._http.delete(f"/buckets/{bucket}/links/{link_id}")

    def set_quota(self, bucket: str, quota_bytes: int | None) -> None:
        """The most bytes it may hold; None: no limit."""
        self._http.put(f"/buckets/{bucket}/quota", {"quota_bytes": quota_bytes})

    def delete_bucket(self, name: str) -> None:
        """Only an empty one."""
        self._http.delete(f"/buckets/{name}")

    def _transfer(self, how: str, source: str, target: str, overwrite: bool) -> None:
        bucket, key = _split(source)
        other, to = _split(target)
        body = {"from": key, "to": to, "to_bucket": other, "overwrite": overwrite}
        self._http.request("POST", f"/buckets/{bucket}/{how}", json=body)


def _split(address: str) -> tuple[str, str]:
    bucket, _, key = address.partition("/")
    if not bucket:
        raise Invalid(f"An address has the form bucket/path; got {address!r}.", code="bad_address")
    if any(part in (".", "..") for part in key.split("/")):
        raise Invalid(f"An address has no '.' and '..' parts; got {address!r}.", code="bad_address")
    return bucket, key
