"""A key's rules as the endpoints take and give them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pydantic import Field

from slipway.base.forms import Form
from slipway.serving.key_rules import KeyRules


class KeyRulesForm(Form):
    """Each may be left out (or null): no such rule."""

    rpm: int | None = Field(None, description="Requests a minute.")
    tpm: int | None = Field(None, description="Tokens a minute, prompt and answer.")
    tpd: int | None = Field(None, description="Tokens a day.")
    ipm: int | None = Field(None, description="Images a minute.")
    concurrency: int | None = Field(None, description="Calls at once.")
    tokens_month: int | None = Field(None, description="Tokens a calendar month.")
    cost_day: Decimal | None = Field(None, description="Money a day, by the models' prices.")
    cost_month: Decimal | None = Field(None, description="Money a calendar month.")
    expires_at: datetime | None = Field(None, description="From then on it is refused.")
    addresses: list[str] | None = Field(
        None, description="Addresses and networks it may be used from."
    )
    models: list[str] | None = Field(None, description="Names or service ids it may call.")

    def rules(self) -> KeyRules:
        values = dict(self)
        for name in ("addresses", "models"):
            values[name] = None if values[name] is None else tuple(values[name])
        return KeyRules(**values)


class KeyRulesView(KeyRulesForm):
    """The same, as it is answered."""

    @classmethod
    def of(cls, rules: KeyRules) -> KeyRulesView:
        values = {name: getattr(rules, name) for name in KeyRules.__slots__}
        for name in ("addresses", "models"):
            values[name] = None if values[name] is None else list(values[name])
        return cls(**values)
