"""What the endpoints of service groups take and give."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from pydantic import BaseModel, Field

from slipway.base.forms import Form
from slipway.serving.groups.model_rules import ModelRules
from slipway.serving.groups.types import AppKey, LinkedService, ServiceGroup
from slipway.serving.key_rules_form import KeyRulesForm, KeyRulesView


class ServiceGroupForm(Form):
    name: str
    description: str = ""
    services: list[str] = Field(description="Running services of the project, and presets.")
    rules: KeyRulesForm = Field(default_factory=lambda: KeyRulesForm())


class ServiceGroupPatch(Form):
    """What is left out stays."""

    name: str | None = None
    description: str | None = None
    services: list[str] | None = None
    rules: KeyRulesForm | None = None


class GroupBanForm(Form):
    reason: str


class KeyResetForm(Form):
    overlap_s: int = Field(0, ge=0, description="Seconds in which the old key still works.")


class GroupBanView(BaseModel):
    at: datetime
    by: str
    reason: str


class AppKeyView(BaseModel):
    id: str
    hint: str
    created_at: datetime
    ends_at: datetime | None = Field(description="Of a key that was replaced.")

    @classmethod
    def of(cls, key: AppKey) -> AppKeyView:
        return cls(id=key.id, hint=key.hint, created_at=key.created_at, ends_at=key.ends_at)


class LinkedServiceView(BaseModel):
    id: str
    name: str
    state: str
    llm: bool
    preset: bool
    models: list[str]
    model_ref: str

    @classmethod
    def of(cls, service: LinkedService) -> LinkedServiceView:
        return cls(
            id=service.id, name=service.name, state=service.state, llm=service.llm,
            preset=service.preset, models=list(service.models), model_ref=service.model_ref,
        )  # fmt: skip


class ServiceGroupView(BaseModel):
    id: str
    name: str
    description: str
    state: str = Field(description="enabled, disabled or banned")
    ban: GroupBanView | None
    rules: KeyRulesView
    services: list[LinkedServiceView]
    key: AppKeyView
    old_keys: list[AppKeyView]
    address: str = Field(description="What an OpenAI client takes as base_url.")
    creator: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(
        cls, group: ServiceGroup, services: dict[str, LinkedService], gateway: str
    ) -> ServiceGroupView:
        ban = group.ban
        return cls(
            id=group.id, name=group.name, description=group.description, state=group.state,
            ban=None if ban is None else GroupBanView(at=ban.at, by=ban.by, reason=ban.reason),
            rules=KeyRulesView.of(group.rules),
            services=[LinkedServiceView.of(services[i]) for i in group.services if i in services],
            key=AppKeyView.of(group.keys[0]), old_keys=[AppKeyView.of(k) for k in group.keys[1:]],
            address=f"{gateway}/v1", creator=group.creator_name, created_at=group.created_at,
            updated_at=group.updated_at,
        )  # fmt: skip


class NewServiceGroupView(ServiceGroupView):
    secret: str


class ServiceGroupPage(BaseModel):
    items: list[ServiceGroupView]
    next_cursor: str | None
    total: int


class LinkableServices(BaseModel):
    own: list[LinkedServiceView]
    preset: list[LinkedServiceView]


class ModelPricesForm(Form):
    """For a million tokens, and for one image."""

    prompt: Decimal | None = None
    completion: Decimal | None = None
    image: Decimal | None = None


class ModelRulesForm(Form):
    """Prices, presets and free trials are set by administrators of the platform."""

    aliases: list[str] = Field(default_factory=list, description="Other names to call it by.")
    rpm: int | None = Field(None, description="Requests a minute, over all keys.")
    tpm: int | None = Field(None, description="Tokens a minute, over all keys.")
    ipm: int | None = Field(None, description="Images a minute, over all keys.")
    preset: bool = Field(False, description="Every project may link and call it.")
    free_tokens: int | None = Field(
        None, description="Tokens that a project may use, once; null: no such bound."
    )
    prices: ModelPricesForm = Field(default_factory=lambda: ModelPricesForm())

    def rules(self) -> ModelRules:
        prices = {name: price for name, price in self.prices if price is not None}
        return ModelRules(
            tuple(self.aliases), self.rpm, self.tpm, self.ipm, self.preset, self.free_tokens,
            prices,
        )  # fmt: skip


class ModelPricesView(ModelPricesForm):
    """The same, as it is answered."""


class ModelRulesView(ModelRulesForm):
    """The same, as it is answered."""

    prices: ModelPricesView

    @classmethod
    def of(cls, rules: ModelRules) -> ModelRulesView:
        return cls(
            aliases=list(rules.aliases), rpm=rules.rpm, tpm=rules.tpm, ipm=rules.ipm,
            preset=rules.preset, free_tokens=rules.free_tokens,
            prices=ModelPricesView(**rules.prices),
        )  # fmt: skip


class PresetServiceView(LinkedServiceView):
    description: str
    free_tokens: int | None
    free_tokens_left: int | None = Field(description="Of this project; null: no bound.")


class PresetServiceList(BaseModel):
    items: list[PresetServiceView]
