"""Names in storage: bucket names, object keys and addresses (`bucket/path`)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from slipway.base.errors import Invalid

BUCKET_RULE = (
    "A bucket name has 3 to 63 lower-case English letters, digits, '-' and '.'; it starts and ends "
    "with a letter or a digit, has no dot beside a dot or '-', and is not like an IP address."
)
RESERVED_PREFIX = "prj-"  # default buckets are named after their project
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ODD_BUCKET = re.compile(r"[.-]\.|\.-|^\d+\.\d+\.\d+\.\d+$")
MAX_KEY_BYTES, MAX_NAME_BYTES = 1024, 255


def checked_bucket_name(name: str) -> str:
    if not _BUCKET.fullmatch(name) or _ODD_BUCKET.search(name):
        raise Invalid(BUCKET_RULE, field="name", code="bad_name")
    if name.startswith(RESERVED_PREFIX):
        raise Invalid(
            f"Names that start with '{RESERVED_PREFIX}' belong to the projects' own buckets.",
            field="name",
            code="bad_name",
        )
    return name


def checked_key(key: str) -> tuple[str, ...]:
    """The segments of a path inside a bucket; () is the bucket itself. It may end with '/'."""
    if key.startswith("/"):
        raise _bad(key, "it must not start with '/'")
    if "\0" in key or any(ord(letter) < 32 or ord(letter) == 127 for letter in key):
        raise _bad(key, "it holds a control character")
    trimmed = key.removesuffix("/")
    segments = tuple(trimmed.split("/")) if trimmed else ()
    if any(segment in ("", ".", "..") for segment in segments):
        raise _bad(key, "it must not hold an empty part, '.' or '..'")
    try:
        lengths = [len(segment.encode()) for segment in segments]
    except UnicodeEncodeError as error:
        raise _bad(key, "it is not valid Unicode") from error
    if any(length > MAX_NAME_BYTES for length in lengths):
        raise _bad(key, f"a file or folder name has at most {MAX_NAME_BYTES} bytes")
    if sum(lengths) + len(lengths) > MAX_KEY_BYTES:
        raise _bad(key, f"it has at most {MAX_KEY_BYTES} bytes")
    return segments


def checked_file_key(key: str) -> str:
    """A key that can name a file: not the bucket itself, not a folder."""
    if not checked_key(key):
        raise Invalid("Name the file: the path is empty.", field="key", code="bad_path")
    if key.endswith("/"):
        raise _bad(key, "a file's path does not end with '/'")
    return key


@dataclass(frozen=True, slots=True)
class Address:
    """A place in storage, written `bucket/path`; `key` is '' for the whole bucket."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, text: str) -> Address:
        bucket, _, key = text.strip().partition("/")
        if not _BUCKET.fullmatch(bucket) or ".." in bucket:
            raise Invalid(
                f"{text[:120]!r} is not an address. Write it as bucket/path, such as images/cats/.",
                field="address",
                code="bad_address",
            )
        return cls(bucket, "/".join(checked_key(key)))

    def __str__(self) -> str:
        return f"{self.bucket}/{self.key}" if self.key else self.bucket


def _bad(key: str, why: str) -> Invalid:
    shown = key[:80].encode("utf-8", "replace").decode()
    return Invalid(f"The path {shown!r} is not possible: {why}.", field="key", code="bad_path")
