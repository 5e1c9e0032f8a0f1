"""From the API's JSON to the SDK's frozen types. Fields the SDK does not know are left out."""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")


def build(kind: type[T], data: Any) -> T:
    return cast(T, _build(kind, data))


def _build(kind: Any, data: Any) -> Any:
    if data is None:
        return None
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        options = [option for option in get_args(kind) if option is not type(None)]
        return _build(options[0], data) if len(options) == 1 else data
    if origin is list:
        (item,) = get_args(kind)
        return [_build(item, value) for value in data]
    if origin is dict:
        _, item = get_args(kind)
        return {key: _build(item, value) for key, value in data.items()}
    if kind is datetime:
        return datetime.fromisoformat(data)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        known = {f.name for f in fields(kind)}
        return kind(
            **{name: _build(hints[name], value) for name, value in data.items() if name in known}
        )
    return data


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
