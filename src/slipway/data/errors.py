"""Why an import stops."""

from __future__ import annotations

from slipway.data.types import Problem

MAX_PROBLEMS = 100  # DAT-15: the first hundred are kept


class ImportRefusedError(Exception):
    """The data breaks a rule. `problems` says where; nothing of it is imported."""

    def __init__(self, problems: list[Problem], *, more: bool = False) -> None:
        super().__init__(str(problems[0]))
        self.problems = tuple(problems[:MAX_PROBLEMS])
        self.more = more  # reading stopped at the limit: there may be further ones

    @property
    def reason(self) -> str:
        rest = len(self.problems) - 1
        if not rest:
            return str(self.problems[0])
        count = f"at least {rest}" if self.more else str(rest)
        return f"{self.problems[0]} ({count} more problem{'s' if rest > 1 else ''})"


class ImportStoppedError(Exception):
    """The dataset is being deleted, or the platform is stopping."""


class Findings:
    """Collects what is wrong. Errors refuse the import in the end; warnings only go with it."""

    def __init__(self) -> None:
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []
        self.warning_count = 0

    def error(self, problem: Problem) -> None:
        self.errors.append(problem)
        if len(self.errors) >= MAX_PROBLEMS:
            raise ImportRefusedError(self.errors, more=True)

    def warn(self, problem: Problem) -> None:
        self.warning_count += 1
        if len(self.warnings) < MAX_PROBLEMS:
            self.warnings.append(problem)

    def check(self) -> None:
        if self.errors:
            raise ImportRefusedError(self.errors)


def refuse(message: str, *, file: str | None = None, line: int | None = None) -> ImportRefusedError:
    return ImportRefusedError([Problem(message, file, line)])
