"""Artifacts of runs: files below the run's folder in storage, by MLflow's artifact proxy API.

The first part of a path is the run's id; what follows lies below the run's folder.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from slipway.assets.download import send_file
from slipway.assets.http import Store, own_bucket
from slipway.assets.keys import Address, checked_key
from slipway.assets.listing import MAX_PAGE, list_page
from slipway.assets.storage import Storage
from slipway.assets.tree import delete_below
from slipway.assets.types import ObjectInfo, ObjectKind
from slipway.assets.writing import receive_file
from slipway.base.errors import Invalid
from slipway.compat.mlflow.access import Caller, CallerOf
from slipway.compat.mlflow.arguments import Args
from slipway.compat.mlflow.errors import MlflowRoute
from slipway.compat.mlflow.runs import artifact_uri
from slipway.iam.http import Config, Db

router = APIRouter(route_class=MlflowRoute, tags=["MLflow"])

Updates = Annotated[CallerOf, Depends(Caller("train:run:update"))]
Deletes = Annotated[CallerOf, Depends(Caller("train:run:delete"))]
Gets = Annotated[CallerOf, Depends(Caller("train:run:get"))]
_PROXY = "/api/2.0/mlflow-artifacts/artifacts"


@router.get("/api/2.0/mlflow/artifacts/list")
async def list_of_run(args: Args, storage: Store, caller: Gets) -> dict[str, Any]:
    """Paths are those below the run, as the tracking API has them."""
    _, run = await caller.of_run(args.text("run_id", args.get("run_uuid") or ""), alive=False)
    files = await storage.run(_listed, storage, Address.parse(run.artifacts), args.text("path", ""))
    return {"root_uri": artifact_uri(run), "files": files}


@router.get(_PROXY)
async def list_proxied(args: Args, storage: Store, caller: Gets) -> dict[str, Any]:
    """Paths are the names in the folder, as the proxy API has them."""
    root, path = await _root(caller, args.text("path"))
    files = await storage.run(_listed, storage, root, path)
    names = [file | {"path": file["path"].rpartition("/")[2]} for file in files]
    return {"files": names}


@router.put(_PROXY + "/{path:path}")
async def put_artifact(
    path: str, request: Request, db: Db, storage: Store, config: Config, caller: Updates
) -> dict[str, Any]:
    run_id, _, name = path.partition("/")
    actor, run = await caller.of_run(run_id)
    root = Address.parse(run.artifacts)
    if not name:
        raise Invalid("Name the file below the run.", field="path")
    await own_bucket(db, storage, actor, root.bucket)
    await receive_file(
        storage, root.bucket, _below(root, name), request.stream(), limit_bytes=config.max_upload_bytes
    )  # fmt: skip
    return {}


@router.get(_PROXY + "/{path:path}", response_class=Response)
async def get_artifact(path: str, request: Request, storage: Store, caller: Gets) -> Response:
    root, name = await _root(caller, path)
    opened = await storage.run(storage.open_file, root.bucket, _below(root, name))
    return await send_file(storage, opened, request, download=True)


@router.delete(_PROXY + "/{path:path}")
async def delete_artifact(path: str, storage: Store, caller: Deletes) -> dict[str, Any]:
    root, name = await _root(caller, path)
    if not name:
        raise Invalid("Name the file or folder below the run.", field="path")
    await storage.run(delete_below, storage, root.bucket, _below(root, name))
    return {}


async def _root(caller: CallerOf, path: str) -> tuple[Address, str]:
    run_id, _, name = path.strip("/").partition("/")
    _, run = await caller.of_run(run_id, alive=False)
    return Address.parse(run.artifacts), name


def _below(root: Address, name: str) -> str:
    checked_key(name)
    return f"{root.key.rstrip('/')}/{name}".rstrip("/")


def _listed(storage: Storage, root: Address, path: str) -> list[dict[str, Any]]:
    folder = _below(root, path.strip("/")) + "/"
    found: list[ObjectInfo] = []
    cursor = None
    while True:
        page = list_page(storage, root.bucket, prefix=folder, one_level=True, cursor=cursor, limit=MAX_PAGE)  # fmt: skip
        found += page.items
        if (cursor := page.next_cursor) is None:
            break
    start = len(root.key.rstrip("/")) + 1
    return [_file(info, start) for info in found]


def _file(info: ObjectInfo, start: int) -> dict[str, Any]:
    is_folder = info.kind == ObjectKind.FOLDER
    size = {} if is_folder else {"file_size": info.size_bytes}
    return {"path": info.key[start:].rstrip("/"), "is_dir": is_folder} | size
