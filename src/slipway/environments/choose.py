"""From the id in a form to the environment: a built-in one, or one of the project's that is ready."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets import environments as built_in
from slipway.base.errors import Invalid, NotFound
from slipway.compute.types import Installed, InstalledKind
from slipway.environments import queries
from slipway.environments.types import BuildState, EnvironmentPurpose, EnvironmentState

_PREFIX = "env-"


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a room needs to know to check a form and to run in the environment."""

    id: str
    name: str
    framework: str
    modes: tuple[str, ...]
    installed: Installed | None  # None: built in
    on_platform: bool = False  # the platform's own packages can be imported in it, too

    @property
    def is_custom(self) -> bool:
        return self.installed is not None

    @property
    def kind(self) -> InstalledKind | None:
        return self.installed.kind if self.installed else None


def is_custom(environment_id: str) -> bool:
    """Whether it is one of a project's own; the others are built in."""
    return environment_id.startswith(_PREFIX)


async def choose(
    session: AsyncSession, project_id: str, environment_id: str, *, purpose: str
) -> Chosen:
    """Raises Invalid where it does not exist, is for something else, or is not ready."""
    if not is_custom(environment_id):
        found = built_in.get_environment(environment_id, purpose=purpose)
        return Chosen(found.id, found.name, found.framework, found.modes, None)
    try:
        row = await queries.get_environment(session, project_id, environment_id)
    except NotFound as error:
        raise Invalid(error.message, field="environment", code="unknown_environment") from error
    if purpose not in row.purposes:
        label = f"{row.name} v{row.version}"
        raise Invalid(
            f"The environment {label} is not for training."
            if purpose == EnvironmentPurpose.TRAINING
            else f"The environment {label} is not for serving.",
            field="environment", code="environment_purpose",
        )  # fmt: skip
    build = await queries.find_build(session, row.build_id)
    if row.state != EnvironmentState.READY or build is None or build.state != BuildState.READY:
        why = f" {row.reason}" if row.reason else ""
        raise Invalid(
            f"The environment {row.name} v{row.version} is {row.state}.{why} "
            "Choose one that is ready.",
            field="environment", code="environment_unavailable",
        )  # fmt: skip
    installed = Installed(InstalledKind(build.kind), build.id, build.location)
    return Chosen(
        row.id, f"{row.name} v{row.version}", row.framework, tuple(row.modes), installed,
        bool(row.source.get("on_platform")),
    )  # fmt: skip
