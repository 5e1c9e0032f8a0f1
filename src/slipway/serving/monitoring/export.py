"""The figures of a call report as a table to keep: CSV, or a workbook that Excel opens."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

from slipway.serving.monitoring.report import CallShare

HEADER = (
    "model", "group_id", "group_name", "service_id", "service_name", "calls", "failed",
    "prompt_tokens", "completion_tokens", "tokens", "images", "cost",
)  # fmt: skip
Cell = str | int | float


def rows_of(shares: Iterable[CallShare]) -> Iterator[tuple[Cell, ...]]:
    for share in shares:
        sums = share.sums
        yield (
            share.model, share.group_id, share.group_name, share.service_id, share.service_name,
            sums.calls, sums.failed, sums.prompt_tokens, sums.completion_tokens, sums.tokens,
            sums.images, sums.cost,
        )  # fmt: skip


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8, with a header row. Text that a spreadsheet would run as a formula is kept from it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def as_xlsx(sheet: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A workbook with one sheet (ECMA-376, the least that readers ask for)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in _FRAME.items():
            book.writestr(name, _XML + text)
        book.writestr("xl/workbook.xml", _XML + _WORKBOOK.format(escape(sheet)))
        lines = [_line(1, header), *(_line(n, row) for n, row in enumerate(rows, start=2))]
        data = f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'
        book.writestr("xl/worksheets/sheet1.xml", _XML + data)
    return out.getvalue()


def _harmless(cell: Cell) -> Cell:
    risky = isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r")
    return f"'{cell}" if risky else cell


def _line(number: int, cells: Sequence[Cell]) -> str:
    return f'<row r="{number}">{"".join(_cell(cell) for cell in cells)}</row>'


def _cell(cell: Cell) -> str:
    if isinstance(cell, str):
        shown = escape("".join(c for c in cell if c.isprintable()))
        return f'<c t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'
    return f"<c><v>{cell}</v></c>"


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FRAME = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_SHEETS}.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml"'
        f' ContentType="{_SHEETS}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
_WORKBOOK = (
    f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="{}" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
