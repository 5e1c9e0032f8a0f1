"""The base install stays light: importing it loads neither the server nor the network."""

import json
import subprocess
import sys

HEAVY = ("fastapi", "sqlalchemy", "pydantic", "torch", "httpx", "uvicorn", "typer", "rich", "numpy")


def _loaded(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys, json; print(json.dumps(list(sys.modules)))"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return set(json.loads(done.stdout))


def test_importing_slipway_loads_nothing_heavy() -> None:
    assert not _loaded("import slipway") & set(HEAVY)


def test_the_command_line_loads_no_server() -> None:
    assert not _loaded("import slipway.cli.main") & {
        "fastapi",
        "sqlalchemy",
        "pydantic",
        "torch",
        "httpx",
        "uvicorn",
    }


def test_the_agent_is_standard_library_only() -> None:
    assert not _loaded("import slipway.runtime.agent") & set(HEAVY)


def test_the_gateway_knows_no_database_and_no_framework() -> None:
    assert not _loaded("import slipway.gateway.main") & {
        "fastapi",
        "sqlalchemy",
        "pydantic",
        "torch",
        "starlette",
    }
