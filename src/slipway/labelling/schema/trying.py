"""A schema beside the data: what it shows for a record, and one made from the data to begin with."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from slipway.base.errors import Invalid
from slipway.data.formats.images import is_image_name
from slipway.data.manifest import open_manifest
from slipway.data.types import RECORD_KINDS
from slipway.labelling.content import Content, read_content, read_contents
from slipway.labelling.schema.document import Document, document_for
from slipway.labelling.schema.errors import SchemaProblem
from slipway.labelling.types import LabelKind

_LOOKED_AT, _LINE_LETTERS, _TEXT_LETTERS = 100, 40, 400  # DAT-31
_HELP = 'help: "Describe this field"'


@dataclass(frozen=True, slots=True)
class Tried:
    content: Content
    document: Document | None
    problem: SchemaProblem | None


def try_schema(version: Path, text: str, index: int) -> Tried:
    """Blocks. The record at `index` of a version, and what the schema makes of it."""
    manifest = open_manifest(version)
    _check_kind(manifest.summary.kind in RECORD_KINDS)
    content = read_content(manifest, LabelKind.RECORDS, index)
    try:
        return Tried(content, document_for(text, dict(content.sample)), None)
    except SchemaProblem as problem:
        return Tried(content, None, problem)


def draft_schema(version: Path) -> str:
    """Each field of the first records as a component of a fitting type, and a verdict at the end."""
    manifest = open_manifest(version)
    _check_kind(manifest.summary.kind in RECORD_KINDS)
    numbers = list(range(min(_LOOKED_AT, manifest.summary.sample_count)))
    samples = [content.sample for content in read_contents(manifest, LabelKind.RECORDS, numbers)]
    keys = dict.fromkeys(key for sample in samples for key in sample)
    parts = [_component(key, [s[key] for s in samples if s.get(key) is not None]) for key in keys]
    parts.append(_verdict(set(keys)))
    return "desc: Records\nrecord_fields:\n" + "".join(parts)


def _check_kind(is_right: bool) -> None:
    if not is_right:
        raise Invalid("Only text records are labelled by a schema.", field="dataset_id")


def _component(key: str, values: list[Any]) -> str:
    path = f".Values.{key}" if _is_plain(key) else f"index .Values {_quoted(key)}"
    head = f"- name: {_quoted(key)}\n  key: {_key(key)}\n  {_HELP}\n"
    kinds = Counter(type(value) for value in values)
    kind = kinds.most_common(1)[0][0] if kinds else str
    if kind is list:
        items = [item for value in values if isinstance(value, list) for item in value]
        if items and all(isinstance(item, dict) for item in items):
            return head + _list(path, items)
        if items and all(_is_image(item) for item in items):
            each = f"    {{{{- range {path} }}}}\n    - {{{{ . }}}}\n    {{{{- end }}}}\n"
            return f"{head}  type: ImageListInput\n  value:\n{each}"
    if kind in (dict, list):
        return f'{head}  type: TextViewer\n  value: "{{{{ {path} }}}}"\n'
    if kind is str and values and all(_is_image(value) for value in values):
        return f'{head}  type: ImageViewer\n  value: "{{{{ {path} }}}}"\n'
    if kind in (int, float):
        return f'{head}  type: NumberInput\n  value: "{{{{ {path} }}}}"\n'
    size = _size([str(value) for value in values])
    return f'{head}  type: TextInput\n  size: {size}\n  value: "{{{{ {path} }}}}"\n'


def _list(path: str, items: list[dict[str, Any]]) -> str:
    keys = dict.fromkeys(key for item in items for key in item if _is_plain(key))
    parts = "".join(
        f"      - name: {_quoted(key)}\n        key: {key}\n        {_HELP}\n"
        "        type: TextInput\n"
        f"        size: {_size([str(item.get(key, '')) for item in items])}\n"
        f'        value: "{{{{ .{key} }}}}"\n'
        for key in keys
    )
    return (
        f"  type: List\n  value:\n    {{{{- range {path} }}}}\n    -\n{parts}    {{{{- end }}}}\n"
    )


def _verdict(keys: set[str]) -> str:
    key = next(name for name in ("verdict", "label", "slipway_verdict") if name not in keys)
    return (
        f"- name: Verdict\n  key: {key}\n  type: StringSelector\n  option: SingleSelector\n"
        "  choices:\n  - keep\n  - drop\n  - unsure\n"
    )


def _size(texts: list[str]) -> str:
    """By the length that nine of ten texts do not exceed; a line break needs more than one line."""
    lengths = sorted(len(text) for text in texts)
    most = lengths[(len(lengths) * 9 - 1) // 10] if lengths else 0
    if most > _TEXT_LETTERS:
        return "LongArticle"
    one_line = most <= _LINE_LETTERS and not any("\n" in text for text in texts)
    return "SingleLine" if one_line else "MultiLine"


def _is_image(text: Any) -> bool:
    """A path or an address of a picture, or a picture itself."""
    if not isinstance(text, str):
        return False
    bare = text.split("?")[0] if text.startswith(("http://", "https://")) else text
    return text.startswith("data:image/") or ("\n" not in bare and is_image_name(bare))


def _is_plain(key: str) -> bool:
    return key.isascii() and key.isidentifier()


def _key(key: str) -> str:
    """A key of the schema for a field whose own name cannot be one."""
    made = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in key)
    return (made if made[:1].isalpha() or made[:1] == "_" else f"_{made}")[:64]


def _quoted(text: str) -> str:
    found: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10_000)
    return found.strip()
