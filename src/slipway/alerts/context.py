"""What following, sending and the routes of this room share."""

from __future__ import annotations

from dataclasses import dataclass

from slipway.alerts.catalogue import Catalogue
from slipway.alerts.message import Site
from slipway.alerts.network import Reach
from slipway.base.clock import Clock
from slipway.base.crypto import Sealer
from slipway.base.database import Database


@dataclass(frozen=True, slots=True)
class AlertContext:
    db: Database
    sealer: Sealer
    catalogue: Catalogue
    site: Site
    reach: Reach
    keep_days: int
    now: Clock
