"""CSV tables: UTF-8 or GB18030, separated by ',', ';' or tab, quoted as in RFC 4180."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from slipway.data.errors import Findings
from slipway.data.manifest import SourceFile
from slipway.data.statistics import Histogram
from slipway.data.types import Column, ColumnType, Problem

MAX_DISTINCT = 1000  # DAT-38: more values than this are not listed one by one
MAX_FIELD_BYTES = 16 << 20
MAX_COLUMNS = 2000
_SHOWN_LETTERS = 200
_PROBE_BYTES = 1 << 20
_INT = re.compile(r"[+-]?\d{1,18}")
_FLOAT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
_BOOLS = frozenset({"true", "false", "yes", "no", "0", "1"})
_MATCHES: dict[ColumnType, Callable[[str], object]] = {
    ColumnType.INT: _INT.fullmatch,
    ColumnType.FLOAT: _FLOAT.fullmatch,
    ColumnType.BOOL: lambda text: text.lower() in _BOOLS,
    ColumnType.STRING: lambda text: True,
}


@dataclass(frozen=True, slots=True)
class TableRow:
    line: int
    offset: int
    length: int
    values: list[str]


def probe(path: str, file: BinaryIO) -> SourceFile:
    """How a file is written, judged by its beginning."""
    head = file.read(_PROBE_BYTES)
    file.seek(0)
    encoding = "utf-8"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        encoding = "gb18030"
    first = next((line for line in head.splitlines() if line.strip()), b"")
    unquoted = re.sub(rb'"[^"]*"', b"", first)
    delimiter = max(",;\t", key=lambda letter: unquoted.count(letter.encode()))
    return SourceFile(path, encoding, delimiter)


def read_rows(file: BinaryIO, source: SourceFile, findings: Findings) -> Iterator[TableRow]:
    """Rows with the bytes they come from. Rows may span lines; empty lines are ignored."""
    lines = _Lines(file, source.encoding)
    csv.field_size_limit(MAX_FIELD_BYTES)
    reader = csv.reader(lines, delimiter=source.delimiter, strict=True)
    while True:
        start, line = lines.offset, reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except UnicodeDecodeError:
            findings.error(Problem(f"not {source.encoding.upper()} text.", source.path, line))
            return
        except csv.Error as error:
            findings.error(Problem(f"not valid CSV: {error}.", source.path, line))
            return
        if values:
            yield TableRow(line, start, lines.offset - start, values)


def parse_row(data: bytes, source: SourceFile) -> list[str]:
    """One row again, from the bytes that `read_rows` told."""
    csv.field_size_limit(MAX_FIELD_BYTES)
    text = data.decode(source.encoding, "replace").removeprefix("\ufeff")
    return next(csv.reader(text.splitlines(keepends=True), delimiter=source.delimiter), [])


class _Lines:
    """Decoded lines of a file; `offset` is where the next one starts. Read only as far as asked."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file, self._encoding = file, encoding
        self.offset = len(codecs.BOM_UTF8) if file.read(3) == codecs.BOM_UTF8 else 0
        file.seek(self.offset)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        raw = self._file.readline(MAX_FIELD_BYTES)
        if not raw:
            raise StopIteration
        self.offset += len(raw)
        return raw.decode(self._encoding)


class ColumnProfile:
    """One column over all rows: its type, its values or their spread."""

    def __init__(self, name: str, declared: ColumnType | None) -> None:
        self.name, self._declared = name, declared
        self._possible = [declared] if declared else [*ColumnType]
        self._values: Counter[str] | None = Counter()
        self._numbers = Histogram()
        self._empty = 0

    def add(self, text: str) -> bool:
        """False if the text is not of the declared type. Empty is a missing value of any type."""
        if not text:
            self._empty += 1
            return True
        if self._values is not None:
            if text in self._values:
                self._values[text] += 1
                return True
            if not self._narrow(text):
                return False
            self._values[text] = 1
            if len(self._values) > MAX_DISTINCT:
                self._spill()
            return True
        if not self._narrow(text):
            return False
        if self.is_numeric:
            self._numbers.add(float(text))
        return True

    @property
    def is_numeric(self) -> bool:
        return self.type in (ColumnType.INT, ColumnType.FLOAT)

    @property
    def type(self) -> ColumnType:
        if self._declared is None and not self._values and self._values is not None:
            return ColumnType.STRING
        if self._declared is None and ColumnType.BOOL in self._possible and self._says_bool():
            return ColumnType.BOOL
        return next(
            kind for kind in self._possible if kind is not ColumnType.BOOL or self._declared
        )

    def to_column(self) -> Column:
        return Column(self.name, self.type)

    def to_json(self) -> dict[str, Any]:
        numbers = None
        if self.is_numeric:
            for text, count in (self._values or {}).items():
                self._numbers.add(float(text), count)
            numbers = self._numbers.to_json()
        values = None
        if self._values is not None:
            common = self._values.most_common()
            values = [[text[:_SHOWN_LETTERS], count] for text, count in common]
        return {
            "name": self.name, "type": self.type.value, "empty_count": self._empty,
            "distinct_count": None if self._values is None else len(self._values),
            "values": values, "numbers": numbers,
        }  # fmt: skip

    def _narrow(self, text: str) -> bool:
        self._possible = [kind for kind in self._possible if _MATCHES[kind](text)] or self._possible
        return bool(_MATCHES[self._possible[0]](text))

    def _says_bool(self) -> bool:
        """0 and 1 alone are taken for numbers."""
        values: Counter[str] = self._values or Counter()
        return not all(text in ("0", "1") for text in values)

    def _spill(self) -> None:
        """Too many values to list: keep the spread of numbers only."""
        if self.is_numeric:
            for text, count in (self._values or {}).items():
                self._numbers.add(float(text), count)
        self._values = None
