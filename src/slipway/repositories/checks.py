"""What an address, a ref and credentials must look like. Nothing here can become an option of git."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from slipway.base.errors import Invalid
from slipway.repositories.types import CredentialKind, Credentials

_SCP = re.compile(r"[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^\s:-][^\s]*")
_REF = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./+-]*")
_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s.+-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL)  # fmt: skip
_MAX_URL, _MAX_REF = 2000, 250


def checked_url(url: str, *, local: bool) -> str:
    """`local`: whether file:// is allowed (the setting `git_local`)."""
    url = url.strip()
    if len(url) > _MAX_URL or any(ord(c) < 33 for c in url):
        raise _bad_url()
    if _SCP.fullmatch(url):
        return url
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise _bad_url() from error
    if parts.scheme == "file" and local:
        return url
    if parts.scheme not in ("https", "http", "ssh") or not host or host.startswith("-"):
        raise _bad_url()
    if parts.password or (parts.username and parts.scheme != "ssh"):
        raise Invalid(
            "Put the user and the password into their own fields: addresses are shown.",
            field="url", code="credentials_in_address",
        )  # fmt: skip
    return url


def checked_ref(ref: str, *, field: str = "ref") -> str:
    ref = ref.strip()
    bad = ".." in ref or ref.endswith((".lock", "/")) or "//" in ref or len(ref) > _MAX_REF
    if ref and (bad or not _REF.fullmatch(ref)):
        raise Invalid(
            f"{ref[:80]!r} is not the name of a branch or a tag, nor a commit.", field=field
        )
    return ref


def checked_credentials(url: str, given: Credentials) -> Credentials:
    if given.password and given.ssh_key:
        raise Invalid("Give a password or an SSH key, not both.", field="ssh_key")
    is_http = url.startswith(("https://", "http://"))
    if given.kind == CredentialKind.SSH_KEY:
        if is_http:
            raise Invalid("An SSH key is for addresses of SSH.", field="ssh_key")
        if not _KEY.fullmatch(given.ssh_key.strip()):
            raise Invalid("Paste the whole private key, from BEGIN to END.", field="ssh_key")
    if given.kind == CredentialKind.PASSWORD and not is_http:
        raise Invalid("A password is for addresses of https.", field="password")
    if any(ord(c) < 32 for c in given.user + given.password):
        raise Invalid("User and password hold printable characters only.", field="password")
    return given


def _bad_url() -> Invalid:
    return Invalid(
        "The address is like https://example.com/team/code.git or git@example.com:team/code.git.",
        field="url", code="bad_url",
    )  # fmt: skip
