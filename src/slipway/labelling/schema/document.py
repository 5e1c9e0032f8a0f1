"""From a rendered schema to the components that a console shows for one record."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any

import yaml

from slipway.labelling.schema.errors import SchemaProblem
from slipway.labelling.schema.template import CLOSE, OPEN, Node, Rendered, parse, render

MAX_TEXT, MAX_COMPONENTS, MAX_LIST_DEPTH = 256 << 10, 2000, 3
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_HELD = re.compile(f"{OPEN}(\\d+){CLOSE}")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ComponentType(StrEnum):
    TEXT_INPUT = "TextInput"
    TEXT_VIEWER = "TextViewer"
    NUMBER_INPUT = "NumberInput"
    IMAGE_VIEWER = "ImageViewer"
    IMAGE_INPUT = "ImageInput"
    IMAGE_LIST_INPUT = "ImageListInput"
    IMAGE_LIST_VIEWER = "ImageListViewer"
    AUDIO_VIEWER = "AudioViewer"
    VIDEO_VIEWER = "VideoViewer"
    STRING_SELECTOR = "StringSelector"
    LIST = "List"


LIST_TYPES = (ComponentType.IMAGE_LIST_INPUT, ComponentType.IMAGE_LIST_VIEWER)
VIEWERS = (
    ComponentType.TEXT_VIEWER, ComponentType.IMAGE_VIEWER, ComponentType.IMAGE_LIST_VIEWER,
    ComponentType.AUDIO_VIEWER, ComponentType.VIDEO_VIEWER,
)  # fmt: skip
SIZES = ("SingleLine", "MultiLine", "LongArticle")
OPTIONS = ("SingleSelector", "MultiSelector")
_KNOWN = ("name", "key", "type", "help", "value", "size", "option", "choices")


@dataclass(frozen=True, slots=True)
class Component:
    """`value` is text, a list of texts (images, several choices), or for a list the components of
    each item; `form` are the components of a new item."""

    name: str
    key: str
    type: ComponentType
    help: str = ""
    value: Any = ""
    size: str = "MultiLine"
    option: str = "SingleSelector"
    choices: tuple[str, ...] = ()
    form: tuple[Component, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    title: str
    components: tuple[Component, ...] = field(default=())


@lru_cache(maxsize=64)
def parsed(text: str) -> tuple[Node, ...]:
    if len(text.encode()) > MAX_TEXT:
        raise SchemaProblem(f"A schema has at most {MAX_TEXT >> 10} KB.")
    return parse(text)


@lru_cache(maxsize=64)
def outline_of(text: str) -> Document:
    """The schema without a record; the lists in it have one item, which is the form of a new one."""
    return _Reader(render(parsed(text), {}, outline=True)).document()


class Fit:
    """Whether records fit a schema: many of them quickly, since most look alike once rendered."""

    def __init__(self, text: str) -> None:
        self._nodes = parsed(text)
        self._good: set[str] = set()

    def check(self, record: dict[str, Any]) -> None:
        """Raises SchemaProblem."""
        rendered = render(self._nodes, record)
        if rendered.text in self._good:
            return
        if len(rendered.text) > 4 * MAX_TEXT:
            raise SchemaProblem("What the schema makes of this record is too large.")
        reader = _Reader(rendered)
        reader.document()
        if not reader.depends and len(self._good) < 1000 and len(rendered.text) < 1 << 16:
            self._good.add(rendered.text)


def document_for(text: str, record: dict[str, Any]) -> Document:
    """The console of one record. Raises SchemaProblem."""
    outline = outline_of(text)
    rendered = render(parsed(text), record)
    if len(rendered.text) > 4 * MAX_TEXT:
        raise SchemaProblem("What the schema makes of this record is too large.")
    found = _Reader(rendered).document()
    return Document(found.title, _with_forms(found.components, outline.components))


def _with_forms(
    components: tuple[Component, ...], outlines: tuple[Component, ...]
) -> tuple[Component, ...]:
    """Lists know what a new item looks like, also where they are empty."""
    forms = {outline.key: outline for outline in outlines if outline.type is ComponentType.LIST}
    return tuple(
        _with_form(component, forms.get(component.key)) for component in components
    )  # fmt: skip


def _with_form(component: Component, outline: Component | None) -> Component:
    if component.type is not ComponentType.LIST or outline is None or not outline.value:
        return component
    form = tuple(_emptied(part) for part in outline.value[0])
    items = tuple(_with_forms(item, outline.value[0]) for item in component.value)
    return replace(component, form=form, value=items)


def _emptied(component: Component) -> Component:
    if component.type is not ComponentType.LIST:
        return component
    form = tuple(_emptied(part) for part in component.value[0]) if component.value else ()
    return replace(component, value=(), form=form)


class _Reader:
    def __init__(self, rendered: Rendered) -> None:
        self._rendered = rendered
        self._count = 0
        self.depends = False  # whether it is right depends on more than the rendered text

    def document(self) -> Document:
        root = self._composed()
        if not isinstance(root, yaml.MappingNode):
            raise SchemaProblem("A schema has the keys desc and record_fields.", 1, 1)
        parts = self._mapping(root, ("desc", "record_fields"))
        fields = parts.get("record_fields")
        if not isinstance(fields, yaml.SequenceNode) or not fields.value:
            raise self._problem("record_fields is a list of components.", fields or root)
        title = self._text(parts["desc"]) if "desc" in parts else ""
        return Document(title, self._components(fields, 0))

    def _composed(self) -> yaml.Node | None:
        try:
            for event in yaml.parse(self._rendered.text, Loader=_LOADER):
                if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                    raise self._problem("Anchors and aliases are not possible.", event)
            root: yaml.Node | None = yaml.compose(self._rendered.text, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            said = f"not valid YAML: {error.problem or error.context}."
            if mark is None:
                raise SchemaProblem(said) from error
            raise SchemaProblem(said, self._line(mark.line), mark.column + 1) from error
        except yaml.YAMLError as error:
            raise SchemaProblem(f"not valid YAML: {str(error).splitlines()[0]}.") from error
        return root

    def _components(self, node: yaml.SequenceNode, depth: int) -> tuple[Component, ...]:
        found: dict[str, Component] = {}
        for item in node.value:
            component = self._component(item, depth)
            if component.key in found:
                raise self._problem(f"The key {component.key!r} is there twice.", item)
            found[component.key] = component
        return tuple(found.values())

    def _component(self, node: yaml.Node, depth: int) -> Component:
        self._count += 1
        if self._count > MAX_COMPONENTS:
            raise self._problem(f"A record has at most {MAX_COMPONENTS} components.", node)
        if not isinstance(node, yaml.MappingNode):
            raise self._problem("A component has the keys name, key and type.", node)
        parts = self._mapping(node, _KNOWN)
        for needed in ("name", "key", "type"):
            if needed not in parts:
                raise self._problem(f"The component has no {needed}.", node)
        kind = self._one_of(parts["type"], tuple(ComponentType), "type")
        key = self._fixed(parts["key"])
        if not _KEY.fullmatch(key):
            raise self._problem(
                "A key has letters, digits and '_', does not begin with a digit, and has at most "
                "64 characters.", parts["key"],
            )  # fmt: skip
        made = ComponentType(kind)
        self._check_place(made, parts, node)
        choices = self._choices(parts.get("choices"), node) if made in _CHOOSERS else ()
        several = "option" in parts and self._fixed(parts["option"]) == "MultiSelector"
        value = self._value(made, parts.get("value"), depth, several)
        return Component(
            self._text(parts["name"]), key, made,
            self._text(parts["help"]) if "help" in parts else "", value,
            self._one_of(parts["size"], SIZES, "size") if "size" in parts else "MultiLine",
            self._one_of(parts["option"], OPTIONS, "option") if "option" in parts else OPTIONS[0],
            choices,
        )  # fmt: skip

    def _check_place(
        self, kind: ComponentType, parts: dict[str, yaml.Node], node: yaml.MappingNode
    ) -> None:
        """Keys that only some types have."""
        texts = (ComponentType.TEXT_INPUT, ComponentType.TEXT_VIEWER)
        for key, types in (("size", texts), ("option", _CHOOSERS), ("choices", _CHOOSERS)):
            if key in parts and kind not in types:
                raise self._problem(f"{kind} has no {key}.", parts[key])

    def _value(self, kind: ComponentType, node: yaml.Node | None, depth: int, several: bool) -> Any:
        empty = node is None or (isinstance(node, yaml.ScalarNode) and not node.value)
        if kind is ComponentType.LIST:
            if depth >= MAX_LIST_DEPTH:
                raise self._problem(f"Lists are nested at most {MAX_LIST_DEPTH} deep.", node)
            if empty or node is None:
                return ()
            if not isinstance(node, yaml.SequenceNode):
                raise self._problem("The value of a List is a list of items.", node)
            for item in node.value:
                if not isinstance(item, yaml.SequenceNode):
                    raise self._problem("An item of a List is a list of components.", item)
            return tuple(self._components(item, depth + 1) for item in node.value)
        if kind in LIST_TYPES or several:
            if empty or node is None:
                return ()
            if isinstance(node, yaml.SequenceNode):
                return tuple(self._text(item) for item in node.value)
            return (self._text(node),)
        if empty or node is None:
            return ""
        return self._text(node)

    def _choices(self, node: yaml.Node | None, of: yaml.Node) -> tuple[str, ...]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self._problem("A StringSelector needs choices, a list of texts.", node or of)
        choices = tuple(self._fixed(item) for item in node.value)
        if len(set(choices)) < len(choices):
            raise self._problem("A choice is there twice.", node)
        return choices

    def _mapping(self, node: yaml.MappingNode, known: Sequence[str]) -> dict[str, yaml.Node]:
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = self._text(key)
            if name not in known:
                raise self._problem(
                    f"{name[:40]!r} is not known here; possible are: {', '.join(known)}.", key
                )
            if name in found:
                raise self._problem(f"{name!r} is there twice.", key)
            found[name] = value
        return found

    def _one_of(self, node: yaml.Node, possible: Sequence[str], name: str) -> str:
        text = self._fixed(node)
        if text not in possible:
            raise self._problem(
                f"The {name} {text[:40]!r} is not known; possible are: {', '.join(possible)}.", node
            )
        return text

    def _fixed(self, node: yaml.Node) -> str:
        """A text on which it depends whether the document is right."""
        self.depends |= isinstance(node, yaml.ScalarNode) and OPEN in node.value
        return self._text(node)

    def _text(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self._problem("This must be a text.", node)
        return _HELD.sub(lambda found: self._rendered.values[int(found.group(1))], node.value)

    def _line(self, rendered_line: int) -> int:
        lines = self._rendered.lines
        return lines[min(rendered_line, len(lines) - 1)]

    def _problem(self, message: str, node: Any) -> SchemaProblem:
        mark = getattr(node, "start_mark", None)
        if mark is None:
            return SchemaProblem(message)
        return SchemaProblem(message, self._line(mark.line), mark.column + 1)


_CHOOSERS = (ComponentType.STRING_SELECTOR,)
