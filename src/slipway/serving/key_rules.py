"""What a key may do beyond being right: limits, budgets, an end, addresses and models.

Kept as JSON with a key or a group, sent to the gateway as it is; money is in millionths there.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from slipway.base.clock import rfc3339
from slipway.base.errors import Invalid

MILLIONTHS = 1_000_000
MOST = 10**15
MAX_ADDRESSES, MAX_MODELS = 100, 200
_COUNTS = ("rpm", "tpm", "tpd", "ipm", "concurrency", "tokens_month")
_TOKENS = ("tpm", "tpd", "tokens_month", "cost_day", "cost_month")
_COSTS = ("cost_day", "cost_month")


@dataclass(frozen=True, slots=True)
class KeyRules:
    """None is no such rule. Costs are in the currency of the models' prices."""

    rpm: int | None = None
    tpm: int | None = None
    tpd: int | None = None
    ipm: int | None = None
    concurrency: int | None = None
    tokens_month: int | None = None
    cost_day: Decimal | None = None
    cost_month: Decimal | None = None
    expires_at: datetime | None = None
    addresses: tuple[str, ...] | None = None
    models: tuple[str, ...] | None = None

    @classmethod
    def of(cls, kept: dict[str, Any]) -> KeyRules:
        """From what `as_json` made; what is not there is None."""
        end = kept.get("expires_at")
        values: dict[str, Any] = {name: kept.get(name) for name in _COUNTS}
        values |= {name: _money(kept.get(name)) for name in _COSTS}
        values |= {name: _tuple(kept.get(name)) for name in ("addresses", "models")}
        return cls(**values, expires_at=datetime.fromisoformat(end) if end else None)

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {name: getattr(self, name) for name in _COUNTS}
        for name in _COSTS:
            cost = getattr(self, name)
            found[name] = None if cost is None else str(cost)
        found["expires_at"] = None if self.expires_at is None else rfc3339(self.expires_at)
        found["addresses"] = None if self.addresses is None else list(self.addresses)
        found["models"] = None if self.models is None else list(self.models)
        return {name: value for name, value in found.items() if value is not None}

    def for_gateway(self) -> dict[str, Any]:
        """The parts of a key's object in the feed that follow from its rules."""
        limits: dict[str, Any] = {name: getattr(self, name) for name in _COUNTS}
        limits |= {name: in_millionths(getattr(self, name)) for name in _COSTS}
        return {
            "expires_at": None if self.expires_at is None else rfc3339(self.expires_at),
            "limits": limits,
            "addresses": None if self.addresses is None else list(self.addresses),
            "models": None if self.models is None else list(self.models),
        }


def in_millionths(cost: Decimal | None) -> int | None:
    return None if cost is None else int(cost * MILLIONTHS)


def check_rules(rules: KeyRules, *, llm: bool) -> None:
    """Raises Invalid naming the field."""
    for name in _COUNTS:
        value = getattr(rules, name)
        if value is not None and not 1 <= value <= MOST:
            raise Invalid(
                f"The limit {name} is a whole number from 1; leave it empty for no limit.",
                field=name,
            )
    for name in _COSTS:
        cost = getattr(rules, name)
        if cost is not None and not 0 < cost <= 10**9:
            raise Invalid(
                "A budget is more than 0 and at most 1,000,000,000; leave it empty for none.",
                field=name,
            )
    if not llm and any(getattr(rules, name) is not None for name in (*_TOKENS, "ipm")):
        raise Invalid(
            "Token limits need an LLM service: only its answers say how many tokens were used.",
            field="tpm", code="not_an_llm",
        )  # fmt: skip
    for address in rules.addresses or ():
        _check_address(address)
    for name, values, most in (
        ("addresses", rules.addresses, MAX_ADDRESSES), ("models", rules.models, MAX_MODELS)
    ):  # fmt: skip
        if values is not None and not 1 <= len(values) <= most:
            raise Invalid(
                f"The list of {name} has 1 to {most} entries; leave it out to allow every one.",
                field=name,
            )


def _check_address(address: str) -> None:
    try:
        ipaddress.ip_network(address, strict=False)
    except ValueError as cause:
        raise Invalid(
            f"{address!r} is neither an address nor a network such as 10.0.0.0/8.",
            field="addresses",
        ) from cause


def _money(kept: str | None) -> Decimal | None:
    return None if kept is None else Decimal(kept)


def _tuple(kept: list[str] | None) -> tuple[str, ...] | None:
    return None if kept is None else tuple(kept)
