"""HTTP of running a task again exactly."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from slipway.assets.http import Store
from slipway.base.clock import utc_now
from slipway.base.forms import Form
from slipway.iam.http import Config, Db, allow
from slipway.iam.types import Actor
from slipway.training import submit
from slipway.training.code import CodeSources
from slipway.training.reproduce import Check, Reproduction, Sameness, reproduction_of
from slipway.training.router import TaskView, get_code

router = APIRouter(prefix="/training/tasks/{task_id}", tags=["Training"])


class RecordCheckView(BaseModel):
    part: str = Field(description="code, environment, dataset, model, input, seed or machine")
    name: str
    was: str = Field(description="As recorded: a commit, a digest, a version.")
    sameness: Sameness
    reason: str

    @classmethod
    def of(cls, check: Check) -> RecordCheckView:
        return cls.model_validate(check, from_attributes=True)


class CodeChanges(BaseModel):
    folder: int = Field(description="Number of the mount, from 0.")
    commit: str
    changes: str = Field(description="As a patch: what was not committed when the task started.")
    cut: bool = Field(description="The patch is longer than what was kept.")
    new: list[str] = Field(description="Files that Git did not know.")


class ReproductionView(BaseModel):
    """What the last start depended on, and whether it is still to be had."""

    checks: list[RecordCheckView]
    packages: list[str] = Field(description="What the environment held.")
    changes: list[CodeChanges]
    machines: list[dict[str, Any]]

    @classmethod
    def of(cls, found: Reproduction) -> ReproductionView:
        return cls(
            checks=[RecordCheckView.of(check) for check in found.checks], packages=list(found.packages),
            changes=[CodeChanges(**one) for one in found.changes], machines=list(found.machines),
        )  # fmt: skip


class RerunForm(Form):
    name: str = Field(description="Of the new task.")


class RerunView(BaseModel):
    task: TaskView
    checks: list[RecordCheckView]


@router.get("/reproduction")
async def get_reproduction(
    task_id: str, db: Db, storage: Store, config: Config,
    actor: Annotated[Actor, allow("train:task:get")],
) -> ReproductionView:  # fmt: skip
    return ReproductionView.of(await reproduction_of(db, storage, config, actor, task_id))


@router.post("/rerun", status_code=201)
async def rerun_task(
    task_id: str, form: RerunForm, db: Db, storage: Store, config: Config,
    code: Annotated[CodeSources, Depends(get_code)],
    actor: Annotated[Actor, allow("train:task:create")],
) -> RerunView:  # fmt: skip
    """A new task with the versions and commits of this one's last start."""
    found = await reproduction_of(db, storage, config, actor, task_id)
    made = await submit.create_task(
        db, storage, actor, replace(found.spec, name=form.name), code=code, now=utc_now()
    )
    return RerunView(
        task=TaskView.of(made), checks=[RecordCheckView.of(one) for one in found.checks]
    )
