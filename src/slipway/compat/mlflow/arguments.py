"""The arguments of a call: the JSON body of a POST, the query of a GET."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Request

from slipway.base.errors import Invalid


class Arguments(dict[str, Any]):
    def text(self, name: str, default: str | None = None) -> str:
        value = self.get(name)
        if value in (None, "") and default is not None:
            return default
        if not isinstance(value, str) or not value:
            raise Invalid(f"The call needs {name}.", field=name)
        return value

    def whole(self, name: str, default: int) -> int:
        try:
            return int(self.get(name) or default)
        except (TypeError, ValueError) as error:
            raise Invalid(f"{name} is a whole number.", field=name) from error

    def texts(self, name: str) -> list[str]:
        value = self.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise Invalid(f"{name} is a list of texts.", field=name)
        return value

    def pairs(self, name: str) -> dict[str, str]:
        """Of `[{"key": ..., "value": ...}]`."""
        value = self.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, dict) and isinstance(item.get("key"), str) for item in value):  # fmt: skip
            raise Invalid(f"{name} is a list of keys with values.", field=name)
        return {item["key"]: str(item.get("value", "")) for item in value}

    def moment(self, name: str) -> datetime | None:
        value = self.whole(name, 0)
        try:
            return datetime.fromtimestamp(value / 1000, UTC) if value else None
        except (ValueError, OverflowError, OSError) as error:
            raise Invalid(f"{name} is in milliseconds since 1970.", field=name) from error


async def read_arguments(request: Request) -> Arguments:
    if request.method == "GET":
        query = request.query_params
        return Arguments({name: query.getlist(name) if name.endswith("_ids") else query[name] for name in query})  # fmt: skip
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise Invalid(f"The body is not JSON: {error}.") from error
    if not isinstance(body, dict):
        raise Invalid("The body is a JSON object.")
    return Arguments(body)


Args = Annotated[Arguments, Depends(read_arguments)]
