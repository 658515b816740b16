"""Which roles an account holds, and who may change them: separation of duties (decision 0030).

A clinician reads who somebody is, an admin takes data out and makes accounts. Both in one account is for two admins to
agree on, one who asks and one who confirms, or for the shell. Nobody changes their own roles.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from intake.accounts import custodians, staff
from intake.accounts.staff import COMMAND_LINE, Agent, Role, StaffError, State
from intake.accounts.tables import RoleRequest, StaffUser
from intake.records import sessions
from intake.records.audit import AuditAction

BOTH: Final = frozenset({Role.CLINICIAN, Role.ADMIN})
"""What one account holds only if two admins agree."""

NOT_APART: Final = (
    "Whoever asks, whoever confirms and this account must have come in apart: none by a link of another, no two "
    "by links of one and the "
    "same admin, and who asks for themselves by no link at all. Ask another admin, or whoever runs the server: "
    "“intake staff roles”."
)

NOTHING_WAITS: Final = "Nothing waits on this account any more."


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that one account hold both roles: who asked and when, and why this reader cannot confirm it, if so."""

    asked_by: str
    asked_at: datetime
    hindrance: str | None


def change(session: Session, who: str, wanted: Collection[Role], *, agent: Agent = COMMAND_LINE, now: datetime) -> bool:
    """Let an account hold exactly these roles; its sessions end. False if a second admin has to confirm first. Raises
    StaffError."""
    staff.begin(session, agent)
    user = staff.known(session, who)
    member = staff.member_of(session, user)
    roles = frozenset(wanted)
    if not roles:
        raise StaffError("Choose at least one role. To close an account, disable it.", "role")
    if roles == member.roles:
        raise StaffError("The account holds exactly these roles already.", "role")
    if roles >= BOTH and agent != COMMAND_LINE:
        if member.state is not State.ACTIVE:
            raise StaffError("Only an account that is in use can hold both roles.", "role")
        if not _apart(session, agent.id, user.id):
            raise StaffError(NOT_APART)
        _ask(session, user, agent, now)
        return False
    if user.id == agent.id:
        raise StaffError("Nobody changes their own roles; ask another admin.")
    _give(session, user, roles, AuditAction.ROLES_CHANGED, agent, now)
    return True


def confirm(session: Session, who: str, *, agent: Agent, now: datetime) -> None:
    """Let an account hold both roles, as another admin asked. Raises StaffError."""
    staff.begin(session, agent)
    user = staff.known(session, who)
    if hindrance := _hindrance(session, _request(session, user), agent.id):
        raise StaffError(hindrance)
    _give(session, user, BOTH, AuditAction.ROLES_CONFIRMED, agent, now)


def turn_away(session: Session, who: str, *, agent: Agent, now: datetime) -> None:
    """Leave an account's roles as they are, whatever was asked; any admin may, who asked included. Raises
    StaffError."""
    staff.begin(session, agent)
    user = staff.known(session, who)
    if not staff.end_request_of(session, user.id, agent, now):
        raise StaffError(NOTHING_WAITS)


def waiting(session: Session, id: str, reader: str) -> Waiting | None:
    """What waits for a second admin on an account, as the admin `reader` sees it."""
    request = session.get(RoleRequest, id)
    if request is None:
        return None
    return Waiting(
        staff.account(session, request.requested_by).name, request.requested_at, _hindrance(session, request, reader)
    )


def waiting_accounts(session: Session) -> frozenset[str]:
    """The ids of the accounts on which something waits."""
    return frozenset(session.scalars(select(RoleRequest.user_id)))


def _ask(session: Session, user: StaffUser, agent: Agent, now: datetime) -> None:
    if session.get(RoleRequest, user.id) is not None:
        raise StaffError("This waits for a second admin already.")
    session.add(RoleRequest(user_id=user.id, requested_by=agent.id, requested_at=now))
    session.flush()
    staff.record(session, AuditAction.ROLES_REQUESTED, user.id, agent, now, detail=f"to {staff.words_of(BOTH)}")


def _request(session: Session, user: StaffUser) -> RoleRequest:
    found = session.get(RoleRequest, user.id)
    if found is None:
        raise StaffError(NOTHING_WAITS)
    return found


def _hindrance(session: Session, request: RoleRequest, confirming: str) -> str | None:
    """Why an admin cannot confirm a request: two people must have agreed, and neither may be whom it is about."""
    if confirming == request.requested_by:
        return "You asked for this; another admin has to confirm it."
    if confirming == request.user_id:
        return "This is your own account; an admin who did not ask for it has to confirm."
    if not _apart(session, confirming, request.requested_by, request.user_id) or not _apart(
        session, request.requested_by, request.user_id
    ):
        return NOT_APART
    return None


def _apart(session: Session, one: str, *others: str) -> bool:
    """Whether nobody can have held the password of this account and of one of the others; of itself, nobody but its own
    person."""
    held = custodians.of(session, one)
    return not any(held & custodians.of(session, other) - ({one} if other == one else set()) for other in others)


def _give(
    session: Session, user: StaffUser, roles: frozenset[Role], action: AuditAction, agent: Agent, now: datetime
) -> None:
    before = staff.member_of(session, user)
    staff.put_roles(session, user, roles)
    staff.keep_an_admin(session, before)
    if Role.ADMIN not in roles:
        staff.withdraw(session, user.id)
    if roles >= BOTH:
        staff.end_link_of(session, user.id)  # it would give both roles to whoever made it
    session.execute(delete(RoleRequest).where(RoleRequest.user_id == user.id))
    sessions.close_all(session, user.id)
    staff.record(session, action, user.id, agent, now, detail=f"from {before.role_words} to {staff.words_of(roles)}")
