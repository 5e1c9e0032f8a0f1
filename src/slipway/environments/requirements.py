"""What may stand in a requirements file or lock.

Packages come from an index or from an address on the network, never from a path of the machine:
the text is a project's, the machine is everybody's. Where packages are looked for, and with which
credentials, has fields of its own, so that the text can be shown to every member.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from packaging.requirements import InvalidRequirement, Requirement

from slipway.base.errors import Invalid

MAX_CHARACTERS = 1 << 20
_HASH = re.compile(r"--hash[ =](sha256|sha384|sha512):[0-9a-f]+")
_OPTIONS = re.compile(r"--(pre|prefer-binary|require-hashes|no-binary[ =]\S+|only-binary[ =]\S+)")
_SCHEMES = {"https", "http", "git+https", "git+ssh"}


def checked_requirements(text: str, *, field: str) -> str:
    """The text with its line ends made plain. Raises Invalid naming the line."""
    if len(text) > MAX_CHARACTERS:
        raise Invalid("A requirements file has at most 1 MiB.", field=field)
    plain = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).strip("\n")
    for number, line in _logical_lines(plain):
        if problem := _problem(line):
            raise Invalid(
                f"Line {number} of the {field}: {problem}", field=field, code="bad_requirement"
            )
    return plain + "\n" if plain else ""


def checked_index(url: str) -> str:
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise Invalid(
            "The package index is an address such as https://pypi.org/simple.", field="index_url"
        )
    if parts.username or parts.password:
        raise Invalid(
            "Put the user and the password of the index into their own fields: addresses are shown.",
            field="index_url", code="credentials_in_address",
        )  # fmt: skip
    return url


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """Number and content of each line that says something; a backslash at the end continues it."""
    lines, held, start = [], "", 0
    for number, line in enumerate(text.split("\n"), 1):
        start = start if held else number
        held += line.removesuffix("\\") if line.endswith("\\") else line
        if line.endswith("\\"):
            held += " "
            continue
        said = re.sub(r"(^|\s)#.*$", "", held).strip()
        if said:
            lines.append((start, said))
        held = ""
    if held.strip():
        lines.append((start, held.strip()))
    return lines


def _problem(line: str) -> str | None:
    if "\0" in line:
        return "it holds a NUL character."
    said = _HASH.sub("", line).strip()
    if said.startswith("-"):
        return None if _OPTIONS.fullmatch(said) else _about_option(said)
    if said.startswith((".", "/", "~")):
        return "paths of a machine cannot be installed. Name a package, or an https address."
    try:
        requirement = Requirement(said)
    except InvalidRequirement as error:
        return f"{said[:80]!r} is not a requirement ({str(error).splitlines()[0]})."
    return _about_address(requirement.url) if requirement.url else None


def _about_option(said: str) -> str:
    name = re.split(r"[ =]", said)[0]
    if "index-url" in name or name in ("-i", "-f", "--find-links"):
        return f"{name} does not belong here. Use the field for the package index."
    return f"the option {name} is not possible here."


def _about_address(url: str) -> str | None:
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        return f"addresses start with {', '.join(sorted(_SCHEMES))}; this one does not."
    if parts.password or (parts.username and not parts.scheme.endswith("ssh")):
        return "an address must not hold a user or a password: it is shown to every member."
    return None
