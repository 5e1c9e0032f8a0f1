"""What a labeller answered: checked against the schema, shown again, and put into the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from slipway.base.errors import Invalid
from slipway.labelling.schema.document import (
    LIST_TYPES,
    VIEWERS,
    Component,
    ComponentType,
    Document,
    document_for,
)
from slipway.labelling.schema.template import shown

MAX_ITEMS, MAX_LETTERS = 2000, 1 << 20
# In an item of a list: the number of the record's item that it comes from. No component has this key.
FROM = ""

Answers = Mapping[str, Any]


def checked_answers(
    components: Sequence[Component], answers: Any, where: str = ""
) -> dict[str, Any]:
    """Answers by key, each in the form of its component. Viewers are not asked."""
    if not isinstance(answers, dict):
        raise Invalid("The answers are an object: key to value.", field=where or "value")
    known = {component.key: component for component in components}
    for key in answers:
        if key not in known and not (key == FROM and where):
            raise Invalid(f"{key[:60]!r} is no key of the schema.", field=f"{where}{key}")
    checked = {
        key: _checked(known[key], answers[key], f"{where}{key}")
        for key in known
        if key in answers and known[key].type not in VIEWERS
    }
    if isinstance(answers.get(FROM), int):
        checked[FROM] = answers[FROM]
    return checked


def console_of(text: str, record: Mapping[str, Any], *, is_done: bool) -> Document:
    """The document of a record (LAB-04). What the record holds under a component's key is shown
    where it is labelled, or where the schema has nothing to show in its place. Raises
    SchemaProblem."""
    document = document_for(text, dict(record))
    return Document(
        document.title,
        tuple(
            _stored(component, record[component.key])
            if component.key in record
            and component.type not in VIEWERS
            and (is_done or component.value in ("", ()))
            else component
            for component in document.components
        ),
    )


def _stored(component: Component, value: Any) -> Component:
    """The component with what the record holds, where that can be shown in it."""
    if component.type is ComponentType.LIST:
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            return component
        items = tuple(
            tuple(_stored(part, item.get(part.key)) for part in component.form) for item in value
        )
        return replace(component, value=items)
    if component.type in LIST_TYPES or component.option == "MultiSelector":
        given = value if isinstance(value, list) else [value]
        return replace(component, value=tuple(shown(item) for item in given))
    text = shown(value)
    if component.type is ComponentType.STRING_SELECTOR and text not in component.choices:
        return component
    return replace(component, value=text)


def with_answers(document: Document, answers: Answers) -> Document:
    """The document as it is shown once it has been answered."""
    return Document(document.title, _answered(document.components, answers))


def labelled_record(
    record: Mapping[str, Any], document: Document, answers: Answers
) -> dict[str, Any]:
    """The record with the answers in it. What was not touched keeps its value, type and place."""
    return _merged(record, document.components, answers)


def _checked(component: Component, value: Any, where: str) -> Any:
    match component.type:
        case ComponentType.LIST:
            if not isinstance(value, list) or len(value) > MAX_ITEMS:
                raise Invalid(
                    f"{component.name} is a list of at most {MAX_ITEMS} items.", field=where
                )
            return [
                checked_answers(component.form, item, f"{where}[{number}].")
                for number, item in enumerate(value)
            ]
        case ComponentType.IMAGE_LIST_INPUT:
            if not isinstance(value, list) or len(value) > MAX_ITEMS:
                raise Invalid(
                    f"{component.name} is a list of at most {MAX_ITEMS} items.", field=where
                )
            return [_text(component, item, where) for item in value]
        case ComponentType.STRING_SELECTOR:
            return _chosen(component, value, where)
        case ComponentType.NUMBER_INPUT:
            if value is None or value == "":
                return None
            if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300:
                raise Invalid(f"{component.name} is a number.", field=where)
            return value
        case _:
            return _text(component, value, where)


def _text(component: Component, value: Any, where: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_LETTERS or not _is_text(value):
        raise Invalid(
            f"{component.name} is a text of at most {MAX_LETTERS} characters.", field=where
        )
    if component.size == "SingleLine" and ("\n" in value or "\r" in value):
        raise Invalid(f"{component.name} has one line.", field=where)
    return value


def _is_text(value: str) -> bool:
    """Half a character cannot be written down."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _chosen(component: Component, value: Any, where: str) -> Any:
    several = component.option == "MultiSelector"
    given = value if several else [value]
    if not isinstance(given, list) or not all(
        item in component.choices or (item == "" and not several) for item in given
    ):
        raise Invalid(
            f"{component.name} is chosen from: {', '.join(component.choices)}.", field=where
        )
    return [choice for choice in component.choices if choice in given] if several else value


def _answered(components: Sequence[Component], answers: Answers) -> tuple[Component, ...]:
    return tuple(
        replace(component, value=_shown_answer(component, answers[component.key]))
        if component.key in answers and component.type not in VIEWERS
        else component
        for component in components
    )


def _shown_answer(component: Component, answer: Any) -> Any:
    if component.type is ComponentType.LIST:
        return component.value  # items of answers name the record's items, which stay in order
    if isinstance(answer, list):
        return tuple(answer)
    return shown(answer)


def _merged(
    record: Mapping[str, Any], components: Sequence[Component], answers: Answers
) -> dict[str, Any]:
    result = dict(record)
    for component in components:
        key = component.key
        value = answers.get(key, component.value)
        if key not in answers and (key in record or component.type is ComponentType.LIST):
            continue
        if component.type is ComponentType.LIST:
            result[key] = _merged_items(record.get(key), component, value)
            continue
        if component.type in LIST_TYPES or isinstance(value, tuple):
            value = list(value)
        if key in record and _says(record[key], value):
            continue
        if key not in record and value in ("", [], None):
            continue  # nothing was chosen or written
        result[key] = value
    return result


def _merged_items(old: Any, component: Component, answers: Sequence[Answers]) -> list[Any]:
    """Items in their new order; fields of an item that the schema does not show go with it."""
    items = old if isinstance(old, list) else []
    merged = []
    for answer in answers:
        at = answer.get(FROM)
        came_from = items[at] if isinstance(at, int) and 0 <= at < len(items) else {}
        base = came_from if isinstance(came_from, dict) else {}
        blank = {part.key: "" for part in component.form if part.type is ComponentType.TEXT_INPUT}
        merged.append(
            _merged({**blank, **base}, [replace(p, value="") for p in component.form], answer)
        )
    return merged


def _says(old: Any, new: Any) -> bool:
    """Whether the record says the same already, perhaps as a number."""
    if isinstance(new, list):
        return isinstance(old, list) and [shown(item) for item in old] == new
    return bool(old == new) if not isinstance(new, str) else shown(old) == new
