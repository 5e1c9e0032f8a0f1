"""What requests carry. A field nobody knows is refused: a misspelt limit must not mean "no limit"."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")
