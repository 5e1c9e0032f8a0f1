"""What a service wants beyond being called: rules, audit, retries, fallbacks, a mirror.

All of it comes with the service in the feed, is made ready once, and is None or empty for most.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from slipway.gateway.rules import Rules, parse_rules

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a connection goes, and how: `tls` with the host's name checked, `guarded` only to
    addresses that the operator allows (those that users type in)."""

    host: str
    port: int
    tls: bool = False
    guarded: bool = False


@dataclass(frozen=True, slots=True)
class Hook:
    """An HTTP address that judges texts. `secret` is sealed."""

    target: Target
    authority: bytes
    path: bytes
    secret: str
    timeout_s: float


@dataclass(frozen=True, slots=True)
class AuditPolicy:
    """`answers` False: only questions are looked at."""

    answers: bool
    words: re.Pattern[str] | None
    hook: Hook | None
    plugin: str
    refuse_on_failure: bool
    window_chars: int
    message: str


@dataclass(frozen=True, slots=True)
class Mirror:
    """percent of the calls go to `version` as well; its answers are compared and dropped."""

    version: str
    percent: float


@dataclass(frozen=True, slots=True)
class Policy:
    """retries None: one more attempt, and only where another replica is there for it."""

    rules: Rules | None = None
    audit: AuditPolicy | None = None
    retries: int | None = None
    fallbacks: tuple[str, ...] = ()
    mirror: Mirror | None = None
    prefix_affinity: bool = False


PASS_THROUGH = Policy()


def parse_policy(value: Json) -> Policy:
    """Of a service as the feed sends it. Raises ValueError, TypeError or KeyError."""
    given = value.get("policy")
    if not given:
        return PASS_THROUGH
    mirror = given.get("mirror")
    retries = given.get("retries")
    return Policy(
        rules=parse_rules(given.get("rules")),
        audit=_audit(given.get("audit")),
        retries=None if retries is None else int(retries),
        fallbacks=tuple(str(one) for one in given.get("fallbacks") or ()),
        mirror=Mirror(str(mirror["version"]), float(mirror["percent"])) if mirror else None,
        prefix_affinity=bool(given.get("prefix_affinity")),
    )


def parse_target(url: str, *, guarded: bool) -> tuple[Target, bytes, bytes]:
    """(where, what its Host header says, path without a slash at its end) of an address."""
    where = urlsplit(url)
    if where.scheme not in ("http", "https") or not where.hostname:
        raise ValueError(f"{url!r} is no address")
    tls = where.scheme == "https"
    target = Target(where.hostname, where.port or (443 if tls else 80), tls, guarded)
    authority = where.netloc.rpartition("@")[2].encode(
        "idna" if not where.netloc.isascii() else "ascii"
    )
    return target, authority, where.path.rstrip("/").encode()


def folded(text: str) -> str:
    """For comparing words: wide letters, case and compatibility forms do not matter."""
    return unicodedata.normalize("NFKC", text).casefold()


def _audit(value: Json | None) -> AuditPolicy | None:
    if not value or value["mode"] == "off":
        return None
    words = [re.escape(folded(str(word))) for word in value.get("words") or () if word]
    hook = value.get("hook")
    return AuditPolicy(
        answers=value["mode"] == "both",
        words=re.compile("|".join(sorted(words, key=len, reverse=True))) if words else None,
        hook=_hook(hook) if hook else None,
        plugin=str(value.get("plugin") or ""),
        refuse_on_failure=value.get("on_failure", "refuse") != "pass",
        window_chars=int(value.get("window_chars") or 200),
        message=str(
            value.get("message") or "Sorry, this cannot be answered. Please ask something else."
        ),
    )


def _hook(value: Json) -> Hook:
    target, authority, path = parse_target(str(value["url"]), guarded=True)
    query = urlsplit(str(value["url"])).query
    full = (path or b"/") + (b"?" + query.encode() if query else b"")
    return Hook(
        target,
        authority,
        full,
        str(value.get("secret") or ""),
        float(value.get("timeout_s") or 2.0),
    )
