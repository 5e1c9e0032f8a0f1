"""Datasets as question sets, online services and versions as models: what a run is given."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import pytest

from slipway.base.clock import utc_now
from slipway.compute import queries as compute
from slipway.compute.types import WorkloadSpec, WorkloadState
from slipway.data.create import NewDataset, create_dataset
from slipway.data.queries import find_dataset
from slipway.data.reconcile import DataLoop
from slipway.data.types import DatasetKind, DatasetState, LabelFormat, TableOptions
from slipway.evaluation.keys import KeyFolders
from slipway.evaluation.loop import EvaluationLoop
from slipway.evaluation.uses import EvaluationUses, uses_of_dataset
from slipway.models.loop import ModelContext, ModelLoop
from slipway.serving import queries as serving
from slipway.serving.config import ModelSource, ModelSourceKind, Runtime, VersionConfig
from slipway.serving.create import CreatedService, NewService, create_service
from slipway.serving.types import KeyPurpose
from tests.evaluation.conftest import context_of, jsonl
from tests.evaluation.forms import created, form_of
from tests.evaluation.test_loop import end_workload
from tests.models.house import House, until


async def llm_service(house: House, name: str = "chat") -> CreatedService:
    folder = house.folder(f"llm/{name}", {"config.json": b"{}"})
    config = VersionConfig(Runtime.LLM, ModelSource(ModelSourceKind.STORAGE, folder))
    return await create_service(
        house.db, house.storage, house.app.state.sealer, house.actor,
        NewService(name, config, auth=True), now=utc_now(),
    )  # fmt: skip


async def dataset(house: House) -> str:
    """A published dataset of the platform's fine-tuning form."""
    rows = [{"conversation": [{"prompt": f"{n}?", "response": f"{n}"}]} for n in range(4)]
    house.folder("data", {"talk.jsonl": jsonl(rows)})
    made = await create_dataset(
        house.db, house.storage, house.actor,
        NewDataset(
            "talks", DatasetKind.LLM, LabelFormat.NONE, f"{house.project}/data/talk.jsonl", "",
            (), {}, TableOptions(),
        ),
        quota=9, now=utc_now(),
    )  # fmt: skip
    loop = asyncio.create_task(DataLoop(house.db, house.storage, house.settings.root).run())

    async def state() -> str:
        async with house.db.read() as session:
            row = await find_dataset(session, house.project, made.id)
            assert row is not None
            return row.state

    await until(state, lambda seen: seen == DatasetState.AVAILABLE)
    loop.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await loop
    return made.id


async def spec_of(house: House, evaluation_id: str) -> tuple[WorkloadSpec, dict[str, Any]]:
    async with house.db.read() as session:
        rows = await compute.list_workloads_of(session, evaluation_id)
        spec = compute.frozen_workload(rows[0]).spec
    return spec, json.loads(spec.files[0].text)


@pytest.mark.covers("EVA-05", "EVA-16")
async def test_a_service_is_called_through_the_gateway_with_a_lent_key(house: House) -> None:
    made_service = await llm_service(house)
    service_id = made_service.service.id
    made = await created(house, form_of(house, [{"kind": "service", "ref": service_id}]))
    assert made["models"] == ["chat"]
    _spec, config = await spec_of(house, made["id"])
    [model] = config["models"]
    assert model["base_url"] == f"http://127.0.0.1:9/{service_id}/v1"
    assert model["model"] == "chat" and "api_key" not in model
    keys = KeyFolders(house.settings.root).folder(made["id"])
    secret = json.loads((keys / "keys.json").read_text())["0"]

    async def lent() -> list[str]:
        async with house.db.read() as session:
            rows = await serving.list_keys(session, [service_id], purpose=KeyPurpose.EVALUATION)
            return [house.app.state.sealer.unseal(row.secret_sealed) for row in rows]

    assert await lent() == [secret]
    await end_workload(house, made["id"], WorkloadState.FAILED)
    await EvaluationLoop(context_of(house)).settle_one(made["id"])
    assert await lent() == []
    again = await house.a.post(f"/evaluations/{made['id']}/restart")
    assert again.status_code == 200 and len(await lent()) == 1


async def test_a_key_of_ones_own_is_used_for_a_service(house: House) -> None:
    service = await llm_service(house)
    model = {"kind": "service", "ref": service.service.id, "api_key": "sk-own"}
    made = await created(house, form_of(house, [model]))
    keys = KeyFolders(house.settings.root).folder(made["id"])
    assert json.loads((keys / "keys.json").read_text()) == {"0": "sk-own"}


async def test_a_service_that_is_down_is_refused(house: House) -> None:
    service_id = (await llm_service(house)).service.id
    async with house.db.begin() as session:
        row = await serving.get_service(session, house.project, service_id)
        row.state = "Stopped"
    form = form_of(house, [{"kind": "service", "ref": service_id}])
    answer = await house.a.post("/evaluations", json=form)
    assert answer.status_code == 409 and answer.json()["error"]["code"] == "service_down"


@pytest.mark.covers("FIN-31", "EVA-23")
async def test_a_dataset_is_a_question_set_of_a_fixed_version(house: House) -> None:
    dataset_id = await dataset(house)
    service = await llm_service(house)
    question_set = {"kind": "dataset", "ref": dataset_id}
    model = {"kind": "service", "ref": service.service.id}
    made = await created(house, form_of(house, [model], sets=[question_set]))
    assert made["sets"] == ["talks (v1)"]
    detail = (await house.a.get(f"/evaluations/{made['id']}")).json()
    assert detail["spec"]["sets"][0]["version"] == 1
    spec, config = await spec_of(house, made["id"])
    assert config["sets"][0]["files"] == detail["spec"]["sets"][0]["files"]
    [mount] = [m for m in spec.mounts if m.env == "ML_SET_0"]
    assert mount.read_only and mount.target == "/opt/ml/input/sets/0"
    async with house.db.read() as session:
        [use] = await uses_of_dataset(session, dataset_id)
    assert (use.subject_kind, use.subject_id, use.version) == ("evaluation", made["id"], 1)
    twice = form_of(house, [model], name="b", sets=[question_set, question_set])
    assert (await house.a.post("/evaluations", json=twice)).status_code == 400


@pytest.mark.covers("EVA-15", "EVA-18")
async def test_files_of_models_are_mounted_and_their_versions_stay(house: House) -> None:
    folder = house.folder("adapter", {"adapter_config.json": b"{}", "a.safetensors": b"x"})
    form = {"name": "base", "source": folder, "format": "Hugging Face LLM"}
    version = (await house.a.post("/models", json=form)).json()
    unfinished = {"kind": "model_version", "ref": version["id"]}
    refused = await house.a.post("/evaluations", json=form_of(house, [unfinished]))
    assert refused.status_code == 409 and "Importing" in refused.text
    await ModelLoop(ModelContext(house.db, house.storage, utc_now)).import_one(version["id"])

    adapter = {
        "kind": "storage", "ref": folder, "base_kind": "model_version", "base_ref": version["id"],
        "max_model_len": 512, "task_name": "tuning",
    }  # fmt: skip
    made = await created(house, form_of(house, [adapter]))
    assert made["models"] == ["tuning adapter"]
    spec, config = await spec_of(house, made["id"])
    assert config["models"][0]["serve"] == {
        "model_env": "ML_MODEL_0", "base_env": "ML_BASE_0", "max_model_len": 512,
    }  # fmt: skip
    by_variable = {mount.env: mount for mount in spec.mounts}
    assert by_variable["ML_MODEL_0"].source.endswith("/adapter")
    assert by_variable["ML_BASE_0"].source.endswith(version["id"])
    assert by_variable["ML_BASE_0"].read_only
    async with house.db.read() as session:
        [use] = await EvaluationUses().uses(session, version["id"])
    assert (use.kind, use.id, use.active) == ("evaluation", made["id"], True)
    house.app.state.version_uses = (EvaluationUses(),)
    kept = await house.a.delete(f"/models/versions/{version['id']}")
    assert kept.status_code == 409 and "evaluation first" in kept.text
