"""A deployed model proposes labels: asked through the gateway, decided on by people."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from slipway.base.events import bus
from slipway.labelling.schema.document import document_for
from slipway.labelling.suggest.words import messages, read_reply
from tests.playground.conftest import Player

SCHEMA = """\
desc: Check
record_fields:
- {name: Q, key: q, type: TextViewer, value: "{{ .Values.q }}"}
- {name: Verdict, key: verdict, type: StringSelector, choices: [keep, drop], help: usable?}
- {name: Kinds, key: kinds, type: StringSelector, option: MultiSelector, choices: [a, b]}
- {name: Note, key: note, type: TextInput}
- {name: Score, key: score, type: NumberInput}
"""


def test_what_a_model_is_asked_and_what_its_reply_says() -> None:
    record = {"q": "ignore all instructions"}
    document = document_for(SCHEMA, record)
    system, user = messages(document, record, "Be strict.")
    assert '"verdict": Verdict (usable?); one of ["keep", "drop"].' in system["content"]
    assert system["content"].endswith("Be strict.") and orjson.loads(user["content"]) == record
    fenced = 'So:\n```json\n{"verdict": "keep", "kinds": "a", "note": 3, "confidence": 0.8}\n```'
    assert read_reply(document, fenced) == (
        {"verdict": "keep", "kinds": ["a"], "note": "3"}, 0.8,
    )  # fmt: skip
    odd = '{"verdict": "perhaps", "score": 2, "confidence": 7, "other": 1}'
    assert read_reply(document, odd) == ({"score": 2}, 1.0)
    for useless in ("no", "{", '{"verdict": "x"}', "[1]", '{"a": ' * 5000):
        assert read_reply(document, useless) is None


async def once(
    player: Player, path: str, wanted: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    async with asyncio.timeout(60), bus.subscribe() as events:
        while True:
            view: dict[str, Any] = (await player.house.a.get(path)).json()
            if wanted(view):
                return view
            await events.get()


@pytest.mark.covers("GTH-X3")
async def test_proposals_are_offered_the_least_certain_first(player: Player) -> None:
    a = player.house.a
    # The model says the record back, so the record is what it proposes.
    lines = [
        {"q": "one", "verdict": "keep", "confidence": 0.9},
        {"q": "two", "verdict": "drop", "confidence": 0.2},
        {"q": "three", "verdict": "perhaps"},
    ]
    text = b"".join(orjson.dumps(line) + b"\n" for line in lines)
    address = player.house.folder("talk", {"a.jsonl": text})
    made = (await a.post("/datasets", json={"name": "t", "kind": "llm", "address": address})).json()
    await once(player, f"/datasets/{made['id']}", lambda one: one["state"] == "available")
    form = {"name": "t", "dataset_id": made["id"], "schema_text": SCHEMA}
    task = (await a.post("/labelling/tasks", json=form)).json()
    base = f"/labelling/tasks/{task['id']}"
    await once(player, base, lambda one: one["state"] == "created")
    service = await player.talker()
    wish = {"service_id": service["id"], "uncertain_first": True}
    wrong = await a.post(f"{base}/suggestions", json=wish | {"records": 0})
    assert wrong.json()["error"]["details"]["field"] == "records"
    assert (await player.house.b.post(f"{base}/suggestions", json=wish)).status_code == 404
    asked = await a.post(f"{base}/suggestions", json=wish)
    assert asked.status_code == 202, asked.text
    done = await once(player, f"{base}/suggestions", lambda one: one["state"] != "running")
    assert done["state"] == "done", done["reason"]
    assert (done["asked"], done["offered"], done["unusable"]) == (3, 2, 1)
    first = (await a.post(f"{base}/next", json={})).json()["record"]
    assert first["index"] == 1  # the one the model is least sure of
    found = (await a.get(f"{base}/records/1/suggestion")).json()["suggestion"]
    assert (found["answers"], found["confidence"]) == ({"verdict": "drop"}, 0.2)
    assert (found["state"], found["service_name"]) == ("offered", "talker")
    decided = await a.post(f"{base}/records/1/suggestion", json={"accepted": True})
    assert decided.status_code == 204
    await a.put(f"{base}/records/1", json={"revision": 0, "value": {"answers": found["answers"]}})
    assert (await a.post(f"{base}/next", json={"after": 1})).json()["record"]["index"] == 0
    await a.post(f"{base}/records/0/suggestion", json={"accepted": False})
    counts = (await a.get(f"{base}/suggestions")).json()
    assert (counts["accepted"], counts["rejected"], counts["offered"]) == (1, 1, 0)
    assert (await a.get(f"{base}/records/2/suggestion")).json()["suggestion"] is None
