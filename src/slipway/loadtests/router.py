"""HTTP of load tests, below the service that they load."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from slipway.base.clock import utc_now
from slipway.base.database import Database
from slipway.compute.http import Files
from slipway.compute.output.files import InstanceFiles, instances_of_owners
from slipway.evaluation.keys import KeyFolders
from slipway.iam.http import Config, Db, PageArgs, Seal, allow
from slipway.iam.types import Actor
from slipway.loadtests import change, queries
from slipway.loadtests.change import KEYS_FOLDER, Surroundings
from slipway.loadtests.results import read_results
from slipway.loadtests.types import LoadTest
from slipway.loadtests.views import LoadTestForm, LoadTestPage, LoadTestView
from slipway.serving import queries as serving
from slipway.serving.gateway_address import local_url

router = APIRouter(prefix="/services/{service_id}/load-tests", tags=["Load tests"])

Caller = Annotated[Actor, allow("serve:service:call")]


def get_surroundings(settings: Config, sealer: Seal) -> Surroundings:
    gateway = settings.gateway_public_url or local_url(settings)
    return Surroundings(KeyFolders(settings.root, KEYS_FOLDER), sealer, gateway)


@router.post("", status_code=201)
async def start_load_test(
    service_id: str, form: LoadTestForm, db: Db, files: Files,
    around: Annotated[Surroundings, Depends(get_surroundings)], actor: Caller,
) -> LoadTestView:  # fmt: skip
    """Calls the service through the gateway, counted and limited like every other caller."""
    made = await change.start_load_test(db, around, actor, service_id, form.spec(), now=utc_now())
    return (await _views(db, files, [made]))[0]


@router.get("")
async def list_load_tests(
    service_id: str, db: Db, files: Files, page: PageArgs,
    actor: Annotated[Actor, allow("serve:service:get")],
) -> LoadTestPage:  # fmt: skip
    """Of one service, newest first, with their results."""
    async with db.read() as session:
        await serving.get_service(session, actor.project_id, service_id)
        found = await queries.page_load_tests(session, actor.project_id, service_id, page)
        tests = [queries.frozen(row) for row in found.items]
    items = await _views(db, files, tests)
    return LoadTestPage(items=items, next_cursor=found.next_cursor, total=found.total)


@router.get("/{test_id}")
async def get_load_test(
    service_id: str, test_id: str, db: Db, files: Files,
    actor: Annotated[Actor, allow("serve:service:get")],
) -> LoadTestView:  # fmt: skip
    """While it runs, with what has been measured so far."""
    async with db.read() as session:
        row = await queries.get_load_test(session, actor.project_id, service_id, test_id)
        test = queries.frozen(row)
    return (await _views(db, files, [test]))[0]


@router.post("/{test_id}/stop")
async def stop_load_test(
    service_id: str, test_id: str, db: Db, files: Files, actor: Caller
) -> LoadTestView:
    """What was measured so far is kept."""
    test = await change.stop_load_test(db, actor, service_id, test_id, now=utc_now())
    return (await _views(db, files, [test]))[0]


@router.delete("/{test_id}", status_code=204)
async def delete_load_test(service_id: str, test_id: str, db: Db, actor: Caller) -> None:
    await change.delete_load_test(db, actor, service_id, test_id, now=utc_now())


async def _views(db: Database, files: InstanceFiles, tests: list[LoadTest]) -> list[LoadTestView]:
    running = [test.id for test in tests if test.results is None]
    async with db.read() as session:
        instances = await instances_of_owners(session, running)
    paths = {
        test_id: files.directory(found[-1].id) / "metrics.jsonl"
        for test_id, found in instances.items()
        if found
    }
    read = await asyncio.to_thread(_read_all, paths)
    nothing: dict[str, Any] = {"steps": [], "live": None}
    return [LoadTestView.of(test, test.results or read.get(test.id, nothing)) for test in tests]


def _read_all(paths: dict[str, Path]) -> dict[str, dict[str, Any]]:
    return {test_id: read_results(path) for test_id, path in paths.items()}
