"""Finds out who really calls when proxies stand in front: from their X-Forwarded-For, and only from theirs."""

import ipaddress
from collections.abc import Sequence

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
FORWARDED = "X-Forwarded-For"


def behind_proxies(trusted: Sequence[Network]) -> Middleware:
    """Gives requests that come from a trusted proxy the address of their real sender."""

    @web.middleware
    async def name_the_sender(request: web.Request, handler: Handler) -> web.StreamResponse:
        peer = request.remote or ""
        if FORWARDED not in request.headers or not _is_in(trusted, peer):
            return await handler(request)
        forwarded = ",".join(request.headers.getall(FORWARDED)).split(",")
        return await handler(request.clone(remote=real_sender(peer, forwarded, trusted)))

    return name_the_sender


def real_sender(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """The last address that no trusted proxy has: what stands before it in the header, anybody may have written."""
    sender = peer
    for hop in reversed(forwarded):
        address = _address(hop.strip())
        if not address:
            return sender
        sender = address
        if not _is_in(trusted, sender):
            return sender
    return sender


def _address(hop: str) -> str:
    """The address of a hop, which may come with a port; empty when it is none."""
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    try:
        return str(ipaddress.ip_address(hop))
    except ValueError:
        return ""


def _is_in(networks: Sequence[Network], address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in networks)
