"""Starting and stopping a task's TensorBoard."""

from __future__ import annotations

import asyncio
import importlib.util
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from slipway.assets.storage import Storage
from slipway.base.database import Database
from slipway.base.errors import Conflict, Unavailable
from slipway.base.events import record
from slipway.base.ids import new_id
from slipway.base.settings import Settings
from slipway.compute import submit as compute
from slipway.compute.types import Mode, Mount, Resources, Role, Workload, WorkloadSpec
from slipway.iam.types import Actor
from slipway.tensorboard import queries
from slipway.tensorboard.sources import SUMMARY, Source, find_source, require_event_files
from slipway.tensorboard.tables import BoardRow
from slipway.tensorboard.types import KIND, PORT, Board, BoardState, BoardStore
from slipway.training import queries as training

_RESOURCES = Resources(cpu_cores=0.5, memory_bytes=1 << 30)
_COMMAND = (
    "exec python -m tensorboard.main --logdir \"${{TENSORBOARD_LOG_DIR}}\" --path_prefix /tensorboard/{board} "
    "--host 127.0.0.1 --port {{port:main}} --load_fast false --reload_interval 10"
)  # fmt: skip


def why_not() -> str | None:
    if importlib.util.find_spec("tensorboard") is None:
        return "TensorBoard is not installed here. Install it with: pip install 'slipway[tensorboard]'."
    return None


async def start_board(
    db: Database, storage: Storage, actor: Actor, task_id: str, *, store: BoardStore, mount: str,
    sub_directory: str, settings: Settings, now: datetime,
) -> Board:  # fmt: skip
    if reason := why_not():
        raise Unavailable(reason, code="no_tensorboard")
    async with db.read() as session:
        task = training.frozen(await training.get_task(session, actor.project_id, task_id))
        source = await find_source(session, storage, task, store, mount, sub_directory, settings)
    await asyncio.to_thread(require_event_files, source)
    async with db.begin() as session:
        await training.get_task(session, actor.project_id, task_id)
        row = await queries.find_of_task(session, actor.project_id, task_id)
        if row is not None and not BoardState(row.state).is_final:
            raise Conflict(
                "The task's TensorBoard is running. Stop it first to show another folder.",
                code="board_running",
            )
        board_id = row.id if row else new_id("tb")
        workload = await _submit(session, actor, board_id, task.spec.name, source, now)
        if row is None:
            row = BoardRow(
                id=board_id, task_id=task_id, project_id=actor.project_id, created_by=actor.user_id, created_at=now
            )  # fmt: skip
            session.add(row)
        row.store, row.container_path, row.address = (
            source.store,
            source.container_path,
            source.address,
        )
        row.state, row.reason, row.updated_at = BoardState.STARTING, "", now
        row.workload_id = workload.id
        await session.flush()
        await tell(session, row, "started", now=now, actor_id=actor.user_id)
        return queries.frozen(row)


async def stop_board(db: Database, actor: Actor, task_id: str, *, now: datetime) -> Board:
    async with db.begin() as session:
        row = await queries.get_of_task(session, actor.project_id, task_id)
        if BoardState(row.state).is_final:
            raise Conflict("The TensorBoard is not running.", code="wrong_state")
        await end_board(session, row, "", BoardState.STOPPED, now=now, actor_id=actor.user_id)
        return queries.frozen(row)


async def end_board(
    session: AsyncSession, row: BoardRow, reason: str, state: BoardState, *, now: datetime, actor_id: str | None = None
) -> None:  # fmt: skip
    row.state, row.reason, row.updated_at = state, reason, now
    await session.flush()
    await compute.want_stop(session, row.workload_id)
    await tell(session, row, state, now=now, actor_id=actor_id)


async def tell(
    session: AsyncSession, row: BoardRow, event: str, *, now: datetime, actor_id: str | None = None
) -> None:
    """News of the task it belongs to, so that the task's page follows."""
    await record(
        session, f"tensorboard:{event}", subject=("task", row.task_id), project_id=row.project_id,
        actor_id=actor_id, now=now, board=row.id, state=row.state, reason=row.reason,
    )  # fmt: skip


async def _submit(
    session: AsyncSession, actor: Actor, board_id: str, name: str, source: Source, now: datetime
) -> Workload:
    command = _COMMAND.format(board=board_id)
    spec = WorkloadSpec(
        mode=Mode.SERVICE, roles=(Role("board", 1, command, resources=_RESOURCES, ports=(PORT,)),),
        environment="python", workdir="/home/slipway", grace_s=5,
        mounts=(Mount(str(source.folder), SUMMARY, read_only=True, env="TENSORBOARD_LOG_DIR"),),
    )  # fmt: skip
    return await compute.submit(
        session, project_id=actor.project_id, kind=KIND, owner_id=board_id, name=f"TensorBoard of {name}"[:60],
        spec=spec, created_by=actor.user_id, now=now,
    )  # fmt: skip
