"""Who asks: the address of a request's client, as limits and the trail tell clients apart."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from flask import request

_WITH_PORT: Final = re.compile(r"\[([^\]]*)\](?::\d*)?|([^:]*):\d*")


def of_client() -> str:
    """The IPv4 address, or the /64 network of an IPv6 address, which is what one household has."""
    return network_of(request.remote_addr or "unknown")


def network_of(given: str) -> str:
    """The same of an address as it was given: a port that a proxy left beside it does not count, and an IPv4 address is
    one however it is written (“::ffff:192.0.2.1” is what a socket for both kinds says)."""
    bare = given.strip()
    if found := _WITH_PORT.fullmatch(bare):
        bare = found[1] or found[2] or ""
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return given
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is None:
            return str(ipaddress.ip_network((address, 64), strict=False))
        address = address.ipv4_mapped
    return str(address)
