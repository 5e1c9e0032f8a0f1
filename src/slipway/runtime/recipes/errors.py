"""What stops a recipe: each error is one or more sentences for the person who started it."""

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN_PROBLEMS = 20


class RecipeError(Exception):
    """The run cannot go on; the text says what is wrong and what to change."""


class HyperParameterError(RecipeError):
    """A hyper-parameter has a wrong name, type or value. The text starts with its name."""


class CheckpointError(RecipeError):
    """The output directory and the wish to resume do not fit together."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in the training data."""

    file: str
    place: str  # "line 3" or "item 3"; empty when the whole file is meant
    reason: str

    def __str__(self) -> str:
        where = f"{self.file}, {self.place}" if self.place else self.file
        return f"{where}: {self.reason}"


class DataError(RecipeError):
    """The training data breaks the format. `problems` holds every fault found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        shown = [str(problem) for problem in self.problems[:SHOWN_PROBLEMS]]
        hidden = len(self.problems) - len(shown)
        if hidden:
            shown.append(f"... and {hidden} more.")
        super().__init__("The data cannot be used:\n  " + "\n  ".join(shown))
