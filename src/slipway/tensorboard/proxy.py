"""The way to a running TensorBoard: the browser's sign-in, the project's permission, then a stream through.

It listens on this machine only and knows no users; nobody gets to it but through here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import urlsplit

import httpx
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse
from starlette.requests import HTTPConnection

from slipway.base.clock import utc_now
from slipway.base.errors import Forbidden, NotFound
from slipway.iam.http import Allow, Db, actor_in, get_db
from slipway.iam.types import Actor
from slipway.tensorboard import queries
from slipway.tensorboard.types import Board, BoardState
from slipway.tensorboard.watch import Boards, address_of

router = APIRouter(include_in_schema=False, tags=["TensorBoard"])

_DROPPED = {b"connection", b"transfer-encoding", b"keep-alive", b"x-frame-options", b"server", b"date"}  # fmt: skip
_ASKED = ("accept", "accept-encoding", "accept-language", "content-type", "if-none-match", "range")
_PAGE = """<!doctype html><meta charset="utf-8"><title>TensorBoard</title>{refresh}
<style>body{{font:16px system-ui;margin:20vh auto;max-width:32rem;padding:0 1rem;color:#333;text-align:center}}
@media (prefers-color-scheme:dark){{body{{background:#141414;color:#ddd}}}}</style>
<p>{words[0]}</p><p>{words[1]}</p>"""
_WORDS = {
    BoardState.STARTING: ("TensorBoard 正在启动，请保持本页打开。", "TensorBoard is starting. Keep this page open."),
    BoardState.STOPPED: ("TensorBoard 已停止，请在任务页重新启动。", "This TensorBoard is stopped. Start it again from its task."),
    BoardState.UNAVAILABLE: ("TensorBoard 不可用，请在任务页查看原因并重试。", "TensorBoard is not available. Its task says why; try again there."),
}  # fmt: skip


class AllowBoard(Allow):
    """The permission in the board's own project. Links carry no header, so the board names it."""

    async def __call__(self, request: HTTPConnection) -> Actor:
        board_id = request.path_params["board_id"]
        async with get_db(request).read() as session:
            row = await queries.find_anywhere(session, board_id)
        _require_same_origin(request)
        try:
            actor = await actor_in(request, row.project_id if row else None, checks_csrf=False)
        except NotFound as error:
            raise _nothing(board_id) from error
        if row is None or actor.project_id != row.project_id:
            raise _nothing(board_id)
        actor.require(self.action)
        return actor


@router.api_route("/tensorboard/{board_id}/{path:path}", methods=["GET", "POST"])
async def show_board(
    board_id: str, path: str, request: Request, db: Db,
    actor: Annotated[Actor, Depends(AllowBoard("train:tensorboard:get"))],
) -> Response:  # fmt: skip
    async with db.read() as session:
        row = await queries.find_anywhere(session, board_id)
    if row is None:
        raise _nothing(board_id)
    board = queries.frozen(row)
    address = await address_of(db, board) if board.state == BoardState.READY else None
    if address is None:
        return _waiting_page(board)
    boards: Boards = request.app.state.boards
    boards.last_used[board.id] = utc_now()
    return await _forward(
        boards, request, f"{address}/tensorboard/{board_id}/{path}"
    ) or _waiting_page(board)


async def _forward(boards: Boards, request: Request, url: str) -> Response | None:
    """None where it does not answer."""
    headers = {name: request.headers[name] for name in _ASKED if name in request.headers}
    asked = boards.client.build_request(
        request.method, httpx.URL(url, query=request.url.query.encode()), headers=headers, content=await request.body()
    )  # fmt: skip
    try:
        answer = await boards.client.send(asked, stream=True)
    except httpx.HTTPError:
        return None
    response = StreamingResponse(_pieces(answer), answer.status_code)
    kept = [
        (name.lower(), value) for name, value in answer.headers.raw if name.lower() not in _DROPPED
    ]
    response.raw_headers = [*kept, (b"x-frame-options", b"SAMEORIGIN")]
    return response


async def _pieces(answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for piece in answer.aiter_raw():
            yield piece
    finally:
        await answer.aclose()


def _require_same_origin(request: HTTPConnection) -> None:
    """TensorBoard's own page posts without our token; a page of another site is told by its origin."""
    origin = request.headers.get("origin")
    if request.scope["method"] != "GET" and (
        origin is None or urlsplit(origin).netloc != request.headers.get("host")
    ):
        raise Forbidden("This call must come from the TensorBoard page itself.", code="csrf")


def _waiting_page(board: Board) -> HTMLResponse:
    state = BoardState.STARTING if board.state == BoardState.READY else board.state
    refresh = '<meta http-equiv="refresh" content="2">' if state == BoardState.STARTING else ""
    return HTMLResponse(_PAGE.format(refresh=refresh, words=_WORDS[state]), 503)


def _nothing(board_id: str) -> NotFound:
    return NotFound(f"There is no TensorBoard {board_id}, or it is in a project that is not yours.")
