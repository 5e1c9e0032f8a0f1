"""Numbers for Prometheus, kept as plain integers and written out on demand."""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from slipway.gateway.usage import UsageRecord

if TYPE_CHECKING:
    from slipway.gateway.core import Gateway

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
# One series is ((("service", "ms-..."), ...), value).
Labels = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class ServiceNumbers:
    requests: dict[int, int] = field(default_factory=lambda: defaultdict(int))  # by status
    prompt_tokens: int = 0
    completion_tokens: int = 0
    images: int = 0
    request_bytes: int = 0
    response_bytes: int = 0
    duration_s: float = 0.0
    durations: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    first_byte_s: float = 0.0
    firsts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    spoken_tokens: int = 0  # of answers that came with tokens after their first byte
    speaking_s: float = 0.0


class Metrics:
    """Counts finished requests by service. Requests for no known service count under ""."""

    def __init__(self) -> None:
        self.refused_connections = 0
        self._services: dict[str, ServiceNumbers] = {}

    def count(self, record: UsageRecord, duration_s: float) -> None:
        service, completion = record["service"], record["completion_tokens"]
        numbers = self._services.get(service)
        if numbers is None:
            numbers = self._services[service] = ServiceNumbers()
        numbers.requests[record["status"]] += 1
        numbers.prompt_tokens += record["prompt_tokens"]
        numbers.completion_tokens += completion
        numbers.images += record["images"]
        numbers.request_bytes += record["request_bytes"]
        numbers.response_bytes += record["response_bytes"]
        numbers.duration_s += duration_s
        numbers.durations[bisect_left(BUCKETS_S, duration_s)] += 1
        ttft_ms = record["ttft_ms"]
        if ttft_ms is not None:
            first_s = ttft_ms / 1000
            numbers.first_byte_s += first_s
            numbers.firsts[bisect_left(BUCKETS_S, first_s)] += 1
            if record["stream"] and completion:
                numbers.spoken_tokens += completion
                numbers.speaking_s += max(0.0, duration_s - first_s)

    def text(self, gateway: "Gateway") -> bytes:
        lines: list[str] = []
        for name, kind, meaning, read in _COUNTERS:
            series = [
                ((("service", service), *labels), value)
                for service, numbers in self._services.items()
                for labels, value in read(numbers)
            ]
            lines += _family(name, kind, meaning, series)
        lines += self._histograms()
        lines += _prefixes(gateway)
        for name, kind, meaning, value in _process_numbers(gateway):
            lines += _family(name, kind, meaning, [((), value)])
        return ("\n".join(lines) + "\n").encode()

    def _histograms(self) -> list[str]:
        """Durations and times to the first byte; a scraper makes any quantile of them, the two
        that people ask for are beside them, from the same buckets."""
        lines: list[str] = []
        for name, meaning in (
            ("request_duration", "From a request's head to its answer's last byte."),
            ("first_byte", "From a request's head to its answer's first byte (TTFT)."),
        ):
            found = [
                (service, n.durations, n.duration_s)
                if name == "request_duration"
                else (service, n.firsts, n.first_byte_s)
                for service, n in self._services.items()
            ]
            full = f"slipway_gateway_{name}_seconds"
            lines += [f"# HELP {full} {meaning}", f"# TYPE {full} histogram"]
            for service, amounts, total_s in found:
                lines += _buckets(full, service, amounts, total_s)
            lines += [f"# HELP {full}_quantile Of all requests so far, within a bucket's width.",
                      f"# TYPE {full}_quantile gauge"]  # fmt: skip
            for service, amounts, _ in found:
                lines += [
                    f'{full}_quantile{{service="{service}",quantile="{q}"}} {value:.6f}'
                    for q in (0.5, 0.95)
                    if (value := quantile(amounts, q)) is not None
                ]
        return lines


def _buckets(name: str, service: str, amounts: list[int], total_s: float) -> list[str]:
    lines, running = [], 0
    for bound, amount in zip((*BUCKETS_S, "+Inf"), amounts, strict=True):
        running += amount
        lines.append(f'{name}_bucket{{service="{service}",le="{bound}"}} {running}')
    lines.append(f'{name}_sum{{service="{service}"}} {total_s:.6f}')
    lines.append(f'{name}_count{{service="{service}"}} {running}')
    return lines


def quantile(amounts: list[int], share: float) -> float | None:
    """Seconds below which this share of the requests lies; even spread inside a bucket is assumed."""
    total = sum(amounts)
    if not total:
        return None
    wanted, running, low = share * total, 0, 0.0
    for bound, amount in zip(BUCKETS_S, amounts, strict=False):
        if amount and running + amount >= wanted:
            return low + (bound - low) * (wanted - running) / amount
        running, low = running + amount, bound
    return BUCKETS_S[-1]


_COUNTERS = (
    (
        "requests_total",
        "counter",
        "Finished requests by status.",
        lambda n: [((("status", str(s)),), v) for s, v in n.requests.items()],
    ),
    (
        "tokens_total",
        "counter",
        "Tokens of LLM calls.",
        lambda n: [
            ((("kind", "prompt"),), n.prompt_tokens),
            ((("kind", "completion"),), n.completion_tokens),
        ],
    ),
    ("images_total", "counter", "Images made.", lambda n: [((), n.images)]),
    ("request_bytes_total", "counter", "Bytes of bodies in.", lambda n: [((), n.request_bytes)]),
    ("response_bytes_total", "counter", "Bytes of bodies out.", lambda n: [((), n.response_bytes)]),
    (
        "streamed_tokens_total",
        "counter",
        "Tokens of streamed answers.",
        lambda n: [((), n.spoken_tokens)],
    ),
    (
        "streaming_seconds_total",
        "counter",
        "Time that streams took after their first byte.",
        lambda n: [((), n.speaking_s)],
    ),
    (
        "tokens_per_second",
        "gauge",
        "Speed of streamed answers so far.",
        lambda n: [((), n.spoken_tokens / n.speaking_s)] if n.speaking_s else [],
    ),
)


def _prefixes(gateway: "Gateway") -> list[str]:
    """Hits by lookups is the hit rate of prefix affinity."""
    blocks: list[tuple[Labels, float]] = []
    hits: list[tuple[Labels, float]] = []
    for service, numbers in gateway.router.prefix_numbers.items():
        blocks.append(((("service", service),), numbers.blocks))
        hits.append(((("service", service),), numbers.hits))
    return [
        *_family("prefix_blocks_total", "counter", "Prompt blocks looked up.", blocks),
        *_family("prefix_hits_total", "counter", "Blocks sent where they were known.", hits),
    ]


def _process_numbers(gateway: "Gateway") -> list[tuple[str, str, str, float]]:
    log_lost = gateway.access_log.lost if gateway.access_log is not None else 0
    return [
        ("connections", "gauge", "Open client connections.", len(gateway.connections)),
        (
            "malformed_total",
            "counter",
            "Connections refused as broken.",
            gateway.metrics.refused_connections,
        ),
        ("control_connected", "gauge", "1 while the feed is followed.", gateway.feed.connected),
        ("unsent_usage_batches", "gauge", "Batches on disk.", gateway.usage.unsent_batches),
        ("usage_lost_total", "counter", "Records lost with no room.", gateway.usage.lost),
        ("log_lines_lost_total", "counter", "Access log lines dropped.", log_lost),
    ]


def _family(name: str, kind: str, meaning: str, series: list[tuple[Labels, float]]) -> list[str]:
    name = f"slipway_gateway_{name}"
    lines = [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
    for labels, value in series:
        shown = ",".join(f'{label}="{text}"' for label, text in labels)
        number = f"{value:.6f}" if isinstance(value, float) else str(int(value))
        lines.append(f"{name}{{{shown}}} {number}" if shown else f"{name} {number}")
    return lines
