"""Says whom to count as one when something is limited by address."""

import ipaddress


def neighbourhood(remote: str) -> str:
    """Whom to count as one: an IPv4 address, or the /64 that an IPv6 connection is given as a whole."""
    try:
        address = ipaddress.ip_address(remote)
    except ValueError:
        return remote
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address, 64), strict=False))
