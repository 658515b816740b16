"""Through whose hands the password of an account came: whoever makes a link can open it, and so can whoever opened
theirs (decision 0030).

Written down when somebody is invited and when a link is used, and never worked out anew: what happened to the maker of
a link later changes nothing about whom it has passed.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from intake.accounts.tables import HANDS


def of(sql: Connection, id: str) -> frozenset[str]:
    """The ids of all who may have held the password of an account, its own person included."""
    return frozenset(sql.scalars(select(HANDS.c.hand_id).where(HANDS.c.user_id == id))) | {id}


def pass_on(sql: Connection, maker: str, id: str) -> None:
    """Write down for good that an account came from the maker of its link, and from everybody from whom the maker's own
    came."""
    if new := of(sql, maker) - of(sql, id):
        sql.execute(insert(HANDS), [{"user_id": id, "hand_id": hand} for hand in new])


def clear(sql: Connection, id: str) -> None:
    """The password came from the shell, from nobody's hands. What the account has passed on stays."""
    sql.execute(delete(HANDS).where(HANDS.c.user_id == id))
