"""Type hints on a hook as the form of its requests, and the OpenAPI page that follows from them.

Only hints that declare fields count (a dataclass, a TypedDict, a NamedTuple, a pydantic model, or a
list of one): `Dict` and the like, which every listing of the manual has, say nothing.
"""

from __future__ import annotations

import dataclasses
import logging
import typing
from collections.abc import Callable
from typing import Any

from tiinfer.model import Model

logger = logging.getLogger("tiinfer")

PREDICT_PATH = "/v1/models/m:predict"
HOOKS = ("preprocess", "predict", "postprocess")
_SCHEMAS = "#/components/schemas/{model}"


def form_of(worker: Any) -> Any:
    """A pydantic TypeAdapter for what the worker's first hook declares; None where it does not."""
    hint = _hint(_entry(worker), first=True)
    if hint is None:
        return None
    # A batching stage declares a list; each request of the batch is one of its items.
    if worker.max_batch_size > 1 and typing.get_origin(hint) is list:
        (hint,) = typing.get_args(hint)
    return _adapter(hint)


def openapi(first: Any, last: Any, *, batches: bool, streams: bool) -> dict[str, Any]:
    """first, last: a Model class, or the worker classes at the two ends."""
    schemas: dict[str, Any] = {}
    asked = _schema(_hint(_entry(first), first=True), schemas, batches=batches)
    told = _schema(_hint(_exit(last), first=False), schemas, batches=batches)
    kind = "text/event-stream" if streams else "application/json"
    error = {"content": {"application/json": {"schema": {"type": "object"}}}}
    responses: dict[str, Any] = {
        "200": {"description": "The answer", "content": {kind: {"schema": told}}}
    }
    for status, words in (
        ("400", "The body is not JSON"), ("408", "It took too long"),
        ("422", "A field is missing or wrong"), ("429", "Too many requests wait"),
        ("500", "The model failed"), ("503", "The model is still loading"),
    ):  # fmt: skip
        responses[status] = {"description": words} | error
    body = {"required": True, "content": {"application/json": {"schema": asked}}}
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": _title(first), "version": "1", "description": _words(first)},
        "paths": {
            PREDICT_PATH: {
                "post": {"operationId": "predict", "requestBody": body, "responses": responses}
            }
        },
    }
    if schemas:
        document["components"] = {"schemas": schemas}
    return document


def _entry(of: Any) -> Callable[..., Any] | None:
    return _hook(of, HOOKS)


def _exit(of: Any) -> Callable[..., Any] | None:
    return _hook(of, HOOKS[::-1])


def _hook(of: Any, order: tuple[str, ...]) -> Callable[..., Any] | None:
    """The first hook in the order that the user's class has itself, or a worker's `forward`."""
    model = _model(of)
    if model is None:
        return getattr(of, "forward", None)
    for name in order:
        if getattr(model, name) is not getattr(Model, name):
            return getattr(model, name)  # type: ignore[no-any-return]
    return None


def _model(of: Any) -> type[Model] | None:
    if isinstance(of, type):
        return of if issubclass(of, Model) else None
    model = getattr(of, "model", None)
    return type(model) if isinstance(model, Model) else None


def _hint(hook: Callable[..., Any] | None, *, first: bool) -> Any:
    """What the hook's argument (or its result) is declared to be, where that says something."""
    if hook is None:
        return None
    hook = getattr(hook, "__func__", hook)
    try:
        hints = typing.get_type_hints(hook)
        code = hook.__code__
        name = code.co_varnames[1] if first and code.co_argcount > 1 else "return"
    except Exception as error:  # noqa: BLE001 - hints of user code may be anything
        logger.warning("the type hints of %s cannot be read: %s", hook, error)
        return None
    hint = hints.get(name)
    if typing.get_origin(hint) is list:
        inner = typing.get_args(hint)
        return hint if inner and _declares(inner[0]) else None
    return hint if _declares(hint) else None


def _declares(hint: Any) -> bool:
    return isinstance(hint, type) and (
        dataclasses.is_dataclass(hint)
        or hasattr(hint, "model_fields")
        or hasattr(hint, "__required_keys__")
        or hasattr(hint, "_fields")
    )


def _adapter(hint: Any) -> Any:
    try:
        from pydantic import TypeAdapter

        return TypeAdapter(hint)
    except Exception as error:  # noqa: BLE001
        logger.warning("requests are not checked against %s: %s", hint, error)
        return None


def _schema(hint: Any, schemas: dict[str, Any], *, batches: bool) -> dict[str, Any]:
    if hint is not None and batches and typing.get_origin(hint) is list:
        (hint,) = typing.get_args(hint)
    adapter = None if hint is None else _adapter(hint)
    if adapter is None:
        return {}
    found = adapter.json_schema(ref_template=_SCHEMAS)
    schemas |= found.pop("$defs", {})
    name = getattr(hint, "__name__", "")
    if name and typing.get_origin(hint) is None:
        schemas[name] = found
        return {"$ref": _SCHEMAS.format(model=name)}
    return found  # type: ignore[no-any-return]


def _title(of: Any) -> str:
    return getattr(of, "__name__", type(of).__name__)


def _words(of: Any) -> str:
    own = vars(of).get("__doc__") if isinstance(of, type) else None
    return str(own or "").strip()
