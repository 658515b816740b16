"""The second factor of staff: a code of an app that counts with the clock (TOTP, RFC 6238), or a recovery code.

A code of the app works in its own 30 seconds and once, a recovery code once (ASVS 6.5.1, 6.5.5). The secret stands
sealed in the account's row, recovery codes as keyed hashes beside it; the account's MAC covers both (`seals`).
"""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import pyotp
from sqlalchemy import Connection, Row, exists, select

from intake.accounts import staff
from intake.accounts.seals import seal
from intake.accounts.staff import Member, Role, StaffError
from intake.accounts.tables import ROLES, USERS
from intake.records import codes, sessions
from intake.records.audit import COMMAND_LINE, Agent, AuditAction
from intake.records.keyring import Keyring, at_hand

RECOVERY_CODES: Final = 8
_DIGITS: Final = 6
_MAC_LENGTH: Final = 32


class CodeRefused(StaffError):
    """A code that opens nothing: of another moment, used already, of another account, or none."""

    def __init__(self) -> None:
        super().__init__(
            "That code does not fit. The app shows a new one every 30 seconds, and each works once: wait for the next "
            "one and type that. If none fits, let the phone set its clock by itself.",
            "code",
        )


def secret_of(keyring: Keyring, token: str) -> str:
    """The secret (base32, 160 bits) that a session offers to whoever sets a second factor up. It follows from the
    session's token, so that showing it writes nothing and every look at the page shows the same."""
    return base64.b32encode(keyring.mac("second factor offered", token)[:20]).decode()


def new_secret() -> str:
    """A random secret (base32, 160 bits)."""
    return pyotp.random_base32(32)


def otpauth(secret: str, email: str, clinic: str) -> str:
    """The address that an app reads a secret from, as text or as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=clinic)


def enrol(sql: Connection, member: Member, secret: str, typed: str, *, now: datetime) -> list[str]:
    """Let a person have the second factor of this secret, once a code shows that their app holds it; gives new recovery
    codes, shown this once. Every session of the account ends (ASVS 7.4.3). Raises CodeRefused."""
    step = _step(secret, typed, now)
    if step is None:
        raise CodeRefused
    user = staff.known(sql, member.id)
    made = [codes.new_code() for _ in range(RECOVERY_CODES)]
    staff.change(sql, user, totp=_sealed(sql, user.id, secret), totp_step=step, recovery=_macs(sql, user.id, made))
    sessions.close_all(sql, user.id)
    staff.record(sql, AuditAction.SECOND_FACTOR_SET, user.id, member.acting_as(), now)
    return [codes.shown(code) for code in made]


def give(sql: Connection, who: str, secret: str, *, now: datetime) -> None:
    """Let an account have the second factor of this secret, from the shell. Raises NoSuchAccount."""
    user = staff.begin_on(sql, who, COMMAND_LINE)
    staff.change(sql, user, totp=_sealed(sql, user.id, secret), totp_step=None, recovery=None)
    staff.record(sql, AuditAction.SECOND_FACTOR_SET, user.id, COMMAND_LINE, now)


def reset(sql: Connection, who: str, *, agent: Agent = COMMAND_LINE, now: datetime) -> Member:
    """Take the second factor of an account away, as after a lost phone; its sessions end, and the next sign-in asks to
    set up another. Raises StaffError."""
    user = staff.begin_on(sql, who, agent)
    if user.id == agent.id:
        raise StaffError("Set up your own second factor anew on the page of your account.")
    if user.totp is None:
        raise StaffError(f"{user.name} has no second factor.")
    staff.change(sql, user, totp=None, totp_step=None, recovery=None)
    sessions.close_all(sql, user.id)
    staff.record(sql, AuditAction.SECOND_FACTOR_RESET, user.id, agent, now)
    return staff.account(sql, user.id)


def use(sql: Connection, member: Member, typed: str, *, now: datetime) -> int | None:
    """Use a code of the app, or a recovery code up; gives how many recovery codes are left then, None for a code of the
    app. Raises CodeRefused."""
    staff.hold(sql)  # two that bring one code at one moment come one after the other
    user = staff.known(sql, member.id)
    staff.refuse_altered(sql, user)
    if user.totp is None:
        raise CodeRefused
    step = _step(_opened(sql, user), typed, now)
    if step is not None and step > (user.totp_step or 0):
        staff.change(sql, user, totp_step=step)
        seal(sql, user.id)
        return None
    code, kept = codes.normalise(typed), _recovery(user)
    mac = _mac(sql, user.id, code) if code else b""
    if mac not in kept:
        raise CodeRefused
    left = [one for one in kept if one != mac]
    staff.change(sql, user, recovery=b"".join(left))
    staff.record(sql, AuditAction.RECOVERY_CODE_USED, user.id, member.acting_as(), now, f"{len(left)} left")
    return len(left)


def new_recovery_codes(sql: Connection, member: Member, *, now: datetime) -> list[str]:
    """New recovery codes, shown this once; the older ones end. Raises StaffError without a second factor."""
    staff.hold(sql)
    user = staff.known(sql, member.id)
    if user.totp is None:
        raise StaffError("Set up a second factor first; its recovery codes come with it.")
    made = [codes.new_code() for _ in range(RECOVERY_CODES)]
    staff.change(sql, user, recovery=_macs(sql, user.id, made))
    staff.record(sql, AuditAction.RECOVERY_CODES_MADE, user.id, member.acting_as(), now)
    return [codes.shown(code) for code in made]


def recovery_codes_left(sql: Connection, id: str) -> int:
    """How many recovery codes an account has."""
    return len(_recovery(staff.known(sql, id)))


def an_admin_has_one(sql: Connection) -> bool:
    """Whether there is an admin who signs in with a second factor."""
    admins = select(USERS.c.id).join(ROLES, ROLES.c.user_id == USERS.c.id)
    one = admins.where(USERS.c.active, USERS.c.totp.is_not(None), ROLES.c.role == Role.ADMIN.value)
    return bool(sql.scalar(select(exists(one))))


def without_one(sql: Connection) -> list[str]:
    """The addresses of the accounts in use that have no second factor."""
    wanted = select(USERS.c.email).where(USERS.c.active, USERS.c.totp.is_(None)).order_by(USERS.c.email)
    return list(sql.scalars(wanted))


def _step(secret: str, typed: str, now: datetime) -> int | None:
    """The number of this moment's 30 seconds, if the code is of it."""
    code = "".join(unicodedata.normalize("NFKC", typed).split())
    totp = pyotp.TOTP(secret)
    if len(code) != _DIGITS or not code.isascii() or not code.isdigit() or not totp.verify(code, for_time=now):
        return None
    return totp.timecode(now)


def _bound(id: str) -> tuple[str, ...]:
    return ("staff_user", "totp", id)


def _sealed(sql: Connection, id: str, secret: str) -> bytes:
    return at_hand(sql).wrap(secret.encode(), associated_data=_bound(id))


def _opened(sql: Connection, user: Row[Any]) -> str:
    return at_hand(sql).unwrap(user.totp, associated_data=_bound(user.id)).decode()


def _mac(sql: Connection, id: str, code: str) -> bytes:
    return at_hand(sql).mac("recovery code", id, code)


def _macs(sql: Connection, id: str, made: Sequence[str]) -> bytes:
    return b"".join(_mac(sql, id, code) for code in made)


def _recovery(user: Row[Any]) -> list[bytes]:
    kept: bytes = user.recovery or b""
    return [kept[at : at + _MAC_LENGTH] for at in range(0, len(kept), _MAC_LENGTH)]
