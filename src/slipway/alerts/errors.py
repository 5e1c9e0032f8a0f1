"""What can be refused here."""

from __future__ import annotations

from slipway.base.errors import Invalid


class PatternFault(Invalid):
    """A matching pattern is wrong at one place, counted from line 1, column 1."""

    code = "bad_pattern"

    def __init__(self, message: str, *, line: int, column: int) -> None:
        super().__init__(
            f"Line {line}, column {column}: {message}", field="pattern", line=line, column=column
        )
        self.sentence, self.line, self.column = message, line, column
