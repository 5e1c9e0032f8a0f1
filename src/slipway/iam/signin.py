"""Signing in and out: argon2 passwords, hashed session tokens, a limit on guessing."""

from __future__ import annotations

import asyncio
import hmac
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from slipway.base.crypto import fingerprint
from slipway.base.database import Database
from slipway.base.errors import Forbidden, Invalid, SignedOut, TooMany
from slipway.base.events import record
from slipway.base.ids import new_secret
from slipway.iam import queries
from slipway.iam.tables import SessionRow, UserRow
from slipway.iam.types import User

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's second choice
_WINDOW = timedelta(minutes=5)
MIN_PASSWORD = 8


class Attempts:
    """Counts failures per (user name, address) in this process; memory is enough for a brake."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._failures: dict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    def check(self, name: str, address: str, now: datetime) -> None:
        failures = self._recent(name, address, now)
        if len(failures) >= self._limit:
            wait = failures[0] + _WINDOW - now
            raise TooMany(
                f"Too many failed sign-ins. Try again in {max(1, int(wait.total_seconds()))} seconds.",
                retry_after_s=max(1, int(wait.total_seconds())),
            )

    def failed(self, name: str, address: str, now: datetime) -> None:
        self._recent(name, address, now).append(now)

    def succeeded(self, name: str, address: str) -> None:
        self._failures.pop((name.lower(), address), None)

    def _recent(self, name: str, address: str, now: datetime) -> deque[datetime]:
        if len(self._failures) > 10_000:
            self._failures.clear()
        failures = self._failures[(name.lower(), address)]
        while failures and failures[0] + _WINDOW <= now:
            failures.popleft()
        return failures


@dataclass(frozen=True, slots=True)
class SignIn:
    user: User
    token: str
    csrf: str
    expires_at: datetime


async def sign_in(
    db: Database,
    attempts: Attempts,
    *,
    name: str,
    password: str,
    address: str,
    now: datetime,
    lasts: timedelta,
) -> SignIn:
    attempts.check(name, address, now)
    async with db.read() as session:
        row = await queries.find_user_by_name(session, name)
    # Verify against something even for unknown names, so that timing does not tell who exists.
    hashed = row.password_hash if row else await asyncio.to_thread(_hash_of_nobody)
    right = await asyncio.to_thread(verify_password, hashed, password)
    if row is None or not right:
        attempts.failed(name, address, now)
        raise SignedOut("The user name or the password is wrong.", code="wrong_password")
    if not row.enabled:
        raise Forbidden(
            "This account is switched off. Ask an administrator.", code="account_disabled"
        )
    attempts.succeeded(name, address)
    token, csrf = new_secret("sess_"), new_secret("csrf_", 24)
    async with db.begin() as session:
        user = await session.get_one(UserRow, row.id)
        user.last_login_at, user.last_login_from = now, address
        session.add(
            SessionRow(
                token_hash=fingerprint(token),
                user_id=row.id,
                csrf_hash=fingerprint(csrf),
                created_at=now,
                expires_at=now + lasts,
            )
        )
        await record(
            session,
            "iam:signedIn",
            subject=("user", row.id),
            project_id=None,
            actor_id=row.id,
            address=address,
        )
    return SignIn(queries.frozen_user(row), token, csrf, now + lasts)


async def sign_out(db: Database, token: str) -> None:
    async with db.begin() as session:
        await queries.delete_session(session, fingerprint(token))


async def change_password(db: Database, user_id: str, *, old: str, new: str) -> None:
    async with db.read() as session:
        row = await session.get_one(UserRow, user_id)
    if not await asyncio.to_thread(verify_password, row.password_hash, old):
        raise Invalid("The present password is wrong.", field="old_password")
    hashed = await hash_password(new)
    async with db.begin() as session:
        (await session.get_one(UserRow, user_id)).password_hash = hashed
        await queries.delete_sessions_of(session, user_id)
        await record(
            session,
            "iam:passwordChanged",
            subject=("user", user_id),
            project_id=None,
            actor_id=user_id,
        )


async def hash_password(password: str) -> str:
    if len(password) < MIN_PASSWORD:
        raise Invalid(
            f"A password has at least {MIN_PASSWORD} characters.",
            field="password",
            code="weak_password",
        )
    return await asyncio.to_thread(_hasher.hash, password)


def verify_password(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def csrf_matches(row: SessionRow, sent: str | None) -> bool:
    return sent is not None and hmac.compare_digest(row.csrf_hash, fingerprint(sent))


@cache
def _hash_of_nobody() -> str:
    return _hasher.hash("nobody has this password")
