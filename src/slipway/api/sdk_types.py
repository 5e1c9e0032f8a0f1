"""Writes the SDK's result types from `openapi.json`, so that they can never disagree with the API."""

from __future__ import annotations

import json
import keyword
import re
import sys
from typing import Any

_HEAD = '''"""Results of the API as frozen dataclasses. Written from openapi.json by `make openapi`; do not edit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

'''
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def write_types(description: dict[str, Any]) -> str:
    schemas = json.loads(_short(json.dumps(description["components"]["schemas"])))
    parts = [_HEAD]
    for name in sorted(schemas):
        schema = schemas[name]
        if schema.get("type") != "object" or not name.isidentifier():
            continue
        parts.append(_dataclass(name, schema, schemas))
    return "\n".join(parts)


def _short(text: str) -> str:
    """Two rooms may use one name; `slipway__data__views__FileView` becomes `DataFileView`."""
    return re.sub(
        r"slipway__([a-z]+)__(?:[a-z]+__)?(\w+)", lambda m: m[1].capitalize() + m[2], text
    )


def _dataclass(name: str, schema: dict[str, Any], schemas: dict[str, Any]) -> str:
    properties = schema.get("properties", {})
    required = set(schema.get("required", ()))
    lines = ["", "@dataclass(frozen=True, slots=True)", f"class {name}:"]
    # Fields without a default must come first.
    for field in sorted(properties, key=lambda f: (f not in required, list(properties).index(f))):
        if keyword.iskeyword(field) or not field.isidentifier():
            continue
        kind = _type(properties[field], schemas)
        if field in required:
            lines.append(f"    {field}: {kind}")
        else:
            lines.append(f"    {field}: {kind if 'None' in kind else kind + ' | None'} = None")
    if len(lines) == 3:
        lines.append("    pass")
    return "\n".join(lines) + "\n"


def _type(schema: dict[str, Any], schemas: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        target = schemas.get(name, {})
        if "enum" in target:
            return "str"
        return name if target.get("type") == "object" and name.isidentifier() else "Any"
    if options := schema.get("anyOf"):
        kinds = list(dict.fromkeys(_type(option, schemas) for option in options))
        return "Any" if "Any" in kinds else " | ".join(sorted(kinds, key=lambda k: k == "None"))
    match schema.get("type"):
        case "array":
            return f"list[{_type(schema.get('items', {}), schemas)}]"
        case "object":
            inner = schema.get("additionalProperties")
            return f"dict[str, {_type(inner, schemas) if isinstance(inner, dict) else 'Any'}]"
        case "string" if schema.get("format") == "date-time":
            return "datetime"
        case str(kind) if kind in _PLAIN:
            return _PLAIN[kind]
    return "Any"


if __name__ == "__main__":
    sys.stdout.write(write_types(json.load(sys.stdin)))
