"""LLaMA-Factory's `dataset_info.json`: which files make up which data set, and their columns."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from slipway.runtime.recipes.data_files import SUFFIXES, Reader, read_files
from slipway.runtime.recipes.errors import DataError, Problem
from slipway.runtime.recipes.formats import (
    AlpacaColumns,
    MessageTags,
    RecordError,
    read_alpaca,
    read_messages,
)
from slipway.runtime.recipes.samples import Sample

FILE_NAME = "dataset_info.json"


def read_described(root: Path, wanted: Sequence[str] = ()) -> list[Sample]:
    """Samples of the data sets named in `wanted`, or of all that have their file here."""
    described = _load(root)
    unknown = [name for name in wanted if name not in described]
    if unknown:
        known = ", ".join(sorted(described))
        raise DataError(
            [Problem(FILE_NAME, "", f"has no data set `{unknown[0]}`; it has: {known}")]
        )
    samples: list[Sample] = []
    for name in wanted or described:
        entry = described[name]
        if "file_name" not in entry:
            _skip_or_refuse(name, bool(wanted))
            continue
        samples += read_files(_files(root, name, entry), root, _reader(name, entry))
    return samples


def _load(root: Path) -> dict[str, Mapping[str, Any]]:
    try:
        content = json.loads((root / FILE_NAME).read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise DataError([Problem(FILE_NAME, "", f"is not UTF-8 JSON: {error}")]) from None
    if not isinstance(content, dict) or not all(isinstance(v, dict) for v in content.values()):
        raise DataError([Problem(FILE_NAME, "", "must be an object of objects, one per data set")])
    return content


def _skip_or_refuse(name: str, wanted: bool) -> None:
    reason = f"the data set `{name}` is not a local file (no `file_name`)"
    if wanted:
        raise DataError([Problem(FILE_NAME, "", reason + ", and recipes download nothing")])
    print(f"{FILE_NAME}: {reason}; it is left out.", flush=True)


def _files(root: Path, name: str, entry: Mapping[str, Any]) -> list[Path]:
    if entry.get("ranking"):
        reason = f"the data set `{name}` holds preference pairs, which this recipe cannot train on"
        raise DataError([Problem(FILE_NAME, "", reason)])
    path = (root / str(entry["file_name"])).resolve()
    if not path.is_relative_to(root.resolve()):
        raise DataError([Problem(FILE_NAME, "", f"the file of `{name}` lies outside the data")])
    if path.is_dir():
        return sorted(p for p in path.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not path.is_file():
        reason = f"the file `{entry['file_name']}` of `{name}` does not exist"
        raise DataError([Problem(FILE_NAME, "", reason)])
    return [path]


def _reader(name: str, entry: Mapping[str, Any]) -> Reader:
    formatting = entry.get("formatting", "alpaca")
    columns = entry.get("columns") or {}
    match formatting:
        case "alpaca":
            alpaca = _alpaca_columns(columns)
            return lambda record: read_alpaca(_object(record), alpaca)
        case "sharegpt" | "openai":
            tags = _message_tags(formatting, columns, entry.get("tags") or {})
            return lambda record: read_messages(_object(record), tags)
        case _:
            reason = f"the formatting `{formatting}` of `{name}` is not one of alpaca, sharegpt"
            raise DataError([Problem(FILE_NAME, "", reason)])


def _object(record: object) -> dict[str, Any]:
    if not isinstance(record, dict):
        raise RecordError("must be a JSON object")
    return record


def _alpaca_columns(columns: Mapping[str, str]) -> AlpacaColumns:
    if not columns:
        return AlpacaColumns()
    # Columns that are not listed do not exist in the file, whatever it may hold by that name.
    return AlpacaColumns(
        prompt=columns.get("prompt", "instruction"),
        query=columns.get("query"),
        response=columns.get("response", "output"),
        system=columns.get("system"),
        history=columns.get("history"),
    )


def _message_tags(
    formatting: str, columns: Mapping[str, str], tags: Mapping[str, str]
) -> MessageTags:
    openai = formatting == "openai"
    usual = MessageTags(
        messages="messages" if openai else "conversations",
        role="role" if openai else "from",
        content="content" if openai else "value",
    )
    return MessageTags(
        messages=columns.get("messages", usual.messages),
        system=columns.get("system"),
        role=tags.get("role_tag", usual.role),
        content=tags.get("content_tag", usual.content),
        user=(tags["user_tag"],) if "user_tag" in tags else usual.user,
        assistant=(tags["assistant_tag"],) if "assistant_tag" in tags else usual.assistant,
        system_role=(tags["system_tag"],) if "system_tag" in tags else usual.system_role,
    )
