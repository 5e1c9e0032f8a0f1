"""`python -m slipway.api.migration "what changes"`: the next migration, from what the tables now say."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

import slipway.api.app  # noqa: F401  every room's tables
from slipway.base import migrations


def main(message: str) -> None:
    here = Path(migrations.__file__ or "").parent
    numbers = sorted(path.name.split("_")[0] for path in (here / "versions").glob("[0-9]*.py"))
    number = f"{int(numbers[-1]) + 1 if numbers else 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        config = Config()
        config.set_main_option("script_location", str(here))
        config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
        config.attributes["url"] = f"sqlite+aiosqlite:///{folder}/db"
        command.upgrade(config, "head")
        command.revision(config, message=message, autogenerate=True, rev_id=number)


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "change")
