"""What is wrong with a schema, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SchemaProblem(Exception):
    """`line` and `column` count from 1, in the schema's text; 0 where there is no place."""

    message: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.message
        return f"Line {self.line}, column {self.column}: {self.message}"
