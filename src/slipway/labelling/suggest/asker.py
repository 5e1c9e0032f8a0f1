"""How a model is asked: handed in by the API, since services live on a higher floor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from slipway.iam.types import Actor


class Asker(Protocol):
    async def name_of(self, actor: Actor, service_id: str) -> str:
        """The service's name. Raises NotFound or Invalid where it cannot be asked."""
        ...

    async def ask(self, actor: Actor, service_id: str, messages: Sequence[dict[str, str]]) -> str:
        """The model's words. Raises SlipwayError where there are none."""
        ...
