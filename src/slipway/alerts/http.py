"""What the routes of this room share."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from slipway.alerts.context import AlertContext


def get_context(request: Request) -> AlertContext:
    context: AlertContext = request.app.state.alerts
    return context


Ctx = Annotated[AlertContext, Depends(get_context)]
