"""Keeps connections that we open for others' sake away from our own network."""

import errno
import ipaddress
import socket
from collections.abc import Callable
from typing import Any

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# The errno of a refusal by this guard. When a name has several addresses and all are refused, the one thing that
# survives the gathering of their errors is the errno they have in common.
REFUSED_ERRNO = errno.EACCES

# The standard library's idea of what is global has changed from one patch level to the next, so what must not be
# missed stands here. Outside 2000::/3 no IPv6 address is anybody's on the internet; that leaves out NAT64
# (64:ff9b::/96, whose last 32 bits may be 127.0.0.1) and all old ways of writing an IPv4 address.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NOBODYS_V6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address stands inside
        "3fff::/20",  # documentation
    )
)
_NOBODYS_V4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "100.64.0.0/10",  # shared by customers of a carrier
        "192.0.0.0/24",  # protocol assignments
        "192.88.99.0/24",  # 6to4 relays
    )
)


class ForbiddenAddress(OSError):
    """The address belongs to a network that no provider lives in."""

    def __init__(self, address: str) -> None:
        super().__init__(REFUSED_ERRNO, f"connections to {address} are not allowed")


def is_public(text: str) -> bool:
    """Whether an address may be that of a provider on the internet: no loopback, private, shared (CGNAT), link-local,
    multicast or reserved one, in whichever notation, and none that smuggles an IPv4 address inside."""
    try:
        address: Address = ipaddress.ip_address(text.split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if isinstance(address, ipaddress.IPv6Address):
        if address not in _GLOBAL_UNICAST or any(address in network for network in _NOBODYS_V6):
            return False
    elif any(address in network for network in _NOBODYS_V4):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def is_loopback(text: str) -> bool:
    """Whether an address literal, or the name `localhost`, means this very machine."""
    if text.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(text.strip("[]")).is_loopback
    except ValueError:
        return False


def guarded_sockets(*, allow_loopback: bool) -> Callable[[Any], socket.socket]:
    """A socket factory for aiohttp's TCPConnector, which asks it after the name was resolved: no second answer of a DNS
    server, no literal and no odd notation gets around it."""

    def open_socket(addr_info: Any) -> socket.socket:
        family, kind, protocol, _, address = addr_info
        host = str(address[0])
        if not (is_public(host) or (allow_loopback and is_loopback(host))):
            raise ForbiddenAddress(host)
        return socket.socket(family, kind, protocol)

    return open_socket
