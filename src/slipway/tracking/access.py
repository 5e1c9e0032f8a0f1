"""Who may report for a run: a user with the permission, or the run itself with its own token."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from slipway.base.errors import Forbidden, SignedOut
from slipway.compute import queries as workloads
from slipway.compute.types import WorkloadState
from slipway.iam.http import Allow, actor_in, asked_project, get_db, get_sealer, sent_secret
from slipway.iam.queries import find_user
from slipway.iam.roles import Role
from slipway.iam.run_tokens import RunToken, is_run_token, open_run_token
from slipway.iam.types import Actor


class AllowRun(Allow):
    """Like `Allow`, and also lets in the run that the path names (`run_id`, `task_id`)."""

    async def __call__(self, request: HTTPConnection) -> Actor:
        run_id = request.path_params.get("run_id") or request.path_params.get("task_id")
        actor = await reporter(request, run_id=run_id, project_id=asked_project(request))
        actor.require(self.action)
        return actor


async def reporter(request: HTTPConnection, *, run_id: str | None, project_id: str | None) -> Actor:
    """The actor in the project, known by a run's token or as a user. `run_id`: what is acted on."""
    secret = sent_secret(request)
    if secret is None or not is_run_token(secret):
        return await actor_in(request, project_id)
    token = open_run_token(get_sealer(request), secret)
    if run_id is not None and run_id != token.run_id:
        raise Forbidden(f"This token belongs to {token.run_id}; it reports for no other run.", code="other_run")  # fmt: skip
    return await _actor_of(request, token)


async def _actor_of(request: HTTPConnection, token: RunToken) -> Actor:
    async with get_db(request).read() as session:
        workload = await workloads.find_workload(session, token.workload_id)
        user = await find_user(session, token.user_id)
    if workload is None or WorkloadState(workload.state).is_final:
        raise SignedOut("The run of this token has ended.", code="run_ended")
    name = user.name if user else token.user_id
    return Actor(token.user_id, name, False, token.project_id, Role.DEVELOPER)
