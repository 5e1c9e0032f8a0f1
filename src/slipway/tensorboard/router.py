"""HTTP of a task's TensorBoard (TRN-40..42)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from slipway.assets.http import Store
from slipway.base.clock import utc_now
from slipway.base.forms import Form
from slipway.iam.http import Config, Db, allow
from slipway.iam.types import Actor
from slipway.tensorboard import queries
from slipway.tensorboard.sources import SUMMARY
from slipway.tensorboard.start import start_board, stop_board, why_not
from slipway.tensorboard.types import Board, BoardState, BoardStore
from slipway.training import queries as training
from slipway.training.inputs import mounts_of

router = APIRouter(prefix="/training/tasks/{task_id}/tensorboard", tags=["TensorBoard"])


class BoardForm(Form):
    store: BoardStore = BoardStore.SUMMARY
    mount: str = Field("", description="For store mount: the path of one of the task's mounts.")
    sub_directory: str = Field("", description="For store mount: the folder below it.")


class BoardView(BaseModel):
    id: str
    store: BoardStore
    container_path: str
    address: str
    state: BoardState
    reason: str
    path: str = Field(description="Where the browser finds it.")
    updated_at: datetime

    @classmethod
    def of(cls, board: Board) -> BoardView:
        return cls(
            id=board.id, store=board.store, container_path=board.container_path, address=board.address,
            state=board.state, reason=board.reason, path=f"/tensorboard/{board.id}/", updated_at=board.updated_at,
        )  # fmt: skip


class BoardChoice(BaseModel):
    board: BoardView | None
    summary_path: str
    summary_address: str
    mounts: list[str] = Field(description="Paths of the task's mounts, to choose from.")
    blocked: str | None = Field(description="Why none can be started here.")


@router.get("")
async def get_tensorboard(
    task_id: str, db: Db, storage: Store, config: Config,
    actor: Annotated[Actor, allow("train:tensorboard:get")],
) -> BoardChoice:  # fmt: skip
    async with db.read() as session:
        task = training.frozen(await training.get_task(session, actor.project_id, task_id))
        row = await queries.find_of_task(session, actor.project_id, task_id)
        mounts = await mounts_of(session, storage, task.project_id, task.spec, config)
    return BoardChoice(
        board=BoardView.of(queries.frozen(row)) if row else None, summary_path=SUMMARY,
        summary_address=f"{task.output}summary/", mounts=[mount.target for mount in mounts], blocked=why_not(),
    )  # fmt: skip


@router.post("", status_code=201)
async def start_tensorboard(
    task_id: str, form: BoardForm, db: Db, storage: Store, config: Config,
    actor: Annotated[Actor, allow("train:tensorboard:create")],
) -> BoardView:  # fmt: skip
    board = await start_board(
        db, storage, actor, task_id, store=form.store, mount=form.mount, sub_directory=form.sub_directory,
        settings=config, now=utc_now(),
    )  # fmt: skip
    return BoardView.of(board)


@router.post("/stop")
async def stop_tensorboard(
    task_id: str, db: Db, actor: Annotated[Actor, allow("train:tensorboard:stop")]
) -> BoardView:
    return BoardView.of(await stop_board(db, actor, task_id, now=utc_now()))
