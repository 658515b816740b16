"""Which roles an account holds, and who may change them: separation of duties (decision 0030).

A clinician reads who somebody is, an admin takes data out and makes accounts. Both in one account is for two admins to
agree on, one who asks and one who confirms, or for the shell. Nobody changes their own roles.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select

from intake.accounts import custody, staff
from intake.accounts.seals import is_signed, signed
from intake.accounts.staff import Role, StaffError, State
from intake.accounts.tables import REQUESTS
from intake.records import sessions
from intake.records.audit import COMMAND_LINE, Agent, AuditAction

BOTH: Final = frozenset({Role.CLINICIAN, Role.ADMIN})  # what one account holds only if two admins agree

NOT_APART: Final = (
    "The admin who asks, the admin who confirms and this account must be independent: none set up by a link of "
    "another, no two by links of the same admin, and whoever asks for themselves by no link at all. Ask another admin, "
    "or whoever runs the server: “intake staff roles”."
)

NOTHING_WAITS: Final = "Nothing waits on this account any more."


@dataclass(frozen=True, slots=True)
class PendingRoles:
    """A request that one account hold both roles: who asked and when, and why this reader cannot confirm it, if so."""

    asked_by: str
    asked_at: datetime
    hindrance: str | None


def change(sql: Connection, who: str, wanted: Collection[Role], *, agent: Agent = COMMAND_LINE, now: datetime) -> bool:
    """Let an account hold just these roles; sessions end. False if another admin must confirm. Raises StaffError."""
    user = staff.begin_on(sql, who, agent)
    member = staff.member_of(sql, user)
    roles = frozenset(wanted)
    if not roles:
        raise StaffError("Choose at least one role. To close an account, disable it.", "role")
    if roles == member.roles:
        raise StaffError("The account holds exactly these roles already.", "role")
    if roles >= BOTH and agent != COMMAND_LINE:
        if member.state is not State.ACTIVE:
            raise StaffError("Only an account that is in use can hold both roles.", "role")
        if not _apart(sql, agent.id, user.id):
            raise StaffError(NOT_APART)
        if _request_on(sql, user.id) is not None:
            raise StaffError("This waits for a second admin already.")
        request = {"user_id": user.id, "requested_by": agent.id, "requested_at": now}
        sql.execute(insert(REQUESTS), signed(sql, REQUESTS, request))
        staff.record(sql, AuditAction.ROLES_REQUESTED, user.id, agent, now, detail=f"to {staff.words_of(BOTH)}")
        return False
    if user.id == agent.id:
        raise StaffError("Nobody changes their own roles; ask another admin.")
    _give(sql, user, roles, AuditAction.ROLES_CHANGED, agent, now)
    return True


def confirm(sql: Connection, who: str, *, agent: Agent, now: datetime) -> None:
    """Let an account hold both roles, as another admin asked. Raises StaffError."""
    user = staff.begin_on(sql, who, agent)
    request = _request_on(sql, user.id)
    if hindrance := NOTHING_WAITS if request is None else _hindrance(sql, request, agent.id):
        raise StaffError(hindrance)
    _give(sql, user, BOTH | staff.member_of(sql, user).roles, AuditAction.ROLES_CONFIRMED, agent, now)


def turn_away(sql: Connection, who: str, *, agent: Agent, now: datetime) -> None:
    """Leave an account's roles as they are, whatever was asked; any admin may, the asker too. Raises StaffError."""
    user = staff.begin_on(sql, who, agent)
    if not staff.end_request_of(sql, user.id, agent, now):
        raise StaffError(NOTHING_WAITS)


def waiting(sql: Connection, id: str, reader: str) -> PendingRoles | None:
    """What waits for a second admin on an account, as the admin `reader` sees it."""
    request = _request_on(sql, id)
    if request is None:
        return None
    asked_by = staff.account(sql, request.requested_by).name
    return PendingRoles(asked_by, request.requested_at, _hindrance(sql, request, reader))


def waiting_accounts(sql: Connection) -> frozenset[str]:
    """The ids of the accounts on which something waits."""
    return frozenset(sql.scalars(select(REQUESTS.c.user_id)))


def _request_on(sql: Connection, id: str) -> Row[Any] | None:
    row = sql.execute(select(REQUESTS).where(REQUESTS.c.user_id == id)).one_or_none()
    return row if row is not None and is_signed(sql, REQUESTS, row) else None


def _hindrance(sql: Connection, request: Row[Any], confirming: str) -> str | None:
    """Why an admin cannot confirm a request: two people must have agreed, and neither may be whom it is about."""
    if confirming == request.requested_by:
        return "You asked for this; another admin has to confirm it."
    if confirming == request.user_id:
        return "This is your own account; an admin who did not ask for it has to confirm."
    asking, about = request.requested_by, request.user_id
    staff.refuse_altered(sql, staff.known(sql, asking))
    return None if _apart(sql, confirming, asking, about) and _apart(sql, asking, about) else NOT_APART


def _apart(sql: Connection, one: str, *others: str) -> bool:
    """Whether nobody can have held the passwords of this account and of another; of itself, nobody but its person."""
    held = custody.holders(sql, one)
    return not any(held & custody.holders(sql, other) - ({one} if other == one else set()) for other in others)


def _give(
    sql: Connection, user: Row[Any], roles: frozenset[Role], action: AuditAction, agent: Agent, now: datetime
) -> None:
    before = staff.member_of(sql, user)
    staff.put_roles(sql, user, roles)
    staff.keep_an_admin(sql, before)
    if Role.ADMIN not in roles:
        staff.withdraw(sql, user.id)
    if roles >= BOTH:
        staff.end_link_of(sql, user.id)  # it would give both roles to whoever made it
    sql.execute(delete(REQUESTS).where(REQUESTS.c.user_id == user.id))
    sessions.close_all(sql, user.id)
    staff.record(sql, action, user.id, agent, now, detail=f"from {before.role_words} to {staff.words_of(roles)}")
