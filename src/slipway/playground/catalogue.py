"""What can be tried: running services of the project and presets, by what each is good for (PLY-03).

An LLM service is for chat. Anything else, and a model that also sees, says so by the tag `task`
of its service: chat, image or vision, several separated by commas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.base.errors import Invalid
from slipway.base.paging import MAX_LIMIT, PageQuery
from slipway.playground.rules import ParameterRule, parameter_rules
from slipway.playground.types import TryKind
from slipway.serving import queries as serving
from slipway.serving.config import Runtime
from slipway.serving.groups import queries as groups
from slipway.serving.groups.model_rules import ModelRules, frozen
from slipway.serving.types import Service, ServiceState, Version

TAG = "task"
_PATHS = {TryKind.IMAGE: "/v1/images/generations"}
_CHAT_PATH = "/v1/chat/completions"
_PACKAGE_PATH = "/v1/models/m:predict"  # the one path of a model package
_RUNNING = (ServiceState.NORMAL, ServiceState.ABNORMAL)


@dataclass(frozen=True, slots=True)
class Tried:
    """A service as the playground calls it. `model` goes into the request's body."""

    id: str
    name: str
    description: str
    kinds: tuple[TryKind, ...]
    model: str
    runtime: Runtime
    max_model_len: int | None
    auth: bool
    preset: bool  # another project's, called on the free trial
    prices: Mapping[str, Decimal]  # prompt, completion: of a million tokens; image: of one

    def path(self, kind: TryKind) -> str:
        if self.runtime is Runtime.PACKAGE:
            return _PACKAGE_PATH
        return _PATHS.get(kind, _CHAT_PATH)

    def rules(self, kind: TryKind) -> Sequence[ParameterRule]:
        return parameter_rules(kind, self.max_model_len)


def kinds_of(llm: bool, tags: Mapping[str, str]) -> tuple[TryKind, ...]:
    said = {word.strip().lower() for word in tags.get(TAG, "").split(",")}
    found = tuple(kind for kind in TryKind if kind in said)
    return found or ((TryKind.CHAT,) if llm else ())


async def list_tried(session: AsyncSession, project_id: str, user_id: str) -> list[Tried]:
    """Running services that can be tried, by name: the project's, then the platform's presets.
    Stopped ones are left out."""
    page = PageQuery(limit=MAX_LIMIT, states=tuple(_RUNNING), order="name")
    rows = list((await serving.page_services(session, project_id, user_id, page)).items)
    offered = await groups.linkable_services(session, project_id, preset=True)
    rows += [row for row, _ in offered if row.project_id != project_id and row.state in _RUNNING]
    services = [serving.frozen_service(row) for row in rows]
    able = [s for s in services if kinds_of(s.llm, s.tags)]
    ids = [s.id for s in able]
    by_service: dict[str, list[Version]] = {}
    for version in await serving.list_versions(session, ids):
        by_service.setdefault(version.service_id, []).append(serving.frozen_version(version))
    rules = await groups.rules_of(session, ids)
    return [
        _tried(service, by_service.get(service.id, []), frozen(rules.get(service.id)), project_id)
        for service in able
    ]


async def get_tried(
    session: AsyncSession, project_id: str, service_id: str, kind: TryKind
) -> Tried:
    """The service, if it is for this kind; whether it runs is the gateway's word."""
    row = await groups.get_offered(session, project_id, service_id)
    service = serving.frozen_service(row)
    if kind not in kinds_of(service.llm, service.tags):
        raise Invalid(
            f"The service {service.name} is not for {kind}. If it is, give it the tag "
            f"{TAG}={kind}.",
            field="service_id", code="wrong_kind",
        )  # fmt: skip
    versions = [
        serving.frozen_version(v) for v in await serving.list_versions(session, [service_id])
    ]
    rules = await groups.rules_of(session, [service_id])
    return _tried(service, versions, frozen(rules.get(service_id)), project_id)


def _tried(
    service: Service, versions: Sequence[Version], rules: ModelRules, project_id: str
) -> Tried:
    """By the version with the most traffic; one without versions goes by its other name."""
    best = max(versions, key=lambda v: (v.weight, v.number), default=None)
    config = best.config if best else None
    named = next(iter(rules.aliases), "")
    return Tried(
        service.id, service.name, service.description, kinds_of(service.llm, service.tags),
        (config.served_name if config else named) or service.name,
        config.runtime if config else Runtime.CUSTOM,
        config.max_model_len if config else None, service.auth,
        preset=service.project_id != project_id, prices=rules.prices,
    )  # fmt: skip
