"""The check that the documentation gives to receivers, run as it stands there."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from slipway.alerts.webhook import signature

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rooms" / "alerts.md"


def test_the_documented_check_accepts_ours_and_nothing_else() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, str(PAGE), "exec"), names)
    is_genuine, body, now = names["is_genuine"], b'{"event": "x"}', int(time.time())
    assert is_genuine("whsec_1", signature("whsec_1", body, at=now), body)
    assert not is_genuine("whsec_2", signature("whsec_1", body, at=now), body)
    assert not is_genuine("whsec_1", signature("whsec_1", body, at=now), body + b" ")
    assert not is_genuine("whsec_1", signature("whsec_1", body, at=now - 600), body)
