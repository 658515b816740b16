"""Custodians of an account: all who may have held its password. Whoever makes a link can open it, and so can whoever
opened theirs (decision 0030).

Written down when somebody is invited and when a link is used, and never worked out again: what happened to the maker of
a link later changes nothing about whom it has passed.
"""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from intake.accounts.tables import StaffCustodian


def of(session: Session, id: str) -> frozenset[str]:
    """The ids of all who may have held the password of an account, its own person included."""
    return frozenset(session.scalars(select(StaffCustodian.hand_id).where(StaffCustodian.user_id == id))) | {id}


def pass_on(session: Session, maker: str, id: str) -> None:
    """Write down for good that an account came from the maker of its link, and from everybody from whom the maker's own
    came."""
    session.add_all(StaffCustodian(user_id=id, hand_id=one) for one in of(session, maker) - of(session, id))
    session.flush()


def clear(session: Session, id: str) -> None:
    """The password came from the shell, so nobody else has held it. What the account has passed on stays."""
    session.execute(delete(StaffCustodian).where(StaffCustodian.user_id == id))
