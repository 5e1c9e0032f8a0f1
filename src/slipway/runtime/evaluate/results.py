"""`results.json`: the figures with everything that is needed to get them again."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slipway.runtime.evaluate.journal import write_atomically

RESULTS_FILE = "results.json"


def write_results(
    directory: Path,
    settings: dict[str, Any],
    backend: dict[str, Any],
    results: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """Values keep their full precision; rounding is for whoever shows them."""
    content = {
        "results": list(results),
        "settings": settings,
        "backend": backend,
        "ended_at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    write_atomically(directory / RESULTS_FILE, json.dumps(content, ensure_ascii=False, indent=1))
    return content
