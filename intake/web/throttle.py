"""How often one address may try a thing: one table of limits. Off in a try-out unless asked for (docs/settings.md)."""

from __future__ import annotations

from typing import Final

from intake.records import throttle
from intake.records.audit import AuditAction
from intake.web import addresses, extensions, trail

LIMITS: Final = {"start": (60, 60 * 60), "resume": (20, 15 * 60), "sign-in": (20, 15 * 60), "link": (20, 15 * 60)}
"""So many tries of a thing in so many seconds."""


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
    tries, seconds = LIMITS[what]
    with extensions.transaction() as sql:  # its own: the try counts also when what follows is undone
        left = throttle.hit(
            sql, intake.keyring, what, addresses.of_client(), limit=tries, window_seconds=seconds, now=extensions.now()
        )
    if left:
        trail.failed(AuditAction.THROTTLED)
    return left


def check(what: str) -> None:
    """Count one try of a thing by this request's address. Raises TooManyTries."""
    if seconds := wait(what):
        raise TooManyTries(seconds)
