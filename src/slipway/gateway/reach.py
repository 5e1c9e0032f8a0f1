"""Which addresses the gateway may connect to for addresses that users type in.

A name is looked up once, every address is judged, and the connection goes to one that was judged:
a name that answers differently the second time changes nothing. Replicas of the platform itself
are not judged; the platform placed them.
"""

import asyncio
import ipaddress
import socket
from enum import StrEnum

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Where cloud machines hand out credentials, besides the link-local addresses.
_METADATA = (ipaddress.ip_address("100.100.100.200"), ipaddress.ip_address("fd00:ec2::254"))
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Reach(StrEnum):
    """The internet only; also private networks; also this machine itself."""

    PUBLIC = "public"
    PRIVATE = "private"
    LOCAL = "local"


async def judged(host: str, port: int, reach: Reach) -> str:
    """An address of the host that may be connected to. Raises OSError with the reason."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(info[4][0]).partition("%")[0]) for info in found]
    for address in addresses:
        if why := why_blocked(address, reach):
            raise PermissionError(f"{host} leads to {address}, which {why}")
    if not addresses:
        raise OSError(f"{host} has no address")
    return str(addresses[0])


def why_blocked(address: Address, reach: Reach) -> str | None:
    address = _embedded(address)
    if address.is_link_local or address in _METADATA:
        return "is a link-local or metadata address"
    if address.is_multicast or address.is_unspecified:
        return "is not an address of one machine"
    if address.is_loopback:
        return None if reach is Reach.LOCAL else "is the gateway's own machine"
    if address.is_private or not address.is_global:
        return "is in a private network" if reach is Reach.PUBLIC else None
    return None


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
