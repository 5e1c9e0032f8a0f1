"""What a new environment must fulfil; every refusal names the field (TRN-04, TRN-05)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from slipway.assets.pythons import Interpreter, own_version
from slipway.base.errors import Invalid
from slipway.base.names import checked_description, checked_name, checked_tags
from slipway.environments.requirements import checked_index, checked_requirements
from slipway.environments.types import MODES_OF, Credentials, EnvironmentPurpose, Source, SourceKind

# OCI distribution: registry[:port]/path[:tag][@digest].
_IMAGE = re.compile(
    r"(?:[a-zA-Z0-9.-]+(?::\d+)?/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)


@dataclass(frozen=True, slots=True)
class NewEnvironment:
    name: str
    framework: str
    source: Source
    modes: tuple[str, ...] = ()
    purposes: tuple[str, ...] = (EnvironmentPurpose.TRAINING,)
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    credentials: Credentials | None = None


def checked(new: NewEnvironment, interpreters: tuple[Interpreter, ...]) -> NewEnvironment:
    """The same, completed and made plain, so that equal content looks equal. Raises Invalid."""
    checked_name(new.name)
    checked_description(new.description)
    checked_tags(new.tags)
    _check_credentials(new.credentials)
    return replace(
        new,
        modes=_modes(new),
        purposes=checked_purposes(new.purposes),
        source=_source(new.source, interpreters),
    )


def checked_purposes(purposes: tuple[str, ...]) -> tuple[str, ...]:
    unknown = set(purposes) - set(EnvironmentPurpose)
    if unknown or not purposes:
        raise Invalid("An environment is for training, for serving, or for both.", field="purposes")
    return tuple(sorted(set(purposes), reverse=True))


def _modes(new: NewEnvironment) -> tuple[str, ...]:
    offered = MODES_OF.get(new.framework)
    if offered is None:
        raise Invalid(
            f"There is no framework {new.framework!r}. Possible: {', '.join(MODES_OF)}.",
            field="framework",
        )
    wanted = new.modes or offered
    if others := [mode for mode in wanted if mode not in offered]:
        raise Invalid(
            f"{new.framework} programs cannot be started in the mode {others[0]!r}. "
            f"Possible: {', '.join(offered)}.",
            field="modes", code="mode_not_offered",
        )  # fmt: skip
    return tuple(mode for mode in offered if mode in wanted)


def _source(source: Source, interpreters: tuple[Interpreter, ...]) -> Source:
    if source.kind == SourceKind.IMAGE:
        return Source(SourceKind.IMAGE, image=_image(source.image))
    python = source.python or own_version()
    known = [i.version for i in interpreters]
    if python not in known:
        raise Invalid(
            f"There is no Python {python} on this machine. Found: {', '.join(known)}.",
            field="python", code="unknown_python",
        )  # fmt: skip
    if source.on_platform and python != own_version():
        raise Invalid(
            f"The platform's packages are for Python {own_version()}. Choose that version, or do "
            "without them.",
            field="on_platform", code="other_python",
        )  # fmt: skip
    requirements = checked_requirements(source.requirements, field="requirements")
    if not requirements and not source.on_platform:
        raise Invalid("Name at least one package.", field="requirements")
    return Source(
        SourceKind.PYTHON, python, requirements,
        checked_requirements(source.constraints, field="constraints"),
        checked_index(source.index_url.strip()), source.on_platform,
    )  # fmt: skip


def _image(reference: str) -> str:
    reference = reference.strip()
    if not reference or len(reference) > 500 or not _IMAGE.fullmatch(reference):
        raise Invalid("An image is named like registry.example.com/team/name:tag.", field="image")
    return reference


def _check_credentials(credentials: Credentials | None) -> None:
    if credentials is None:
        return
    if not credentials.user or not credentials.password:
        raise Invalid("Give both the user and the password, or neither.", field="user")
    if any(ord(c) < 32 for c in credentials.user + credentials.password):
        raise Invalid("User and password hold printable characters only.", field="user")
