"""Who may have held the password of an account: whoever makes a link can open it, and so can whoever may have held
theirs (decision 0030).

Written down when somebody is invited and when a link is used, and never worked out later: what happens to the maker of
a link afterwards changes nothing about who may have opened it.
"""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from intake.accounts.tables import PasswordHolder


def holders(session: Session, id: str) -> frozenset[str]:
    """The ids of all who may have held the password of an account, its own person included."""
    held = select(PasswordHolder.holder_id).where(PasswordHolder.user_id == id)
    return frozenset(session.scalars(held)) | {id}


def pass_on(session: Session, maker: str, id: str) -> None:
    """Write down for good that the maker of an account's link may have held its password, and all who may have held the
    maker's."""
    new = holders(session, maker) - holders(session, id)
    session.add_all(PasswordHolder(user_id=id, holder_id=holder) for holder in new)
    session.flush()


def clear(session: Session, id: str) -> None:
    """The password came from the shell: nobody else has held it. What the account has passed on stays."""
    session.execute(delete(PasswordHolder).where(PasswordHolder.user_id == id))
