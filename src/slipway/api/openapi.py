"""Prints the API's description; `make openapi` keeps `openapi.json` and the console's types current."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from slipway.api.app import create_app
from slipway.base.crypto import Sealer
from slipway.base.database import Database
from slipway.base.settings import Settings


def describe() -> str:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        app = create_app(
            settings, Database(settings.sqlalchemy_url), Sealer.open(Path(folder) / "key")
        )
        app.state.rooms.open_all()
        return json.dumps(app.openapi(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(describe())
