"""How often one address may try a thing: one table of limits. Off in a try-out unless asked for (docs/settings.md)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Final

from flask import request

from intake.records import throttle
from intake.web import extensions


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries in so many seconds."""

    tries: int
    seconds: int


LIMITS: Final = {
    "start": Limit(60, 60 * 60),
    "resume": Limit(20, 15 * 60),
    "sign-in": Limit(20, 15 * 60),
    "link": Limit(20, 15 * 60),
}


class TooManyTries(Exception):
    """The address has used up its tries; `seconds` says how long until the next."""

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many tries from this address.")
        self.seconds = seconds


def wait(what: str) -> int:
    """Count one try of a thing by this request's address. Gives 0 if it may go ahead, else the seconds until it may."""
    intake = extensions.current()
    if not intake.settings.rate_limit:
        return 0
    limit = LIMITS[what]
    with extensions.transaction() as sql:  # its own: the try counts also when what follows is undone
        return throttle.hit(
            sql, intake.keyring, what, address(), limit=limit.tries, window_seconds=limit.seconds, now=extensions.now()
        )


def check(what: str) -> None:
    """Count one try of a thing by this request's address. Raises TooManyTries."""
    if seconds := wait(what):
        raise TooManyTries(seconds)


def address() -> str:
    """Who asks: the IPv4 address, or the /64 network of an IPv6 address, which is what one household has."""
    given = request.remote_addr or "unknown"
    try:
        found = ipaddress.ip_address(given)
    except ValueError:
        return given
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
