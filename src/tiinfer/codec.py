"""From a request's bytes to what the first hook gets, and from the last result to bytes."""

from __future__ import annotations

import json
import pickle
from typing import Any

from mosec import Worker
from mosec.errors import DecodingError, EncodingError

from tiinfer import typed
from tiinfer.frames import EGRESS, INGRESS, V2


class Refused(Exception):
    """The request does not have the declared form; `body` is the JSON of the 422."""

    def __init__(self, details: list[dict[str, Any]]) -> None:
        first = "; ".join(
            f"{'.'.join(map(str, d['loc'])) or 'body'}: {d['msg']}" for d in details[:3]
        )
        body = {"error": f"The request does not fit: {first}.", "details": details}
        self.body = json.dumps(body, ensure_ascii=False).encode()
        super().__init__(first)


class Codec:
    """A worker's own `serialize` and `deserialize` count before ours.

    A context travels with a request of the Open Inference Protocol: what its answer must repeat.
    """

    def __init__(self, worker: Any) -> None:
        own_in = type(worker).deserialize is not Worker.deserialize
        own_out = type(worker).serialize is not Worker.serialize
        self._worker = worker
        self._decode = worker.deserialize if own_in else from_json
        self._encode = worker.serialize if own_out else to_json
        self._form = None if own_in else typed.form_of(worker)

    def read(self, payload: bytes, state: int) -> tuple[Any, Any]:
        """The data for `forward`, and its context."""
        if state & V2:
            return self._read_tensors(payload, state)
        if not state & INGRESS:
            return self._worker.deserialize_ipc(payload), None
        data = self._decode(payload)
        return (data if self._form is None else self._checked(data)), None

    def write(self, data: Any, state: int, context: Any) -> bytes:
        if state & V2:
            return self._write_tensors(data, state, context)
        return self._encode(data) if state & EGRESS else self._worker.serialize_ipc(data)

    def _read_tensors(self, payload: bytes, state: int) -> tuple[Any, Any]:
        from tiinfer import tensors

        if not state & INGRESS:
            context, payload = pickle.loads(payload)  # noqa: S301 - from a process of ours
            return self._worker.deserialize_ipc(payload), context
        data, context = tensors.read_request(payload)
        return (data if self._form is None else self._checked(data)), context

    def _write_tensors(self, data: Any, state: int, context: Any) -> bytes:
        from tiinfer import tensors

        if state & EGRESS:
            return tensors.write_answer(data, context)
        return pickle.dumps((context, self._worker.serialize_ipc(data)))

    def _checked(self, data: Any) -> Any:
        try:
            return self._form.validate_python(data)  # type: ignore[union-attr]
        except ValueError as error:
            told = getattr(error, "errors", None)
            if told is None:
                raise
            details = [
                {"loc": list(one["loc"]), "msg": one["msg"], "type": one["type"]}
                for one in told(include_url=False, include_context=False, include_input=False)
            ]
            raise Refused(details) from error


def from_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise DecodingError(f"the body is not JSON: {error}") from error


def to_json(data: Any) -> bytes:
    """Indented JSON as mosec writes it; the compiled encoder where the value allows it."""
    try:
        return _dumps(data)
    except Exception as error:
        raise EncodingError(f"the result is not JSON: {error}") from error


def piece(data: Any) -> str:
    """What a hook yields as the data of one event: text as it is, all else as JSON."""
    if isinstance(data, str):
        return data
    return json.dumps(data, ensure_ascii=False, default=_simple)


def _simple(data: Any) -> Any:
    dump = getattr(data, "model_dump", None)
    if dump is None:
        raise TypeError(f"{type(data).__name__} is not JSON")
    return dump(mode="json")


def _plain_dumps(data: Any) -> bytes:
    return json.dumps(data, indent=2, default=_simple).encode()


try:
    import orjson
except ImportError:
    _dumps = _plain_dumps
else:

    def _dumps(data: Any) -> bytes:
        try:
            return orjson.dumps(data, option=orjson.OPT_INDENT_2, default=_simple)
        except TypeError:  # such as integers as keys, or above 64 bits
            return _plain_dumps(data)
