"""Where webhooks may go. Pure rules, and a name that leads astray."""

from __future__ import annotations

import ipaddress

import pytest

from slipway.alerts.backoff import next_try, rest_until
from slipway.alerts.mail import checked_address
from slipway.alerts.network import BlockedAddress, GuardedNetwork, Reach, why_blocked
from slipway.alerts.webhook import checked_url, shown_url
from slipway.base.clock import utc_now
from slipway.base.errors import Invalid

NEVER = [
    "169.254.169.254", "fe80::1", "fd00:ec2::254", "100.100.100.200", "0.0.0.0", "224.0.0.1", "::",
    "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1",
]  # fmt: skip
PRIVATE = ["10.0.0.1", "192.168.1.1", "172.16.0.1", "fd12::1", "100.64.0.1", "::ffff:10.0.0.1"]
LOCAL = ["127.0.0.1", "::1", "::ffff:127.0.0.1"]
PUBLIC = ["93.184.216.34", "2606:2800:220:1::1"]


@pytest.mark.parametrize("reach", list(Reach))
def test_each_setting_reaches_so_far(reach: Reach) -> None:
    def open_to(addresses: list[str]) -> set[bool]:
        return {why_blocked(ipaddress.ip_address(a), reach) is None for a in addresses}

    assert open_to(NEVER) == {False}
    assert open_to(PRIVATE) == {reach != Reach.PUBLIC}
    assert open_to(LOCAL) == {reach == Reach.LOCAL}
    assert open_to(PUBLIC) == {True}


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001"])
async def test_what_a_name_leads_to_is_judged(host: str) -> None:
    with pytest.raises(BlockedAddress, match="this machine itself"):
        await GuardedNetwork(Reach.PRIVATE).connect_tcp(host, 80, timeout=1)


@pytest.mark.parametrize(
    "url",
    ["ftp://x", "http://", "x", "http://a b", "http://u:p@h/", "http://h:99999/", "https://h/\r\nX: y", "http://[x/"],
)  # fmt: skip
def test_what_is_no_webhook_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        checked_url(url)


def test_an_address_is_shown_without_its_path() -> None:
    assert shown_url(checked_url("https://hooks.example.com:8443/T0/B0/secret?k=v")) == (
        "https://hooks.example.com:8443/…"
    )


@pytest.mark.parametrize("address", ["a", "a@", "a@b\r\nBcc: c@d", "a b@c.d", "<a@b.c>"])
def test_what_is_no_mail_address_is_refused(address: str) -> None:
    with pytest.raises(Invalid):
        checked_address(address, field="to")


def test_a_target_rests_longer_the_longer_it_fails() -> None:
    now = utc_now()
    rests = [rest_until(n, now) for n in (4, 5, 6, 9, 10, 99)]
    assert rests[0] is None
    assert [round((r - now).total_seconds() / 60) for r in rests[1:] if r] == [1, 2, 16, 30, 30]
    assert next_try(7, created_at=now, now=now) is None
