"""A figure, with the peer's beside it where the peer can be measured here."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results" / "latest.json"


@dataclass(frozen=True)
class Figure:
    """`ratio` is ours divided by the peer's; which way is better follows from the unit."""

    name: str
    unit: str
    value: float
    peer: str | None = None
    peer_value: float | None = None

    @property
    def ratio(self) -> float | None:
        return None if not self.peer_value else self.value / self.peer_value


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def quantile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def write(figures: Iterable[Figure]) -> None:
    """Add to the results; figures of the same name are replaced."""
    try:
        known = {entry["name"]: entry for entry in json.loads(RESULTS.read_text())}
    except (OSError, ValueError):
        known = {}
    for figure in figures:
        known[figure.name] = asdict(figure) | {"ratio": figure.ratio}
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(list(known.values()), indent=1) + "\n")


def table(figures: Iterable[Figure]) -> str:
    lines = [
        f"{'figure':<40} {'ours':>12} {'unit':<6} {'peer':<28} {'peer value':>12} {'ratio':>8}"
    ]
    for f in figures:
        peer = f"{f.peer_value:>12.4g}" if f.peer_value is not None else f"{'-':>12}"
        ratio = f"{f.ratio:>8.3f}" if f.ratio is not None else f"{'-':>8}"
        lines.append(
            f"{f.name:<40} {f.value:>12.4g} {f.unit:<6} {f.peer or '-':<28} {peer} {ratio}"
        )
    return "\n".join(lines)
