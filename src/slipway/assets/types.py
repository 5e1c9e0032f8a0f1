"""Values of storage: buckets, what lies in them, and uploads under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from slipway.assets.attributes import Attributes


class ObjectKind(StrEnum):
    FILE = "file"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Bucket:
    name: str
    project_id: str
    description: str
    created_at: datetime
    created_by: str | None
    quota_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ShareLink:
    id: str
    project_id: str
    bucket: str
    key: str
    created_by: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One entry of a bucket. A folder's key ends with '/', its size is 0."""

    key: str
    kind: ObjectKind
    size_bytes: int
    modified_at: datetime
    etag: str | None = None
    content_type: str | None = None
    attributes: Attributes | None = None

    @property
    def name(self) -> str:
        return self.key.rstrip("/").rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Listing:
    items: tuple[ObjectInfo, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class BucketUsage:
    size_bytes: int
    file_count: int
    measured_at: datetime


@dataclass(frozen=True, slots=True)
class Upload:
    """A resumable upload; `offset` bytes of `size_bytes` have arrived."""

    id: str
    bucket: str
    key: str
    size_bytes: int
    offset: int
    created_at: datetime

    @property
    def done(self) -> bool:
        return self.offset == self.size_bytes
