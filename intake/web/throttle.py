"""How often a thing may be tried: one table of limits. Off in a try-out unless asked for (docs/settings.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from intake.records import throttle
from intake.records.audit import AuditAction
from intake.records.keyring import Keyring
from intake.records.throttle import Growing, Tries, Window
from intake.web import addresses, extensions, trail

_A_QUARTER: Final = Window(20, timedelta(minutes=15))
_SOFT: Final = Growing(free=5, first=timedelta(seconds=5), longest=timedelta(minutes=5), remembered=timedelta(hours=24))
LIMITS: Final[Mapping[str, Window | Growing]] = {
    # by address: a waiting room has one
    "start": Window(1000, timedelta(hours=1)),
    "resume": _A_QUARTER,
    "link": _A_QUARTER,
    "sign-in": _A_QUARTER,
    # by account
    "export": Window(60, timedelta(hours=1)),
    # by account, or by account and device (`accounts.devices`)
    "password": _SOFT,
    "code": _SOFT,
    # by response: whoever holds its code, and tries dates of birth
    "birth-date": Window(5, timedelta(minutes=15)),
}


class TooManyTries(Exception):
    """The tries are used up; `seconds` says how long until the next."""

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many tries.")
        self.seconds = seconds


def by_address(what: str) -> Tries:
    """The tries of a thing by this request's address."""
    return Tries(what, addresses.of_client(), LIMITS[what])


def by(what: str, who: str) -> Tries:
    """The tries of a thing by somebody else than an address."""
    return Tries(what, who, LIMITS[what])


def wait(*counted: Tries) -> int:
    """Count one try under each of these. Gives 0 if it may go ahead, else the seconds until it may."""
    intake = extensions.current()
    if not intake.settings.rate_limit:
        return 0
    with extensions.transaction() as sql:  # its own: the try counts also when what follows is undone
        left = throttle.hit(sql, intake.keyring, counted, now=extensions.now())
    if left:
        trail.failed(AuditAction.THROTTLED)
    return left


def check(tries: Tries) -> None:
    """Count one try. Raises TooManyTries."""
    if seconds := wait(tries):
        raise TooManyTries(seconds)


def was_not_looked_at(*counted: Tries) -> None:
    """Take one try back that was turned away before anybody looked at it."""
    _undo((throttle.take_back, one) for one in counted)


def was_right(*counted: Tries) -> None:
    """Take back what was counted for a try that was right: all of an account's or device's, one of an address's."""
    _undo((throttle.take_back if isinstance(one.limit, Window) else throttle.forget, one) for one in counted)


def _undo(deeds: Iterable[tuple[Callable[[Connection, Keyring, Tries], None], Tries]]) -> None:
    intake = extensions.current()
    if intake.settings.rate_limit:
        with extensions.transaction() as sql:
            for undo, one in deeds:
                undo(sql, intake.keyring, one)
