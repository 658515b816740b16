"""Devices that somebody signed in on before: a cookie that names nobody, and is known only together with an account.

Guesses at an account slow down whoever tries it from elsewhere, not its owner on the device of every morning. The
cookie opens nothing; several accounts of one desk stand in it, the newest first.
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import timedelta
from typing import Final

from flask import request
from werkzeug.wrappers import Response

from intake.accounts.staff import Member
from intake.web import extensions, sessions

KEPT_FOR: Final = timedelta(days=180)
MOST: Final = 8
_MARK: Final = re.compile(r"[0-9a-f]{32}-[0-9a-f]{32}", re.ASCII)


def known(member: Member | None) -> str | None:
    """What tells this device from others, if this account signed in on it before."""
    if member is None:
        return None
    return next((mark for mark in _marks() if hmac.compare_digest(mark, _made(member, mark.partition("-")[0]))), None)


def remember(response: Response, member: Member) -> None:
    """Let this device be known to this account from now on."""
    if known(member):
        return
    marks = [_made(member, secrets.token_hex(16)), *_marks()][:MOST]
    response.set_cookie(
        _cookie_name(),
        ".".join(marks),
        max_age=KEPT_FOR,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=extensions.current().settings.secure_cookies,
    )


def _cookie_name() -> str:
    return sessions.cookie_name(extensions.current().settings, "device")


def _marks() -> list[str]:
    given = request.cookies.get(_cookie_name(), "").split(".", MOST)[:MOST]
    return [mark for mark in given if _MARK.fullmatch(mark)]


def _made(member: Member, drawn: str) -> str:
    return f"{drawn}-{extensions.current().keyring.mac('device', member.id, drawn).hex()[:32]}"
