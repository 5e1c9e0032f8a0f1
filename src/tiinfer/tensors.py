"""The Open Inference Protocol (v2): tensors in and out, as JSON or as bytes behind it.

A hook gets `{input name: numpy array}` and may return a dict of arrays, lists or numbers, each an
output tensor; anything else is the one tensor `output`. The payload from and to the front begins
with the length of its JSON (4 bytes), since what follows that is binary.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from mosec.errors import DecodingError, EncodingError

DTYPES = {
    "BOOL": np.bool_, "UINT8": np.uint8, "UINT16": np.uint16, "UINT32": np.uint32,
    "UINT64": np.uint64, "INT8": np.int8, "INT16": np.int16, "INT32": np.int32,
    "INT64": np.int64, "FP16": np.float16, "FP32": np.float32, "FP64": np.float64,
}  # fmt: skip
NAMES = {np.dtype(dtype): name for name, dtype in DTYPES.items()}


@dataclass(frozen=True)
class Context:
    """What the answer repeats: the id, which outputs are wanted and which of them as bytes."""

    id: str | None
    outputs: dict[str, bool] | None
    binary: bool


def read_request(payload: bytes) -> tuple[dict[str, Any], Context]:
    """Arrays by name. Raises DecodingError with the reason."""
    length = int.from_bytes(payload[:4], "big")
    text, raw = payload[4 : 4 + length], payload[4 + length :]
    try:
        request = json.loads(text)
        arrays, at = {}, 0
        for tensor in request["inputs"]:
            size = (tensor.get("parameters") or {}).get("binary_data_size")
            if size is None:
                arrays[tensor["name"]] = _of_list(tensor)
            else:
                arrays[tensor["name"]] = _of_bytes(tensor, raw[at : at + size])
                at += size
        return arrays, _context(request)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        words = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise DecodingError(f"not an inference request: {words}") from error


def write_answer(data: Any, context: Context) -> bytes:
    """The length of the JSON, the JSON, the binary outputs."""
    named = data if isinstance(data, dict) else {"output": data}
    wanted = context.outputs if context.outputs is not None else dict.fromkeys(named, False)
    missing = [name for name in wanted if name not in named]
    if missing:
        raise EncodingError(f"the model gives no output {missing[0]!r}; it has {', '.join(named)}")
    outputs, binary = [], []
    for name, as_bytes in wanted.items():
        array = np.asarray(named[name])
        datatype = NAMES.get(array.dtype, "BYTES")
        told: dict[str, Any] = {"name": name, "datatype": datatype, "shape": list(array.shape)}
        if as_bytes or context.binary:
            part = _bytes_of(array) if datatype == "BYTES" else array.tobytes()
            told["parameters"] = {"binary_data_size": len(part)}
            binary.append(part)
        else:
            told["data"] = [_plain(value) for value in array.ravel().tolist()]
        outputs.append(told)
    answer: dict[str, Any] = {"model_name": "m", "model_version": "1", "outputs": outputs}
    if context.id is not None:
        answer["id"] = context.id
    text = json.dumps(answer, ensure_ascii=False).encode()
    return len(text).to_bytes(4, "big") + text + b"".join(binary)


def _context(request: dict[str, Any]) -> Context:
    outputs = request.get("outputs")
    parameters = request.get("parameters") or {}
    wanted = None
    if outputs:
        wanted = {
            one["name"]: bool((one.get("parameters") or {}).get("binary_data")) for one in outputs
        }
    return Context(request.get("id"), wanted, bool(parameters.get("binary_data_output")))


def _of_list(tensor: dict[str, Any]) -> Any:
    shape, datatype = _shape(tensor), tensor["datatype"]
    if datatype == "BYTES":
        array = np.array(_flat(tensor["data"]), dtype=object)
    else:
        array = np.array(tensor["data"], dtype=_dtype(datatype))
    return _shaped(array, shape, tensor)


def _of_bytes(tensor: dict[str, Any], raw: bytes) -> Any:
    shape, datatype = _shape(tensor), tensor["datatype"]
    if datatype == "BYTES":
        found, at = [], 0
        while at < len(raw):
            length = int.from_bytes(raw[at : at + 4], "little")
            found.append(raw[at + 4 : at + 4 + length])
            at += 4 + length
        array = np.empty(len(found), dtype=object)
        array[:] = found
    else:
        array = np.frombuffer(raw, dtype=_dtype(datatype))
    return _shaped(array, shape, tensor)


def _shaped(array: Any, shape: list[int], tensor: dict[str, Any]) -> Any:
    count = 1
    for length in shape:
        count *= length
    if array.size != count:
        name = tensor["name"]
        raise ValueError(f"input {name!r} has {array.size} values, its shape {shape} wants {count}")
    return array.reshape(shape)


def _shape(tensor: dict[str, Any]) -> list[int]:
    shape = tensor["shape"]
    if not isinstance(shape, list) or any(type(n) is not int or n < 0 for n in shape):
        raise ValueError(f"the shape of input {tensor['name']!r} is not a list of numbers from 0")
    return shape


def _dtype(name: str) -> Any:
    if name not in DTYPES:
        raise ValueError(f"datatype {name!r} is not one of {', '.join(DTYPES)}, BYTES")
    return DTYPES[name]


def _flat(data: Any) -> list[Any]:
    if not isinstance(data, list):
        return [data]
    return [value for part in data for value in _flat(part)]


def _bytes_of(array: Any) -> bytes:
    parts = []
    for value in array.ravel().tolist():
        part = value if isinstance(value, bytes) else str(value).encode()
        parts.append(len(part).to_bytes(4, "little") + part)
    return b"".join(parts)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value if isinstance(value, bool | int | float | str) or value is None else str(value)
