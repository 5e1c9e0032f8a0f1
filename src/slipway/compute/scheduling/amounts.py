"""Amounts as whole numbers, so that shares add up exactly: cards in hundredths, cores in thousandths."""

from __future__ import annotations

from slipway.base.errors import Invalid

CARD = 100  # one whole card
STEP = 10  # the smallest share, and the step between shares
CORE = 1000
_ROUNDING = 1e-6  # 0.30000000000000004 is 0.3


def card_units(cards: float, *, field: str = "gpus") -> int:
    """Hundredths of a card for 0, a share from 0.1 to 0.9, or whole cards; all else is refused."""
    units = round(cards * CARD) if abs(cards) < 1e6 else -1  # also infinity and NaN
    exact = abs(cards * CARD - units) < _ROUNDING
    if not exact or units < 0 or units % (STEP if units <= CARD else CARD):
        raise Invalid(
            "Cards per instance: 0, a share from 0.1 to 0.9 in steps of 0.1, or a whole number.",
            field=field, code="bad_gpus",
        )  # fmt: skip
    return units


def cards_of(units: int) -> float:
    return units // CARD if units % CARD == 0 else units / CARD


def core_units(cores: float) -> int:
    return round(cores * CORE)


def is_share(units: int) -> bool:
    return 0 < units < CARD
