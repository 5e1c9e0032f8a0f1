"""Inference environments to build with one click: locked sets of packages, on the platform's own."""

from __future__ import annotations

from pydantic import BaseModel, Field

from slipway.runtime.serve.inference_sets import InferenceSet, inference_sets


class EnvironmentPresetView(BaseModel):
    id: str
    name: str
    framework: str = Field(description="Of the models, not of training.")
    hardware: list[str] = Field(description="cpu, gpu or both.")
    aliases: list[str] = Field(description="Names in the manual, for which it stands today.")
    formats: list[str] = Field(description="Model formats that are served in it.")
    note: str
    requirements: str

    @classmethod
    def of(cls, one: InferenceSet) -> EnvironmentPresetView:
        return cls(
            id=one.id, name=one.name, framework=one.framework, hardware=list(one.hardware),
            aliases=list(one.aliases), formats=list(one.formats), note=one.note,
            requirements="\n".join(one.requirements) + "\n",
        )  # fmt: skip


class EnvironmentPresetList(BaseModel):
    items: list[EnvironmentPresetView]


def presets() -> EnvironmentPresetList:
    return EnvironmentPresetList(items=[EnvironmentPresetView.of(one) for one in inference_sets()])
