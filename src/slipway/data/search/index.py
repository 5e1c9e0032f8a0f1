"""An index of one version: its samples as a table that DuckDB reads.

`.cache/v<n>/index-1/`: `samples.duckdb`, a row a sample in the manifest's order (so `rowid` is the
sample's number), and `fields.json`. It can be made again from the version at any time.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from slipway.base.errors import Invalid
from slipway.base.ids import new_secret
from slipway.data.formats.table import parse_row
from slipway.data.manifest import SAMPLES, Manifest
from slipway.data.progress import Ticker
from slipway.data.search.language import (
    Condition,
    FieldType,
    SearchField,
    as_text,
    parse_order,
    parse_query,
)
from slipway.data.types import IMAGE_KINDS, LINE_KINDS, DatasetKind

if TYPE_CHECKING:
    import duckdb
    import numpy as np
    from numpy.typing import NDArray

NAME = "index-1"  # another number where what is in it changes
_PAGE = 2000
_MAX_LINE_BYTES = 32 << 20
_BUILD = "set threads = 2; set memory_limit = '400MB'; set preserve_insertion_order = true"
_READ = "set threads = 2; set memory_limit = '512MB'; set enable_external_access = false"
_QUERY_S = 20.0
_SHAPE = "struct(label varchar, width double, height double)[]"


def build_index(manifest: Manifest, place: Path, ticker: Ticker) -> None:
    """Make the index at `place`, whole or not at all. Blocks; may be killed at any line."""
    if place.exists():
        return
    work = place.with_name(f".{place.name}-{new_secret('', 8)}")
    work.mkdir(parents=True)
    try:
        ticker.begin(1.0, 3)
        _build(manifest, work, ticker)
        ticker.advance(1)
        try:
            work.rename(place)
        except OSError:
            if not place.exists():
                raise  # else another was first
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _build(manifest: Manifest, work: Path, ticker: Ticker) -> None:
    import duckdb

    kind = manifest.summary.kind
    columns = _columns(manifest)
    names = [column.source for column in columns]
    with duckdb.connect(str(work / "samples.duckdb")) as table:
        table.execute(f"set temp_directory = '{_quoted(str(work / 'spill'))}'; {_BUILD}")
        direct = _direct_files(manifest)
        # The files can be read as they are, unless two fields differ by case only.
        if direct and len({name.lower() for name in names}) == len(names):
            try:
                _load(table, direct, columns, plain=False)
            except duckdb.Error:
                direct = []
        else:
            direct = []
        ticker.advance(1)
        if not direct or _count(table) != manifest.summary.sample_count:
            table.execute("drop table if exists samples")
            lines = work / "lines.jsonl"
            _write_lines(manifest, columns, lines, ticker)
            _load(table, [lines], columns, plain=True)
            lines.unlink()
        if _count(table) != manifest.summary.sample_count:
            raise Invalid("The samples could not be indexed: their number does not come out right.")
    shutil.rmtree(work / "spill", ignore_errors=True)
    fields = [column.field for column in columns] + _extra_fields(kind)
    value = [
        {"name": f.name, "type": f.type.value, "column": f.column, "length": f.length}
        for f in fields
    ]
    (work / "fields.json").write_bytes(orjson.dumps(value))


@dataclass(frozen=True, slots=True)
class _Column:
    source: str  # its name in the JSON lines
    sql_type: str
    field: SearchField


def _columns(manifest: Manifest) -> list[_Column]:
    kind, statistics = manifest.summary.kind, manifest.summary.statistics
    if kind in LINE_KINDS:
        found = [(f["name"], _type_of(f["types"])) for f in statistics.get("fields", ())]
    elif kind is DatasetKind.TABLE:
        kinds = {"int": FieldType.NUMBER, "float": FieldType.NUMBER}
        found = [
            (c["name"], kinds.get(c["type"], FieldType.TEXT)) for c in statistics["columns"][:200]
        ]
    else:
        found = [("path", FieldType.TEXT), ("size_bytes", FieldType.NUMBER)]
        if kind in IMAGE_KINDS:
            found += [("width", FieldType.NUMBER), ("height", FieldType.NUMBER)]
    columns = []
    for number, (name, type_) in enumerate(found):
        length = f"l{number}" if type_ in (FieldType.TEXT, FieldType.JSON) else None
        field = SearchField(name, type_, f"c{number}", length)
        columns.append(_Column(name, _SQL_TYPES[type_], field))
    return columns


_SQL_TYPES = {
    FieldType.TEXT: "varchar", FieldType.NUMBER: "double", FieldType.BOOL: "boolean",
    FieldType.JSON: "json", FieldType.LIST: "varchar[]",
}  # fmt: skip


def _extra_fields(kind: DatasetKind) -> list[SearchField]:
    if kind not in IMAGE_KINDS:
        return []
    return [
        SearchField("labels", FieldType.LIST, "labels"),
        SearchField("smallest_side", FieldType.NUMBER, "smallest_side"),
    ]


def _type_of(types: Mapping[str, int]) -> FieldType:
    known = set(types) - {"null"}
    if known <= {"string"}:
        return FieldType.TEXT
    if known == {"number"}:
        return FieldType.NUMBER
    return FieldType.BOOL if known == {"bool"} else FieldType.JSON


def _direct_files(manifest: Manifest) -> list[Path]:
    kind = manifest.summary.kind
    if kind is DatasetKind.TABLE:
        return []
    if kind not in LINE_KINDS:
        return [manifest.directory / SAMPLES]
    return [manifest.directory / "files" / source.path for source in manifest.sources]


def _load(
    table: duckdb.DuckDBPyConnection, files: Sequence[Path], columns: list[_Column], *, plain: bool
) -> None:
    """One statement from lines to table. `plain`: the lines name columns as the table does."""
    images = any(column.source == "width" for column in columns) and not plain
    given = {(c.field.column if plain else c.source): c.sql_type for c in columns}
    if images:
        given |= {"labels": "varchar[]", "boxes": _SHAPE}
    shape = ", ".join(f"'{_quoted(name)}': '{kind}'" for name, kind in given.items())
    chosen = [
        f"{c.field.column if plain else _identifier(c.source)} as {c.field.column}" for c in columns
    ]
    texts = []
    for column in columns:
        source = column.field.column if plain else _identifier(column.source)
        if column.field.type is FieldType.JSON:
            source = f"({source}->>'$')"
        if column.field.length is not None:
            chosen.append(f"length({source}) as {column.field.length}")
            texts.append(source)
    if images:
        every = "list_concat(coalesce(labels, []), coalesce(list_transform(boxes, lambda b: b.label), []))"
        chosen.append(f"{every} as labels")
        chosen.append(
            "list_min(list_transform(boxes, lambda b: least(b.width, b.height))) as smallest_side"
        )
        texts.append(f"array_to_string({every}, chr(10))")
    whole = f"lower(concat_ws(chr(10), {', '.join(texts)}))" if texts else "''"
    table.execute(
        f"create table samples as select {', '.join([*chosen, f'{whole} as _text'])} "  # noqa: S608  names chosen or quoted here
        f"from read_ndjson(?, columns = {{{shape}}}, maximum_object_size = {_MAX_LINE_BYTES})",
        [[str(file) for file in files]],
    )


def _write_lines(manifest: Manifest, columns: list[_Column], place: Path, ticker: Ticker) -> None:
    """The samples with only their indexed fields, under the names of the columns."""
    with place.open("wb") as out:
        for start in range(0, manifest.summary.sample_count, _PAGE):
            stop = min(start + _PAGE, manifest.summary.sample_count)
            for raw in manifest.read(range(start, stop)):
                if manifest.summary.kind is DatasetKind.TABLE:
                    values: list[Any] = list(parse_row(raw.data, manifest.sources[raw.source]))
                    values += [None] * (len(columns) - len(values))
                    row = {c.field.column: v or None for c, v in zip(columns, values, strict=False)}
                else:
                    value = orjson.loads(raw.data)
                    row = {c.field.column: value.get(c.source) for c in columns}
                out.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
            ticker.check()


def _count(table: duckdb.DuckDBPyConnection) -> int:
    found = table.execute("select count(*) from samples").fetchone()
    return int(found[0]) if found else 0


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class Index:
    """An index opened for reading, by many at once."""

    def __init__(self, place: Path) -> None:
        import duckdb

        self.fields = {
            value["name"]: SearchField(
                value["name"], FieldType(value["type"]), value["column"], value["length"]
            )
            for value in orjson.loads((place / "fields.json").read_bytes())
        }
        self._table = duckdb.connect(str(place / "samples.duckdb"), read_only=True)
        self._table.execute(_READ)
        # What is asked once is paged through: page 2 must not cost the search again.
        self.numbers = lru_cache(maxsize=16)(self._numbers)

    def condition(self, query: str) -> Condition:
        return parse_query(query, self.fields)

    def _numbers(self, query: str, order: str) -> NDArray[np.uint32]:
        """The numbers of all samples that match, in order."""
        condition, by = self.condition(query), parse_order(order, self.fields)
        with self._asking() as cursor:
            found = cursor.execute(
                f"select rowid::uinteger as n from samples where {condition.sql} order by {by}",  # noqa: S608  from parse_query
                list(condition.values),
            ).fetchnumpy()["n"]
        result: NDArray[np.uint32] = found
        return result

    def text_of(self, name: str) -> list[str]:
        """The field's value of every sample, as text."""
        field = self.fields.get(name)
        if field is None:
            raise Invalid(f"There is no field {name[:60]!r}.", field="field")
        found = self.rows(
            f"select coalesce({as_text(field)}, '') from samples order by rowid",  # noqa: S608
            (),
        )
        return [value for (value,) in found]

    def rows(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self._asking() as cursor:
            return cursor.execute(sql, list(values)).fetchall()

    @contextmanager
    def _asking(self) -> Iterator[duckdb.DuckDBPyConnection]:
        import duckdb

        with self._table.cursor() as cursor:
            ended = threading.Timer(_QUERY_S, cursor.interrupt)
            ended.start()
            try:
                yield cursor
            except duckdb.InterruptException as error:
                raise Invalid(
                    f"The search took longer than {_QUERY_S:g} seconds. Narrow it down.",
                    field="q", code="too_slow",
                ) from error  # fmt: skip
            except duckdb.Error as error:
                raise Invalid(
                    f"The search cannot be carried out: {str(error).splitlines()[0][:200]}",
                    field="q", code="bad_query",
                ) from error  # fmt: skip
            finally:
                ended.cancel()


@lru_cache(maxsize=16)
def open_index(place: Path) -> Index:
    """An index never changes once it is there."""
    return Index(place)
