"""The scheduler at 10,000 nodes and 100,000 queued items, in memory: no database, no network.

Measured as CPU time, which is all it takes, so that what else the machine does is left out.
Kueue's published 43 workloads/s stands beside the decisions per second. It is bound by the
Kubernetes API, which writes every admission; ours here is the decision alone. The end-to-end
figures (`compute.burst100_s`) are what a user sees.
"""

from __future__ import annotations

import gc
import random
import time
from datetime import UTC, datetime, timedelta

from bench.figure import Figure, median, quantile
from slipway.compute.scheduling.model import Evict, GroupRules, Item, Need, Start
from slipway.compute.scheduling.policy import Policy, QueueStrategy
from slipway.compute.scheduling.schedule import loaded
from slipway.compute.types import Card, Node, NodeState

NODES, ITEMS, CHANGES = 10_000, 100_000, 300
KUEUE_PER_S = 43.0
_GIB = 1 << 30
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_MODELS = ("A10", "A100", "H100", "T4")


def figures() -> list[Figure]:
    """Whole-queue traversal: every item is a candidate, the most work of the three strategies."""
    rules = GroupRules(Policy(0, QueueStrategy.WHOLE_QUEUE))
    scheduler = loaded(_nodes(), [], _items(), {"g": rules})
    gc.collect()
    gc.freeze()
    began = time.process_time()
    decided = scheduler.run(_BEGIN)
    full_s = time.process_time() - began
    acts = [d for d in decided if isinstance(d, Start | Evict)]
    changes = []
    for done in random.Random(2).sample([d for d in acts if isinstance(d, Start)], CHANGES):
        scheduler.remove(done.item_id)
        began = time.process_time()
        scheduler.run(_BEGIN + timedelta(days=1))
        changes.append((time.process_time() - began) * 1000)
    gc.unfreeze()
    return [
        Figure("compute.scheduler_full_pass_s", "s", full_s),
        Figure("compute.scheduler_incremental_ms", "ms", median(changes)),
        Figure("compute.scheduler_incremental_p95_ms", "ms", quantile(changes, 0.95)),
        Figure(
            "compute.scheduler_decisions_per_s", "1/s", len(acts) / full_s,
            "Kueue, published, API-bound", KUEUE_PER_S,
        ),
    ]  # fmt: skip


def _nodes() -> list[Node]:
    """A fifth without cards; the others with eight, of four types."""
    return [
        Node(
            f"n{i:05}", "g", f"n{i:05}", "process", "", 64.0, 512 * _GIB,
            tuple(Card(c, _MODELS[i % 4], 16 * _GIB) for c in range(8)) if i % 5 else (),
            NodeState.RUNNING,
        )
        for i in range(NODES)
    ]  # fmt: skip


def _items() -> list[Item]:
    """Tasks and services of ten priorities: shares, cards, whole nodes, runs of four nodes, CPU work."""
    chance = random.Random(1)
    shapes = [(Need(4000, 16 * _GIB, cards, m),) for m in _MODELS for cards in (10, 50, 100, 200, 400, 800)]  # fmt: skip
    shapes += [(Need(16000, 64 * _GIB, 800, m),) * 4 for m in _MODELS]
    shapes += [(Need(cpu, 4 * _GIB),) for cpu in (1000, 2000, 8000)]
    return [
        Item(
            f"i{i:06}", "g", f"p{i % 20}", chance.choice(["training", "service"]), chance.randrange(10),
            _BEGIN + timedelta(seconds=i), chance.choice(shapes),
        )
        for i in range(ITEMS)
    ]  # fmt: skip
