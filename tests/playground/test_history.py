"""What is kept: how much of it, for whom, and what becomes of good answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from slipway.base.clock import utc_now
from slipway.base.errors import NotFound
from slipway.iam import keys, users
from slipway.iam.roles import Role
from slipway.iam.types import Actor, KeyKind
from slipway.playground import history, queries
from slipway.playground.asked import Asked
from slipway.playground.history import Place, begin_turn, end_turn
from slipway.playground.types import Answer, AnswerState, Problem, Settings, TryKind
from tests.models.house import House

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
PIXEL = ("image/png", b"\x89PNG" + bytes(100))


@dataclass
class Writer:
    """Writes turns down as `ask` does, without a model."""

    house: House

    async def begin(self, title: str, now: datetime = NOW, kind: TryKind = TryKind.CHAT) -> str:
        made = await history.begin_conversation(
            self.house.db, self.house.actor, kind, title, now=now
        )
        return made.id

    async def turn(
        self, chat: str, question: str, answer: str, *, position: int = 0, side: int = 0,
        service: tuple[str, str] = ("ms-1", "one"), now: datetime = NOW, persona: str = "",
        pictures: tuple[tuple[str, bytes], ...] = (), state: AnswerState = AnswerState.DONE,
    ) -> str:  # fmt: skip
        asked = Asked(question, pictures, Settings(persona, {"top_p": 0.5}))
        async with self.house.db.begin() as session:
            turn = await begin_turn(
                session, self.house.actor, Place(chat, side, position), service, asked, now=now
            )
        problem = Problem(500, "500001", "It failed.") if state is AnswerState.FAILED else None
        ended = Answer(
            state, answer, problem=problem, completion_tokens=3, first_ms=20.0, total_ms=50.0
        )
        await end_turn(self.house.db, self.house.project, turn, ended)
        return turn

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.house.a.get(f"/playground{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def writer(players: None, house: House) -> Writer:
    return Writer(house)


@pytest.fixture
async def colleague(house: House) -> httpx.AsyncClient:
    """Another developer of the same project."""
    root, now = Actor("root", "root", True, "", Role.ADMIN), utc_now()
    user = await users.create_user(
        house.db, root, name="cat", password="correct horse", display_name="", is_admin=False,
        now=now,
    )  # fmt: skip
    await users.set_member(
        house.db, house.actor, house.project, user_name="cat", role=Role.DEVELOPER, now=now
    )
    actor = Actor(user.id, "cat", False, house.project, Role.DEVELOPER)
    made = await keys.create_key(
        house.db, house.app.state.sealer, actor, kind=KeyKind.TOKEN, name="t", lasts=None, now=now
    )
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(house.app), base_url="http://test/api/v1",
        headers={"Authorization": f"Bearer {made.secret}"},
    )  # fmt: skip


@pytest.mark.covers("PLY-15")
async def test_two_hundred_are_kept_and_can_be_deleted_or_switched_off(writer: Writer) -> None:
    """The oldest are dropped first, over all projects of the user; one or all can be deleted."""
    made = [await writer.begin(f"talk {n}", NOW + timedelta(minutes=n)) for n in range(203)]
    page = await writer.get("/conversations", limit=200)
    assert (page["total"], page["next_cursor"]) == (200, None)
    assert [one["id"] for one in page["items"]] == made[:2:-1]

    # One that is written on is new again.
    await writer.turn(made[3], "still there?", "yes", now=NOW + timedelta(days=1))
    last = await writer.begin("last", NOW + timedelta(days=2))
    ids = [one["id"] for one in (await writer.get("/conversations", limit=200))["items"]]
    assert ids[:2] == [last, made[3]]
    assert made[4] not in ids

    api = writer.house.a
    assert (await api.delete(f"/playground/conversations/{last}")).status_code == 204
    assert (await api.get(f"/playground/conversations/{last}")).status_code == 404
    assert (await api.delete("/playground/history")).status_code == 204
    assert (await writer.get("/conversations"))["total"] == 0

    assert await writer.get("/history") == {"keeps": True, "limit": 200}
    await api.put("/playground/history", json={"keeps": False})
    refused = await api.post("/playground/conversations", json={"kind": "chat"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "history_off")
    await api.put("/playground/history", json={"keeps": True})
    assert (await api.post("/playground/conversations", json={"kind": "chat"})).status_code == 201


async def test_pictures_have_their_limit_too(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "HISTORY_BYTES", 250)
    old, words, new = [await writer.begin(name) for name in ("old", "words", "new")]
    await writer.turn(old, "a", "b", pictures=(PIXEL,), now=NOW + timedelta(minutes=1))
    await writer.turn(words, "a", "b", now=NOW + timedelta(minutes=2))
    await writer.turn(new, "a", "b", pictures=(PIXEL,), now=NOW + timedelta(minutes=3))
    await writer.turn(new, "a", "b", position=1, pictures=(PIXEL,), now=NOW + timedelta(minutes=4))
    ids = [one["id"] for one in (await writer.get("/conversations"))["items"]]
    assert ids == [new, words]


async def test_asking_anew_takes_what_followed_along(writer: Writer) -> None:
    chat = await writer.begin("talk")
    for position in range(3):
        await writer.turn(chat, f"q{position}", "a", position=position, pictures=(PIXEL,))
    await writer.turn(chat, "other", "a", side=1, service=("ms-2", "two"))
    await writer.turn(chat, "edited", "b", position=1)
    seen = await writer.get(f"/conversations/{chat}")
    assert [(t["side"], t["question"]) for t in seen["turns"]] == [
        (0, "q0"), (0, "edited"), (1, "other"),
    ]  # fmt: skip
    assert (seen["services"], seen["questions"]) == ("one, two", 2)


async def test_a_crash_leaves_a_question_without_its_answer(writer: Writer) -> None:
    chat = await writer.begin("talk")
    async with writer.house.db.begin() as session:
        turn = await begin_turn(
            session, writer.house.actor, Place(chat, 0, 0), ("ms-1", "one"),
            Asked("hello?", (), Settings("", {})), now=NOW,
        )  # fmt: skip
    running = writer.house.app.state.answers.running
    running.add(turn)
    (seen,) = (await writer.get(f"/conversations/{chat}"))["turns"]
    assert (seen["state"], seen["problem"]) == ("answering", None)
    running.clear()  # as a new process begins
    (seen,) = (await writer.get(f"/conversations/{chat}"))["turns"]
    assert (seen["question"], seen["state"]) == ("hello?", "failed")
    assert seen["problem"]["code"] == "platform_restarted"


@pytest.mark.covers("PLY-16")
async def test_thumbs_are_counted_by_service_and_period(
    writer: Writer, colleague: httpx.AsyncClient
) -> None:
    """The counts follow each change of mind, are those of the whole project, and outlive the words."""
    chat = await writer.begin("talk")
    turns = [
        await writer.turn(chat, f"q{n}", "a", position=n, now=NOW + timedelta(days=n))
        for n in range(3)
    ]
    other = await writer.turn(chat, "q", "a", side=1, service=("ms-2", "two"))
    await writer.turn(
        chat, "q", "", side=1, position=1, service=("ms-2", "two"), state=AnswerState.FAILED
    )
    await writer.turn(
        chat, "q", "half", side=1, position=2, service=("ms-2", "two"), state=AnswerState.STOPPED
    )
    api = writer.house.a
    for turn, rating in (
        (turns[0], "up"), (turns[1], "down"), (turns[1], "up"), (turns[2], "down"),
        (turns[2], "none"), (other, "down"), (other, "down"),
    ):  # fmt: skip
        rated = await api.put(f"/playground/answers/{turn}/rating", json={"rating": rating})
        assert rated.json() == {"rating": rating}

    period = {"start": "2026-05-04", "end": "2026-05-06"}
    found = await writer.get("/statistics", **period)
    one, two = found["items"]
    assert (one["service_name"], one["answers"], one["up"], one["down"]) == ("one", 3, 2, 0)
    assert (one["completion_tokens"], one["mean_first_ms"]) == (9, 20.0)
    assert (two["answers"], two["stopped"], two["failed"]) == (3, 1, 1)
    assert (two["up"], two["down"]) == (0, 1)
    assert [(d["day"], d["service_id"], d["up"]) for d in found["days"]] == [
        ("2026-05-04", "ms-1", 1), ("2026-05-04", "ms-2", 0), ("2026-05-05", "ms-1", 1),
        ("2026-05-06", "ms-1", 0),
    ]  # fmt: skip
    (narrow,) = (await writer.get("/statistics", start="2026-05-05", end="2026-05-05"))["items"]
    assert (narrow["answers"], narrow["up"]) == (1, 1)
    await api.delete("/playground/history")
    assert await writer.get("/statistics", **period) == found
    theirs = await colleague.get("/playground/statistics", params=period)
    assert theirs.json() == found
    assert (await writer.house.b.get("/playground/statistics", params=period)).json()["items"] == []
    for wrong in ({"start": "2026-05-06", "end": "2026-05-05"}, {"start": "2020-01-01"}):
        assert (await api.get("/playground/statistics", params=wrong)).status_code == 400


async def test_a_colleague_sees_no_word_of_it(writer: Writer, colleague: httpx.AsyncClient) -> None:
    chat = await writer.begin("talk")
    turn = await writer.turn(chat, "secret", "answer", pictures=(PIXEL,))
    picture = (await writer.get(f"/conversations/{chat}"))["turns"][0]["pictures"][0]
    for method, path, body in (
        ("GET", f"/conversations/{chat}", None), ("DELETE", f"/conversations/{chat}", None),
        ("PATCH", f"/conversations/{chat}", {"title": "x"}), ("GET", f"/pictures/{picture}", None),
        ("PUT", f"/answers/{turn}/rating", {"rating": "up"}),
        ("POST", "/datasets", {"turn_ids": [turn], "name": "stolen"}),
    ):  # fmt: skip
        refused = await colleague.request(method, f"/playground{path}", json=body)
        assert refused.status_code in (400, 404), (method, path, refused.text)
    await colleague.delete("/playground/history")
    assert (await writer.get("/conversations"))["total"] == 1


@pytest.mark.covers("PLY-X4")
async def test_good_answers_become_rows_of_a_dataset(writer: Writer) -> None:
    chat = await writer.begin("talk")
    good = await writer.turn(chat, "2+2?", "4", persona="You count.")
    also = await writer.turn(
        chat, "法国的首都？", "巴黎", position=1, now=NOW + timedelta(seconds=1)
    )
    bad = await writer.turn(chat, "3+3?", "", position=2, state=AnswerState.FAILED)
    api = writer.house.a
    for turn in (good, also):
        await api.put(f"/playground/answers/{turn}/rating", json={"rating": "up"})
    marked = await writer.get("/answers/good")
    assert [one["id"] for one in marked["items"]] == [also, good]

    form = {"turn_ids": [good, also, bad], "name": "good-answers"}
    done = await api.post("/playground/datasets", json=form)
    assert done.status_code == 201, done.text
    made = done.json()
    assert (made["name"], made["rows"]) == ("good-answers", 2)
    assert _lines(writer.house, "good-answers") == [
        '{"system": "You count.", "conversation": [{"prompt": "2+2?", "response": "4"}]}',
        '{"conversation": [{"prompt": "法国的首都？", "response": "巴黎"}]}',
    ]
    dataset = (await api.get(f"/datasets/{made['dataset_id']}")).json()
    assert (dataset["name"], dataset["kind"]) == ("good-answers", "llm")

    for name, shape, line in (
        ("as-instruction", "instruction",
         '{"instruction": "2+2?", "input": "", "output": "4", "system": "You count."}'),
        ("as-qa", "qa", '{"question": "2+2?", "answer": "4"}'),
    ):  # fmt: skip
        asked = {"turn_ids": [good], "name": name, "form": shape}
        assert (await api.post("/playground/datasets", json=asked)).status_code == 201
        assert _lines(writer.house, name) == [line]

    for wrong, status in (
        ({"turn_ids": [bad], "name": "none"}, 400), ({"turn_ids": [good], "name": "a b"}, 400),
        (form, 409), ({"turn_ids": [good], "dataset_id": "ds-nowhere"}, 404),
    ):  # fmt: skip
        assert (await api.post("/playground/datasets", json=wrong)).status_code == status


async def test_a_picture_that_is_gone_is_gone(writer: Writer) -> None:
    chat = await writer.begin("talk")
    await writer.turn(chat, "a", "b", pictures=(PIXEL,))
    picture = (await writer.get(f"/conversations/{chat}"))["turns"][0]["pictures"][0]
    assert (await writer.house.a.get(f"/playground/pictures/{picture}")).content == PIXEL[1]
    await writer.house.a.delete(f"/playground/conversations/{chat}")
    async with writer.house.db.read() as session:
        with pytest.raises(NotFound):
            await queries.get_picture(
                session, writer.house.project, writer.house.actor.user_id, picture
            )


def _lines(house: House, name: str) -> list[str]:
    folder = house.path(f"{house.project}/playground/{name}")
    return [
        line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()
    ]
