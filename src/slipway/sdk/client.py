"""`slipway.Client`: everything the platform does, from Python.

    client = slipway.Client("http://127.0.0.1:8700", token="slw_...")
    task = client.tasks.create(name="hello", environment="python", command="echo hello")
    print(client.tasks.wait(task.id).state)

Left out, the address and the token come from SLIPWAY_URL and SLIPWAY_TOKEN, then from what
`slipway login` saved.
"""

from __future__ import annotations

import os
from types import TracebackType

from slipway.sdk import credentials
from slipway.sdk.accounts import Accounts, Keys
from slipway.sdk.alerts import Alerts, Inbox
from slipway.sdk.datasets_named import NamedDatasets
from slipway.sdk.environments import Environments
from slipway.sdk.errors import SignedOut
from slipway.sdk.evaluations import Evaluations
from slipway.sdk.http import Http
from slipway.sdk.labelling import Labelling
from slipway.sdk.models import Models
from slipway.sdk.queue import Queue
from slipway.sdk.repositories import Repositories
from slipway.sdk.resources import Resources
from slipway.sdk.searches import Searches
from slipway.sdk.service_groups import Calls, ServiceGroups
from slipway.sdk.services import Services
from slipway.sdk.storage import Storage
from slipway.sdk.tasks import Tasks
from slipway.sdk.trials import Trials
from slipway.sdk.types import MeView, SystemView

DEFAULT_URL = "http://127.0.0.1:8700"


class Client:
    def __init__(
        self,
        url: str | None = None,
        token: str | None = None,
        project: str | None = None,
        *,
        timeout_s: float = 60,
    ) -> None:
        saved = credentials.load()
        url = url or os.environ.get("SLIPWAY_URL") or saved.get("url") or DEFAULT_URL
        token = (
            token
            or os.environ.get("SLIPWAY_TOKEN")
            or (saved.get("token") if saved.get("url") == url else None)
        )
        self.http = Http(url, token, project or os.environ.get("SLIPWAY_PROJECT"), timeout_s)
        self.accounts = Accounts(self.http)
        self.keys = Keys(self.http)
        self.storage = Storage(self.http)
        self.datasets = NamedDatasets(self.http)
        self.labelling = Labelling(self.http)
        self.environments = Environments(self.http)
        self.repositories = Repositories(self.http)
        self.tasks = Tasks(self.http)
        self.searches = Searches(self.http)
        self.models = Models(self.http)
        self.services = Services(self.http)
        self.service_groups = ServiceGroups(self.http)
        self.calls = Calls(self.http)
        self.evaluations = Evaluations(self.http)
        self.queue = Queue(self.http)
        self.resources = Resources(self.http)
        self.alerts = Alerts(self.http)
        self.inbox = Inbox(self.http)
        self.trials = Trials(self.http)

    @classmethod
    def sign_in(
        cls,
        url: str,
        user: str,
        password: str,
        *,
        key_name: str = "SDK",
        lasts_days: float | None = 30,
    ) -> Client:
        """A client with a fresh personal token, made with a user name and a password."""
        with_cookie = Http(url, None, None, 60)
        try:
            signed_in = with_cookie.request(
                "POST", "/auth/login", json={"name": user, "password": password}
            ).json()
            answer = with_cookie.request(
                "POST", "/keys", json={"kind": "token", "name": key_name, "lasts_days": lasts_days},
                headers={"X-CSRF-Token": signed_in["csrf_token"]},
            )  # fmt: skip
            with_cookie.request(
                "POST", "/auth/logout", headers={"X-CSRF-Token": signed_in["csrf_token"]}
            )
        finally:
            with_cookie.close()
        secret: str = answer.json()["secret"]
        return cls(url, secret)

    @property
    def token(self) -> str:
        """The token in use, for other clients (curl, openai)."""
        _, _, token = str(self.http.headers.get("Authorization", "")).partition(" ")
        if not token:
            raise SignedOut(
                "This client has no token. Run 'slipway login', or set SLIPWAY_TOKEN.",
                code="no_token",
            )
        return token

    def me(self) -> MeView:
        return self.http.get(MeView, "/me")

    def system(self) -> SystemView:
        return self.http.get(SystemView, "/system")

    def close(self) -> None:
        self.http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
