from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from slipway.sdk.http import Http
from slipway.sdk.types import DryRunView, PolicyChecked, QueueItem, QuotaList, QuotaView, WhyView

_GROUPS = "/resource-groups"


class Queue:
    """What waits for resources, why, and the rules by which it waits."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def list(self, **filters: Any) -> Iterator[QueueItem]:
        """In the order of the queue. `filters`: group, search (words with | between them), tag."""
        return self._http.pages(QueueItem, "/queue", **filters)

    def why(self, workload_id: str) -> WhyView:
        return self._http.get(WhyView, f"/queue/{workload_id}/why")

    def check_policy(self, policy: dict[str, Any] | str) -> PolicyChecked:
        """The complete document; a policy that is not valid raises Invalid with its place."""
        return self._http.post(PolicyChecked, "/scheduling-policy/check", {"policy": policy})

    def dry_run(self, group_id: str, policy: dict[str, Any] | str) -> DryRunView:
        """What the policy would change in the group; nothing is saved."""
        path = f"{_GROUPS}/{group_id}/policy/dry-run"
        return self._http.post(DryRunView, path, {"policy": policy})

    def quotas(self, group_id: str) -> Sequence[QuotaView]:
        return self._http.get(QuotaList, f"{_GROUPS}/{group_id}/quotas").items

    def set_quota(
        self,
        group_id: str,
        project_id: str,
        card_model: str,
        *,
        guaranteed: float = 0,
        maximum: float | None = None,
    ) -> None:
        body = {"guaranteed": guaranteed, "maximum": maximum}
        self._http.put(_quota(group_id, project_id, card_model), body)

    def delete_quota(self, group_id: str, project_id: str, card_model: str) -> None:
        self._http.delete(_quota(group_id, project_id, card_model))


def _quota(group_id: str, project_id: str, card_model: str) -> str:
    return f"{_GROUPS}/{group_id}/quotas/{project_id}/{quote(card_model, safe='')}"
