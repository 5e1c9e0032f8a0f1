"""Which project a call is about follows from the run or experiment it names; whether the caller may is asked there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastapi import Request

from slipway.base.errors import Conflict, NotFound
from slipway.compat.mlflow.runs import TrackedRun, find_run, no_run
from slipway.iam.http import Allow, asked_project, get_db, sent_secret
from slipway.iam.types import Actor
from slipway.tracking.access import reporter
from slipway.tracking.http import get_reporting
from slipway.tracking.queries import find_experiment

_ID = re.compile(r"[a-z]{2,8}-[0-9a-z]{1,40}")


class Caller(Allow):
    """Declares the permission, and finds out about the caller once the body has named an object."""

    async def __call__(self, request: Request) -> CallerOf:  # type: ignore[override]
        return CallerOf(request, self.action)


@dataclass(frozen=True, slots=True)
class CallerOf:
    request: Request
    action: str

    async def of_run(self, run_id: str, *, alive: bool = True) -> tuple[Actor, TrackedRun]:
        """`alive`: a deleted run is refused."""
        async with get_db(self.request).read() as session:
            run = await find_run(session, run_id) if _ID.fullmatch(run_id or "") else None
        if run is None:
            await self.in_project(None)  # signed out is said first
            raise no_run(run_id)
        try:
            actor = await reporter(self.request, run_id=run_id, project_id=run.project_id)
        except NotFound as error:
            raise no_run(run_id) from error
        if actor.project_id != run.project_id:
            raise no_run(run_id)
        actor.require(self.action)
        if alive and run.deleted:
            raise Conflict(f"The run {run_id} is deleted. Restore it first.", code="run_deleted")
        return actor, run

    async def of_experiment(self, experiment_id: str) -> Actor:
        async with get_db(self.request).read() as session:
            row = await find_experiment(session, experiment_id)
        return await self.in_project(row.project_id if row else experiment_id)

    async def in_project(self, project_id: str | None) -> Actor:
        """None: the project of the header or address, or the user's first."""
        wanted = project_id or asked_project(self.request)
        reads = self.action.endswith((":get", ":list"))
        # A run's own token reads its project, and writes to nothing but itself.
        actor = await reporter(self.request, run_id=None if reads else "", project_id=wanted)
        if project_id is not None and actor.project_id != project_id:
            raise NotFound(f"There is no experiment {project_id!r}, or it is not yours to see.")
        actor.require(self.action)
        return actor

    def remember(self, actor: Actor, run_id: str) -> None:
        """The quick route may take this caller's next metrics for the run."""
        if secret := sent_secret(self.request):
            get_reporting(self.request).grants.remember(secret, "mlflow", run_id, actor.user_id)
