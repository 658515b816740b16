"""Who asks: the address of a request's client, as limits and the trail tell clients apart."""

from __future__ import annotations

import ipaddress

from flask import request


def of_client() -> str:
    """The IPv4 address, or the /64 network of an IPv6 address, which is what one household has."""
    given = request.remote_addr or "unknown"
    try:
        found = ipaddress.ip_address(given)
    except ValueError:
        return given
    return str(ipaddress.ip_network((found, 64), strict=False) if found.version == 6 else found)
