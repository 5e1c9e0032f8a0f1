"""Tokens for what the platform itself started: good for one run, and only while it runs.

Nothing is stored: the token is its own sealed statement. Whoever checks it must also check that the
workload it names has not ended.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from cryptography.fernet import InvalidToken

from slipway.base.crypto import Sealer
from slipway.base.errors import SignedOut

PREFIX = "slrt_"


@dataclass(frozen=True, slots=True)
class RunToken:
    run_id: str
    workload_id: str
    project_id: str
    user_id: str


def seal_run_token(sealer: Sealer, token: RunToken) -> str:
    return PREFIX + sealer.seal(json.dumps(asdict(token)))


def is_run_token(secret: str) -> bool:
    return secret.startswith(PREFIX)


def open_run_token(sealer: Sealer, secret: str) -> RunToken:
    try:
        return RunToken(**json.loads(sealer.unseal(secret.removeprefix(PREFIX))))
    except (InvalidToken, ValueError, TypeError) as error:
        raise SignedOut("The token of the run is not one of this platform.", code="bad_token") from error  # fmt: skip
