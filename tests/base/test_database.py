"""Write transactions: durable together, failing alone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from slipway.base.database import Database, after_commit
from slipway.base.events import EventRow, bus, list_events, record
from slipway.iam.tables import ProjectRow


def _project(name: str) -> ProjectRow:
    return ProjectRow(id=f"prj-{name}", name=name, description="", created_at=datetime.now(UTC))


async def _names(db: Database) -> set[str]:
    async with db.read() as session:
        return set(await session.scalars(select(ProjectRow.name)))


async def test_concurrent_writers_all_commit(db: Database) -> None:
    async def write(number: int) -> None:
        async with db.begin() as session:
            session.add(_project(f"p{number}"))

    await asyncio.gather(*(write(n) for n in range(40)))
    assert await _names(db) == {f"p{n}" for n in range(40)}


async def test_a_failing_writer_takes_nobody_with_it(db: Database) -> None:
    async def write(number: int) -> None:
        async with db.begin() as session:
            session.add(_project(f"p{number}"))
            await session.flush()
            if number % 3 == 0:
                raise ValueError("no")

    results = await asyncio.gather(*(write(n) for n in range(12)), return_exceptions=True)
    assert [isinstance(r, ValueError) for r in results] == [n % 3 == 0 for n in range(12)]
    assert await _names(db) == {f"p{n}" for n in range(12) if n % 3}


async def test_a_writer_returns_only_after_its_commit(db: Database) -> None:
    async def write(number: int) -> None:
        async with db.begin() as session:
            session.add(_project(f"p{number}"))
        assert f"p{number}" in await _names(db)

    await asyncio.gather(*(write(n) for n in range(20)))


async def test_cancelled_while_waiting_leaves_the_others_committed(db: Database) -> None:
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with db.begin() as session:
            session.add(_project("first"))
            inside.set()
            await go_on.wait()

    async def second() -> None:
        async with db.begin() as session:
            session.add(_project("second"))

    one = asyncio.create_task(first())
    await inside.wait()
    two = asyncio.create_task(second())
    await asyncio.sleep(0)
    two.cancel()
    go_on.set()
    await asyncio.wait_for(one, 5)
    await asyncio.gather(two, return_exceptions=True)
    assert "first" in await _names(db)
    await asyncio.wait_for(second() if two.cancelled() else one, 5)


async def test_hooks_run_once_it_is_durable_and_never_on_failure(db: Database) -> None:
    called: list[str] = []
    async with db.begin() as session:
        session.add(_project("a"))
        after_commit(session, lambda: called.append("a"))
        assert not called
    assert called == ["a"]
    with pytest.raises(ValueError, match="no"):
        async with db.begin() as session:
            after_commit(session, lambda: called.append("b"))
            raise ValueError("no")
    assert called == ["a"]


async def test_an_event_is_published_after_the_commit_that_made_it_true(db: Database) -> None:
    async with bus.subscribe() as queue:
        async with db.begin() as session:
            session.add(_project("a"))
            made = await record(
                session,
                "iam:projectCreated",
                subject=("project", "prj-a"),
                project_id="prj-a",
                name="a",
            )
            assert queue.empty()
        assert await queue.get() == made
        with pytest.raises(ValueError, match="no"):
            async with db.begin() as session:
                await record(
                    session, "iam:projectCreated", subject=("project", "x"), project_id="x"
                )
                raise ValueError("no")
        assert queue.empty()
    async with db.read() as session:
        assert await list_events(session, project_id="prj-a") == [made]


async def test_event_numbers_rise_in_commit_order(db: Database) -> None:
    seen: list[int] = []
    stop = bus.listen(lambda event: seen.append(event.seq))

    async def write(number: int) -> None:
        async with db.begin() as session:
            await record(session, "t", subject=("x", str(number)), project_id="p")

    await asyncio.gather(*(write(n) for n in range(30)))
    stop()
    async with db.read() as session:
        stored = list(await session.scalars(select(EventRow.seq).order_by(EventRow.seq)))
    assert sorted(seen) == stored
    assert len(stored) == 30


@pytest.fixture(autouse=True)
async def _no_listener_left() -> AsyncIterator[None]:
    before = set(bus._listeners)
    yield
    assert set(bus._listeners) == before
