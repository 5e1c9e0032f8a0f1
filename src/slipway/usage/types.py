from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class UsageKind(StrEnum):
    INSTANCE_SECONDS = "instance_seconds"  # details: cpu_cores, memory_bytes, gpus held meanwhile
    CARD_SECONDS_WAITED = "card_seconds_waited"  # cards asked for, times the time in the queue
    CARD_SECONDS_USED = "card_seconds_used"  # details: measured, the card-seconds it is known of
    REQUESTS = "requests"
    TOKENS = "tokens"  # details: prompt_tokens, completion_tokens
    STORED_BYTES = "stored_bytes"


@dataclass(frozen=True, slots=True)
class Usage:
    """One fact. `source` names where it comes from so that telling it twice counts once."""

    source: str
    project_id: str
    time: datetime
    kind: UsageKind
    subject_kind: str
    subject_id: str
    quantity: float
    details: dict[str, Any] = field(default_factory=dict)
