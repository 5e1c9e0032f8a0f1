"""Fields of a task's form that were left out and that its resource group or flavour gives."""

from __future__ import annotations

from typing import Any

from slipway.base.database import Database
from slipway.compute.groups.flavours import AMOUNTS, amounts_by_flavour
from slipway.compute.submit import unsaid_amounts
from slipway.training.forms import TaskForm


async def given_amounts(db: Database, form: TaskForm) -> dict[str, Any]:
    async with db.read() as session:
        group, said = form.resource_group, form.model_fields_set
        if form.flavour is None:
            return dict(await unsaid_amounts(session, group, said))
        own = {name: getattr(form, name) for name in AMOUNTS if name in said}
        return await amounts_by_flavour(session, group, form.flavour, own)
