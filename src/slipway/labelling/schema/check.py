"""Is a schema right? Seen with an empty record and, where there are some, with real ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from slipway.base.errors import Invalid
from slipway.labelling.schema.document import Document, document_for
from slipway.labelling.schema.errors import SchemaProblem


def checked_schema(text: str, records: Iterable[dict[str, Any]] = ()) -> Document:
    """Invalid with line and column, or the document of the last record."""
    try:
        document = document_for(text, {})
        for record in records:
            document = document_for(text, record)
    except SchemaProblem as problem:
        raise refused(problem) from problem
    return document


def refused(problem: SchemaProblem) -> Invalid:
    return Invalid(
        str(problem), field="schema", code="bad_schema", line=problem.line, column=problem.column
    )
