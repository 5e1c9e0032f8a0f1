"""Roles and what they may do. An action is `service:resource:verb`, such as `train:task:create`.

Four roles in a project; above them the platform administrator, who may do everything. Machines are
shared by all projects, so only that administrator changes them.
"""

from __future__ import annotations

from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache


class Role(StrEnum):
    ADMIN = "admin"
    DEVELOPER = "developer"
    ANNOTATOR = "annotator"
    VIEWER = "viewer"


_READ = (
    "data",
    "train",
    "model",
    "serve",
    "eval",
    "compute",
    "usage",
    "event",
    "storage",
    "asset",
    "alert",
    "label",
)
_VIEWER = tuple(f"{service}:*:{verb}" for service in _READ for verb in ("list", "get"))
_OWN = ("iam:me:*", "iam:key:*", "iam:member:list", "iam:inbox:*")

_GRANTS: dict[Role, tuple[str, ...]] = {
    Role.VIEWER: (*_VIEWER, "alert:rule:test", "alert:notice:*", *_OWN),
    Role.ANNOTATOR: ("data:dataset:list", "data:dataset:get", "label:task:list", "label:task:get", "label:record:*", "event:event:list", *_OWN),
    Role.DEVELOPER: (
        *_OWN, "data:*:*", "label:*:*", "train:*:*", "model:*:*", "serve:*:*", "eval:*:*", "storage:*:*", "asset:*:*",
        "compute:*:list", "compute:*:get", "usage:*:list", "usage:*:get", "event:*:*", "alert:*:*",
    ),
    Role.ADMIN: ("data:*:*", "label:*:*", "train:*:*", "model:*:*", "serve:*:*", "eval:*:*", "storage:*:*", "asset:*:*",
        "compute:*:list", "compute:*:get", "usage:*:*", "event:*:*", "alert:*:*", "iam:member:*", "iam:project:update", *_OWN),
}  # fmt: skip


@lru_cache(maxsize=4096)
def may(role: Role, action: str) -> bool:
    return any(fnmatchcase(action, grant) for grant in _GRANTS[role])


def grants_of(role: Role) -> tuple[str, ...]:
    """The patterns of a role, for the console to know what to offer."""
    return _GRANTS[role]
