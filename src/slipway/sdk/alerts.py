"""Alert rules, their targets, what was sent, and your inbox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from slipway.sdk.http import Http
from slipway.sdk.types import (
    AlertRuleView,
    AlertTargetView,
    DeliveryView,
    EventServiceList,
    EventServiceView,
    InboxMessageView,
    NewAlertTargetView,
    NoticeView,
    TestResult,
)


class Alerts:
    def __init__(self, http: Http) -> None:
        self._http = http

    def services(self) -> Sequence[EventServiceView]:
        """What rules can cover, with a sample event of each."""
        return self._http.get(EventServiceList, "/alerts/services").items

    def rules(self, **filters: Any) -> Iterator[AlertRuleView]:
        return self._http.pages(AlertRuleView, "/alerts/rules", **filters)

    def rule(self, rule_id: str) -> AlertRuleView:
        return self._http.get(AlertRuleView, f"/alerts/rules/{rule_id}")

    def create_rule(
        self,
        name: str,
        targets: Sequence[str],
        *,
        pattern: str | None = None,
        form: dict[str, Any] | None = None,
        description: str = "",
        enabled: bool = True,
    ) -> AlertRuleView:
        """The condition is a `pattern` (text) or a `form` such as {"service": "training"}."""
        body = {
            "name": name, "targets": list(targets), "pattern": pattern, "form": form,
            "description": description, "enabled": enabled,
        }  # fmt: skip
        return self._http.post(AlertRuleView, "/alerts/rules", body)

    def set_enabled(self, rule_id: str, enabled: bool) -> AlertRuleView:
        verb = "enable" if enabled else "disable"
        return self._http.post(AlertRuleView, f"/alerts/rules/{rule_id}/{verb}")

    def delete_rule(self, rule_id: str) -> None:
        self._http.delete(f"/alerts/rules/{rule_id}")

    def test(
        self,
        *,
        pattern: str | None = None,
        form: dict[str, Any] | None = None,
        sample: dict[str, Any] | None = None,
        recent: int = 20,
    ) -> TestResult:
        """Try a condition on a sample event and on the newest real ones."""
        body = {"pattern": pattern, "form": form, "sample": sample, "recent": recent}
        return self._http.post(TestResult, "/alerts/test", body)

    def targets(self, **filters: Any) -> Iterator[AlertTargetView]:
        return self._http.pages(AlertTargetView, "/alerts/targets", **filters)

    def create_target(self, name: str, kind: str, **config: Any) -> NewAlertTargetView:
        """`kind` is webhook (`url`), email (`addresses`) or inbox (`users`, `members`, `creator`)."""
        return self._http.post(
            NewAlertTargetView, "/alerts/targets", {"name": name, "kind": kind, **config}
        )

    def test_target(self, target_id: str) -> DeliveryView:
        """Sends a test message now; its state says how it went."""
        return self._http.post(DeliveryView, f"/alerts/targets/{target_id}/test")

    def delete_target(self, target_id: str) -> None:
        self._http.delete(f"/alerts/targets/{target_id}")

    def deliveries(self, **filters: Any) -> Iterator[DeliveryView]:
        return self._http.pages(DeliveryView, "/alerts/deliveries", **filters)

    def resend(self, delivery_id: str) -> DeliveryView:
        return self._http.post(DeliveryView, f"/alerts/deliveries/{delivery_id}/resend")

    def notify_me(self, task_id: str, *, email: str = "", language: str = "en") -> NoticeView:
        """Be told in your inbox (and by e-mail) when a training task ends."""
        body = {"service": "training", "subject": task_id, "email": email, "language": language}
        self._http.put("/alerts/notices", body)
        return self._http.get(NoticeView, f"/alerts/notices/training/{task_id}")


class Inbox:
    def __init__(self, http: Http) -> None:
        self._http = http

    def list(self, *, unread: bool = False) -> Iterator[InboxMessageView]:
        return self._http.pages(InboxMessageView, "/inbox", state="unread" if unread else None)

    def mark_all_read(self) -> None:
        self._http.request("POST", "/inbox/read")
