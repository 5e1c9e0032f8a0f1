"""The matching language of rules (table T7): from text to `Pattern`, and whether an event matches.

    rule   := { "source": STRING, "type"?: [STRING, ...], "data"?: data }
    data   := { "<creator>"?: STRING, "tags"?: [tagset, ...], "<id>"?: [STRING, ...] }
    tagset := { "contain": ["key:value;", ...] }

Keys are ANDed; items of `type`, of `data.tags` and of the ids are ORed; items of one `contain` are
ANDed. `<creator>` and `<id>` are the service's own names, `taskSubUin` and `taskId` for tasks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from slipway.alerts.catalogue import Catalogue, EventService, Facts, own_type
from slipway.alerts.located_json import Located, parse_located

_TAG = re.compile(r"[^:;|]+:[^;|]*;")


@dataclass(frozen=True, slots=True)
class Pattern:
    """None means: no condition. `types` is never empty: left out, all of the service."""

    services: tuple[str, ...]
    types: frozenset[str]
    every_type: bool
    subjects: tuple[str, ...] | None = None
    creator: str | None = None
    tags: tuple[frozenset[str], ...] | None = None

    def matches(self, facts: Facts) -> bool:
        return (
            facts.type in self.types
            and (self.subjects is None or facts.subject_id in self.subjects)
            and (self.creator is None or facts.creator == self.creator)
            and (self.tags is None or any(wanted <= facts.tags for wanted in self.tags))
        )


def parse_pattern(text: str, catalogue: Catalogue) -> Pattern:
    """Raises PatternFault with the place of the first mistake."""
    rule = _members(parse_located(text), "The rule", ("source", "type", "data"))
    if "source" not in rule:
        raise parse_located(text).fault('The rule needs a "source".')
    source = rule["source"][1]
    services = catalogue.by_source(_text(source, '"source"'))
    if not services:
        raise source.fault(f"Unknown source. Known are: {', '.join(catalogue.sources())}.")
    types = _types(rule["type"][1], services) if "type" in rule else None
    subjects, creator, tags = (
        _data(rule["data"][1], services[0]) if "data" in rule else (None, None, None)
    )
    every = frozenset[str]().union(*(service.types for service in services))
    return Pattern(
        services=tuple(service.key for service in services), types=types or every,
        every_type=types is None, subjects=subjects, creator=creator, tags=tags,
    )  # fmt: skip


def _types(value: Located, services: tuple[EventService, ...]) -> frozenset[str]:
    found = set()
    for item in _items(value, '"type"'):
        known = own_type(_text(item, 'An item of "type"'), services)
        if known is None:
            names = ", ".join(sorted(t for service in services for t in service.types))
            raise item.fault(f"Unknown event {item.text!r}. This source has: {names}.")
        found.add(known)
    return frozenset(found)


def _data(
    value: Located, service: EventService
) -> tuple[tuple[str, ...] | None, str | None, tuple[frozenset[str], ...] | None]:
    id_key, creator_key = service.fields.id, service.fields.creator
    data = _members(value, '"data"', (creator_key, "tags", id_key))
    subjects = creator = tags = None
    if id_key in data:
        items = _items(data[id_key][1], f'"{id_key}"')
        subjects = tuple(_text(item, f'An item of "{id_key}"') for item in items)
    if creator_key in data:
        creator = _text(data[creator_key][1], f'"{creator_key}"')
    if "tags" in data:
        tags = tuple(_tag_set(item) for item in _items(data["tags"][1], '"tags"'))
    return subjects, creator, tags


def _tag_set(value: Located) -> frozenset[str]:
    members = _members(value, 'An item of "tags"', ("contain",))
    if "contain" not in members:
        raise value.fault('An item of "tags" has the form {"contain": ["key:value;"]}.')
    found = set()
    for item in _items(members["contain"][1], '"contain"'):
        if not _TAG.fullmatch(_text(item, 'An item of "contain"')):
            raise item.fault(
                f"A tag is written 'key:value;' with the closing semicolon; got {item.text!r}."
            )
        found.add(item.text.removesuffix(";"))
    return frozenset(found)


def _members(
    value: Located, what: str, known: tuple[str, ...]
) -> dict[str, tuple[Located, Located]]:
    if value.kind != "object":
        raise value.fault(f"{what} must be an object, not {_a(value.kind)}.")
    for key, _ in value.members:
        if key.text not in known:
            raise key.fault(f'Unknown key "{key.text}". Possible here: {", ".join(known)}.')
    return {key.text: (key, inner) for key, inner in value.members}


def _items(value: Located, what: str) -> tuple[Located, ...]:
    if value.kind != "list":
        raise value.fault(f"{what} must be a list, not {_a(value.kind)}.")
    if not value.items:
        raise value.fault(f"{what} is empty. Leave the key out to set no condition.")
    return value.items


def _text(value: Located, what: str) -> str:
    if value.kind != "text":
        raise value.fault(f"{what} must be text in double quotes, not {_a(value.kind)}.")
    if not value.text:
        raise value.fault(f"{what} must not be empty.")
    return value.text


def _a(kind: str) -> str:
    return {"object": "an object", "list": "a list", "text": "text", "number": "a number"}.get(
        kind, kind
    )
