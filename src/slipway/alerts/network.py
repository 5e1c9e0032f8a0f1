"""A connection that only reaches where webhooks may go.

The name is looked up once, every address is judged, and the connection is made to an address that
was judged: a name that answers differently the second time changes nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import httpcore

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Where cloud machines hand out credentials, besides the link-local address.
_METADATA = (ipaddress.ip_address("100.100.100.200"), ipaddress.ip_address("fd00:ec2::254"))
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Reach(StrEnum):
    """The setting: the internet only; also private networks; also this machine itself."""

    PUBLIC = "public"
    PRIVATE = "private"
    LOCAL = "local"


class BlockedAddress(Exception):
    """The sentence says which address and which setting."""


def why_blocked(address: Address, reach: Reach) -> str | None:
    address = _embedded(address)
    if address.is_link_local or address in _METADATA:
        return "is a link-local or metadata address"
    if address.is_multicast or address.is_unspecified:
        return "is not an address of one machine"
    if address.is_loopback:
        return None if reach == Reach.LOCAL else "is this machine itself"
    if address.is_private or not address.is_global:
        return "is in a private network" if reach == Reach.PUBLIC else None
    return None


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,  # noqa: ASYNC109
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:  # fmt: skip
        address = await self._judged(host, port)
        return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:  # fmt: skip
        raise BlockedAddress("Webhooks go over the network only.")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _judged(self, host: str, port: int) -> str:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
        except OSError as error:
            raise httpcore.ConnectError(f"The name {host} is not known.") from error
        addresses = [ipaddress.ip_address(str(info[4][0]).partition("%")[0]) for info in found]
        for address in addresses:
            if why := why_blocked(address, self._reach):
                raise BlockedAddress(
                    f"{host} leads to {address}, which {why}; webhooks may not go there "
                    f"(SLIPWAY_WEBHOOK_REACH is {self._reach})."
                )
        return str(addresses[0])


def _embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address
