"""Form mode: the same rule as fields of a form. Every pattern can be shown as a form and back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from slipway.alerts.catalogue import Catalogue
from slipway.alerts.pattern import Pattern
from slipway.base.errors import Invalid


@dataclass(frozen=True, slots=True)
class RuleForm:
    """Empty means: no condition. `types` are event names; `tags` are OR of AND, `key:value` each."""

    service: str
    types: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    creator: str = ""
    tags: tuple[tuple[str, ...], ...] = ()


def pattern_text(form: RuleForm, catalogue: Catalogue) -> str:
    """The pattern of a form; whether its words are known is for `parse_pattern` to say."""
    service = catalogue.by_key(form.service)
    if service is None:
        known = ", ".join(s.key for s in catalogue.services)
        raise Invalid(f"There is no service {form.service!r}; possible: {known}.", field="service")
    rule: dict[str, Any] = {"source": service.source}
    if form.types:
        rule["type"] = [service.type_of(name) for name in form.types]
    data: dict[str, Any] = {}
    if form.subjects:
        data[service.fields.id] = list(form.subjects)
    if form.creator:
        data[service.fields.creator] = form.creator
    if form.tags:
        data["tags"] = [{"contain": [f"{tag};" for tag in group]} for group in form.tags]
    if data:
        rule["data"] = data
    return json.dumps(rule, ensure_ascii=False, indent=2)


def form_of(pattern: Pattern) -> RuleForm:
    return RuleForm(
        service=pattern.services[0],
        types=()
        if pattern.every_type
        else tuple(sorted(t.partition(":")[2] for t in pattern.types)),
        subjects=pattern.subjects or (),
        creator=pattern.creator or "",
        tags=tuple(tuple(sorted(group)) for group in pattern.tags or ()),
    )
