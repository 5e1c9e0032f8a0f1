"""What the descriptors of one image mean together: roles, pairs, joins, and the fields they make.

Checked on the way, each problem with its box and column. Errors (`is_blocking`) say that there is no
meaning; warnings, that it may not be the one that was meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from slipway.data.formats.ocr_language import (
    Descriptor,
    DescriptorError,
    Segment,
    SegmentKind,
    parse,
)
from slipway.data.formats.ocr_text import joined, split_text

Group = tuple[int, ...]  # fids of the pieces of one field, in order
Path = tuple[tuple[str, int], ...]  # (text, fid) of keys, outermost first
Place = tuple[int, int]  # fid of the box where it is written, column
MAX_KEYS, MAX_PAIRS, MAX_LETTERS = 100, 5000, 100_000


class BoxRole(StrEnum):
    """What a box is; also its label in statistics and previews."""

    TEXT = "text"
    KEY = "key"
    VALUE = "value"
    BOTH = "key and value"


@dataclass(frozen=True, slots=True)
class Described:
    """A box as far as the language is concerned."""

    fid: int
    text: str
    descriptor: str


@dataclass(frozen=True, slots=True)
class BoxProblem:
    fid: int
    message: str
    column: int = 1
    is_blocking: bool = True


@dataclass(frozen=True, slots=True)
class Pair:
    key: Group
    value: Group


@dataclass(frozen=True, slots=True)
class Field:
    """`keys` outermost first; a key that is only a name (`@@`) has no fid: 0."""

    keys: tuple[str, ...]
    values: tuple[str, ...]
    key_fids: tuple[int, ...]
    value_fids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    descriptors: Mapping[int, Descriptor]  # of the boxes that could be read
    problems: tuple[BoxProblem, ...]
    roles: Mapping[int, BoxRole]
    pairs: tuple[Pair, ...]
    joins: tuple[Group, ...]
    fields: tuple[Field, ...]

    @property
    def first_error(self) -> BoxProblem | None:
        return next((problem for problem in self.problems if problem.is_blocking), None)


def meaning_of(boxes: Sequence[Described], *, structured: bool = True) -> Meaning:
    """`structured` is whether boxes are expected to have a role."""
    return _Image(boxes, structured=structured).meaning()


@dataclass
class _Image:
    boxes: Sequence[Described]
    structured: bool
    problems: list[BoxProblem] = field(default_factory=list)
    read: dict[int, Descriptor] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    pairs: dict[Pair, Place] = field(default_factory=dict)
    keys: dict[Group, list[Group]] = field(default_factory=dict)
    values: dict[Group, list[Group]] = field(default_factory=dict)
    paths: dict[Group, Path] = field(default_factory=dict)

    def meaning(self) -> Meaning:
        self._texts = {box.fid: box.text for box in self.boxes}
        self._read_all()
        self._group_all()
        for box in self.boxes:
            for segment in self._segments(box.fid):
                self._pair(box.fid, segment)
        self._follow()
        roles = {box.fid: self._role(box.fid) for box in self.boxes}
        self._warn(roles)
        order = {box.fid: at for at, box in enumerate(self.boxes)}
        problems = sorted(self.problems, key=lambda p: (not p.is_blocking, order[p.fid], p.column))
        joins = tuple(dict.fromkeys(group for group in self.groups.values() if len(group) > 1))
        return Meaning(
            self.read, tuple(problems), roles, tuple(self.pairs), joins, tuple(self._fields(roles))
        )

    def _read_all(self) -> None:
        known, letters = {box.fid for box in self.boxes}, 0
        for box in self.boxes:
            letters += len(box.descriptor)
            if letters > MAX_LETTERS:
                self._error(
                    box.fid,
                    f"The descriptors of an image have at most {MAX_LETTERS} characters together.",
                )
                return
            try:
                found = parse(box.descriptor)
            except DescriptorError as error:
                self._error(box.fid, error.message, error.column)
                continue
            if found.leading not in (None, box.fid):
                self._error(
                    box.fid,
                    f"This is the descriptor of box {box.fid}, but it begins with {found.leading}. "
                    "Leave the number out, or write it at the other box.",
                )
            self.read[box.fid] = found
            for segment in found.segments:
                for fid, column in zip(segment.fids, segment.places, strict=True):
                    if fid not in known:
                        self._error(
                            box.fid,
                            f"There is no box {fid} in this image. Correct the number.",
                            column,
                        )

    def _group_all(self) -> None:
        for box in self.boxes:
            piece = self.read.get(box.fid, Descriptor()).piece
            self.groups[box.fid] = (box.fid,)
            if piece is None:
                continue
            if box.fid not in piece.fids:
                self._error(
                    box.fid,
                    f"Box {box.fid} is not in its own c segment. Name all pieces in it, in order.",
                    piece.column,
                )
                continue
            if self._agrees(box.fid, piece):
                self.groups[box.fid] = piece.fids

    def _agrees(self, fid: int, piece: Segment) -> bool:
        """Whether every piece says the same; the first that does not is named."""
        for other in piece.fids:
            said = self.read.get(other)
            if said is None:
                return False
            if said.piece is None or said.piece.fids != piece.fids:
                self._error(
                    fid,
                    f"Box {other} does not say {piece}. Every piece carries the same c segment: "
                    f"write {piece} there, too.",
                    piece.column,
                )
                return False
        return True

    def _pair(self, fid: int, segment: Segment) -> None:
        first, *others = segment.fids
        for other in others:
            if first not in self.groups or other not in self.groups:
                continue
            one, two = self.groups[first], self.groups[other]
            pair = Pair(one, two) if segment.kind is SegmentKind.KEY else Pair(two, one)
            if pair.key == pair.value:
                self._error(
                    fid, f"Boxes {first} and {other} are pieces of one field, so neither is the "
                    "key of the other.", segment.column,
                )  # fmt: skip
            elif pair in self.pairs:
                self._warning(
                    fid, f"That box {shown(pair.key)} is the key of box {shown(pair.value)} is said twice. "
                    "Once is enough.", segment.column,
                )  # fmt: skip
            elif len(self.pairs) == MAX_PAIRS:
                self._error(
                    fid, f"An image has at most {MAX_PAIRS} pairs. Take some away.", segment.column
                )
                return
            else:
                self.pairs[pair] = (fid, segment.column)
                self.values.setdefault(pair.key, []).append(pair.value)
                self.keys.setdefault(pair.value, []).append(pair.key)

    def _role(self, fid: int) -> BoxRole:
        group = self.groups[fid]
        alone = {s.kind for one in group for s in self.read.get(one, Descriptor()).segments
                 if not s.fids}  # fmt: skip
        is_key = SegmentKind.KEY in alone or group in self.values
        is_value = SegmentKind.VALUE in alone or group in self.keys
        if is_key and is_value:
            return BoxRole.BOTH
        return BoxRole.KEY if is_key else BoxRole.VALUE if is_value else BoxRole.TEXT

    def _warn(self, roles: Mapping[int, BoxRole]) -> None:
        for box in self.boxes:
            group, role = self.groups[box.fid], roles[box.fid]
            if box.fid != group[0]:
                continue
            if role is BoxRole.KEY and group not in self.values:
                self._warning(box.fid, f"The key in box {shown(group)} has no value.")
            if (
                role is BoxRole.TEXT
                and self.structured
                and box.text.strip()
                and box.fid in self.read
            ):
                self._warning(box.fid, f"Box {shown(group)} is neither a key nor a value.")

    def _fields(self, roles: Mapping[int, BoxRole]) -> Iterator[Field]:
        """One for each list of keys: the values that have it, in the order of the boxes."""
        found: dict[Path, list[tuple[str, int]]] = {}
        for box in self.boxes:
            group, role = self.groups[box.fid], roles[box.fid]
            if box.fid != group[0] or role is BoxRole.TEXT:
                continue
            if role is not BoxRole.VALUE:
                if group not in self.values:
                    found.setdefault((*self.paths.get(group, ()), self._named(group)), [])
                continue
            printed, name = self._text(group)
            keys = self.paths.get(group, ()) + (((name, 0),) if name else ())
            # Values without any key have nothing in common.
            values = found.setdefault(keys if keys else (("", -group[0]),), [])
            values.append((printed, group[0]))
        for keys, values in found.items():
            real = [key for key in keys if key[1] >= 0]
            yield Field(
                tuple(text for text, _ in real), tuple(text for text, _ in values),
                tuple(fid for _, fid in real), tuple(fid for _, fid in values),
            )  # fmt: skip

    def _follow(self) -> None:
        """The keys above each field, outermost first, each once; keys before their values."""
        missing = {group: len(keys) for group, keys in self.keys.items()}
        waiting = [group for group in self.values if group not in missing]
        while waiting:
            here = waiting.pop()
            for value in self.values.get(here, ()):
                missing[value] -= 1
                if not missing[value]:
                    path: dict[tuple[str, int], None] = {}
                    for key in self.keys[value]:
                        path.update(dict.fromkeys((*self.paths.get(key, ()), self._named(key))))
                    if len(path) > MAX_KEYS:
                        self._error(
                            value[0], f"Box {shown(value)} has more than {MAX_KEYS} keys above it. "
                            "Take some of its pairs away.",
                        )  # fmt: skip
                    self.paths[value] = tuple(path)[:MAX_KEYS]
                    waiting.append(value)
        self._refuse_circle({group for group, count in missing.items() if count})

    def _refuse_circle(self, stuck: set[Group]) -> None:
        """Each of them waits for a key among them; going back from key to key leads round."""
        if not stuck:
            return
        here, seen = min(stuck), dict[Group, int]()
        while here not in seen:
            seen[here] = len(seen)
            here = next(key for key in self.keys[here] if key in stuck)
        circle = [*list(seen)[seen[here] :], here]
        order = {pair: at for at, pair in enumerate(self.pairs)}
        closing = max((Pair(two, one) for one, two in pairwise(circle)), key=order.__getitem__)
        fid, column = self.pairs[closing]
        self._error(
            fid, f"Box {shown(closing.key)} cannot be the key of box {shown(closing.value)}: that "
            "goes round in a circle. Take one of its pairs away.", column,
        )  # fmt: skip

    def _named(self, key: Group) -> tuple[str, int]:
        printed, name = self._text(key)
        return name or printed, key[0]

    def _text(self, group: Group) -> tuple[str, str]:
        parts = [split_text(self._texts[fid]) for fid in group]
        return joined(printed for printed, _ in parts), joined(name for _, name in parts if name)

    def _segments(self, fid: int) -> Iterable[Segment]:
        said = self.read.get(fid, Descriptor()).segments
        return (s for s in said if s.kind is not SegmentKind.PIECE and s.fids)

    def _error(self, fid: int, message: str, column: int = 1) -> None:
        self.problems.append(BoxProblem(fid, message, column))

    def _warning(self, fid: int, message: str, column: int = 1) -> None:
        self.problems.append(BoxProblem(fid, message, column, is_blocking=False))


def shown(group: Group) -> str:
    """As in "Box 5 + 7"."""
    return " + ".join(map(str, group))
