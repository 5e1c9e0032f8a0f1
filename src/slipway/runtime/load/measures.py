"""What the answers of one step come to."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from slipway.runtime.load.connection import Answer

_TOKENS = re.compile(rb'"completion_tokens"\s*:\s*(\d+)')


@dataclass
class Measures:
    """Of one number of callers. Times are kept one by one, for exact quantiles."""

    concurrency: int
    took_s: list[float] = field(default_factory=list)
    first_s: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    size_bytes: int = 0
    tokens: int = 0
    seconds: float = 0.0
    _told: int = 0  # answers that `lately` has reported

    def add(self, answer: Answer) -> None:
        if 200 <= answer.status < 400:
            self.took_s.append(answer.took_s)
            self.first_s.append(answer.first_s)
            self.size_bytes += answer.size_bytes
            self.tokens += _tokens(answer.tail)
        else:
            self.failures[str(answer.status) if answer.status else answer.problem] += 1

    def lately(self, seconds: float) -> dict[str, float]:
        """Since it was asked last: answers a second and how long the slower ones took."""
        new = self.took_s[self._told :]
        self._told = len(self.took_s)
        found = {"concurrency": float(self.concurrency), "live_rps": len(new) / seconds}
        if new:
            found["live_p95_ms"] = quantile(sorted(new), 0.95) * 1000
        return found

    def summary(self) -> dict[str, float]:
        """Latencies are those of answers with a status of 200 to 399."""
        seconds = max(self.seconds, 1e-9)
        failed = sum(self.failures.values())
        found = {
            "concurrency": float(self.concurrency), "seconds": self.seconds,
            "requests": float(len(self.took_s) + failed), "failed": float(failed),
            "rps": len(self.took_s) / seconds, "bytes_per_s": self.size_bytes / seconds,
        }  # fmt: skip
        if self.tokens:
            found["tokens_per_s"] = self.tokens / seconds
        for name, times in (("", sorted(self.took_s)), ("first_", sorted(self.first_s))):
            if not times:
                continue
            found[f"{name}mean_ms"] = sum(times) / len(times) * 1000
            for percent in (50, 90, 95, 99):
                found[f"{name}p{percent}_ms"] = quantile(times, percent / 100) * 1000
            found[f"{name}max_ms"] = times[-1] * 1000
        return found


def quantile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def _tokens(tail: bytes) -> int:
    """Of a language model's answer: what its usage says at the end."""
    found = _TOKENS.findall(tail)
    return int(found[-1]) if found else 0
